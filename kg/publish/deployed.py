"""``_headers`` and ``_redirects``, which Netlify and Cloudflare Pages read at the top of what is deployed.

See https://docs.netlify.com/routing/headers/, https://docs.netlify.com/routing/redirects/ and
https://developers.cloudflare.com/pages/configuration/headers/. What is deployed is the release, so paths begin at its top.
Neither can choose by Accept header. Both answer ``disease/X`` with the page itself, so no rule is made for it: Cloudflare takes
``.html`` away again, and a redirect to it would go round in circles. Nor can either answer 410: what was withdrawn has its tombstone
there as a page like others. Both show ``404.html`` by themselves; its links, and IRIs with the path of the base IRI, lead to the top,
unless a file of the release is at that path: Cloudflare follows a redirect even where there is a file.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from kg.publish.elsewhere import GRAPHS
from kg.publish.rules import HEADERS, Rules

_KNOWN = ("css", "gz", "html", "js", "json", "svg", "txt", "xml")
"""What both hosts know by themselves. A header that two rules give is joined by a comma, so ``.json`` must not be given here."""

_MOST = 1_900
"""So many redirects are written of things that have no document; Cloudflare reads 2,000 in all, and no file that has more."""


def headers(rules: Rules) -> str:
    """The text of ``_headers``: patterns, and under each the headers that it adds."""
    found: dict[str, dict[str, str]] = {"/*": dict(HEADERS)}
    for path in ("/", "/index.html", "/dataset.html", "/dataset"):
        found[path] = {"Link": rules.home_link}
    for extension, type_ in rules.types.items():
        if extension not in _KNOWN and re.fullmatch(r"[\w.]+", extension):
            pattern = f"/*{extension}" if "." in extension else f"/*.{extension}"
            found[pattern] = {"Content-Type": type_}
    lines = ["# Headers for Netlify and Cloudflare Pages, which read this file at the top of what is deployed"]
    for pattern, values in found.items():
        lines += [pattern, *(f"  {name}: {value}" for name, value in values.items())]
    return "".join(f"{line}\n" for line in lines)


def redirects(rules: Rules) -> str:
    """The text of ``_redirects``: from, to and status."""
    told = [(quote(path), there) for path, there in rules.told.items()][:_MOST]
    return "".join(
        f"{line}\n"
        for line in [
            "# Redirects for Netlify and Cloudflare Pages. Both answer disease/X with the page; they cannot choose by Accept header.",
            "/.well-known/void /void.ttl 302",
            f"/{rules.dataset} /dataset.html 303",
            *(f"/{path} /{'dataset' if there == rules.dataset else there}.html 303" for path, there in told),
            f"/{GRAPHS}* /:splat 303",
            *([f"{rules.prefix}* /:splat 301"] if rules.apart else []),
        ]
    )
