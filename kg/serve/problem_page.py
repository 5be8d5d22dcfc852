"""A problem as a page in the look of the site, for who would rather have HTML than a problem document (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from markupsafe import escape

from kg.formats import MEDIA_TYPES, PROBLEM, content_type
from kg.publish.frame import NOT_FOUND
from kg.serve.negotiate import choose
from kg.serve.problems import Problem
from kg.serve.reply import Reply
from kg.serve.resources import Resources

_OFFERS: Final = ((PROBLEM, "application/json"), (MEDIA_TYPES["html"],))
"""The document first: it is for who has no preference, as programs have none."""
_NOT_FOUND: Final = "not-found"
"""Of this kind the page itself says, by links, what to do."""
_PAGE: Final = re.compile(r'(.*<title>)[^<]*( · .*<h1>)[^<]*(</h1>\s*)<p class="lead">[^<]*</p>(.*)', re.DOTALL)


class ProblemPage:
    """The page of a release for what there is not, in which any other problem can be told as well."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def reply(self, problem: Problem, accept: str | None) -> Reply:
        """A problem as the client would rather have it; as a problem document also where the release has no such page."""
        document = problem.reply(self._resources.base)
        if choose(accept, _OFFERS) != 1:
            return document
        try:
            parts = self._parts
        except OSError:  # gone from the disk, as when a release is replaced, or there is no room to open it now
            return document
        if parts is None:
            return document
        to_title, to_heading, to_lead, rest = parts
        page = f"{to_title}{problem.title}{to_heading}{problem.title}{to_lead}{_told(problem)}{rest}"
        kept = [header for header in document.headers if header[0] != "content-type"]
        return Reply(document.status, (("content-type", content_type("html")), *kept), page.encode("utf-8", errors="replace"))

    @cached_property
    def _parts(self) -> tuple[str, ...] | None:
        """What stands around title, heading and lead; nothing where there is no such page. The release is at the top of this server.

        Raises OSError, and then looks again the next time.
        """
        file = self._resources.files.get(NOT_FOUND)
        found = _PAGE.fullmatch(file.place.read_text(encoding="utf-8") if file else "")
        top = escape(urlsplit(self._resources.base).path)
        return None if found is None else tuple(part.replace(f'="{top}', '="/') for part in found.groups())


def _told(problem: Problem) -> str:
    """What is wrong, as HTML; a mistake in a query stands in lines, with a sign where it is, and what there is instead is linked."""
    links = [(each["href"], each["mediaType"]) for each in problem.more.get("available", ()) if "href" in each]
    if links:
        offered = ", ".join(f'<a href="{escape(href)}">{media_type}</a>' for href, media_type in links)
        return f'<p class="lead">It is there as {offered}.</p>'
    detail = problem.detail.partition("; ")[0] if problem.kind == _NOT_FOUND else problem.detail
    said = escape(detail[:1].upper() + detail[1:])
    return f'<pre class="problem">{said}</pre>' if "\n" in said else f'<p class="lead">{said}.</p>'
