"""``nginx.conf``, a part of a server by which nginx answers for a release (https://nginx.org/en/docs/)."""

from __future__ import annotations

import re

from kg.publish.elsewhere import GRAPHS
from kg.publish.frame import NOT_FOUND
from kg.publish.rules import HEADERS, HTML_ASKED, Rules

_HEAD = """# How nginx answers for this release: include this file in a server whose root is such that
# root + {prefix} is the folder of the release (a link to it will do).
#
# An IRI that is no file, such as disease/X, is answered with 303: the page where text/html is asked for without a weight, else the
# first type that the Accept header names and that is there, else the page. Weights are ignored otherwise, also q=0.
"""


def nginx(rules: Rules) -> str:
    """The text of ``nginx.conf``.

    Every ``if`` stands where only the rewrite module acts, in the server or beside ``return``: elsewhere it would undo ``try_files``
    (https://www.nginx.com/resources/wiki/start/topics/depth/ifisevil/).
    """
    prefix, top = rules.prefix, re.escape(rules.prefix)
    page = _quoted(_iri(rules.page_link(_PAGE)))
    lines = [_HEAD.format(prefix=prefix), "set $kg_extension html;"]
    lines += [f"if ($http_accept ~ {_quoted(accept)}) {{ set $kg_extension {extension}; }}" for accept, extension in rules.accepted.items()]
    lines += ["set $kg_rows none;"]
    lines += [f"if ($http_accept ~ {_quoted(accept)}) {{ set $kg_rows {extension}; }}" for accept, extension in rules.rows.items()]
    lines += [f"if ($http_accept ~ {_quoted(HTML_ASKED)}) {{ set $kg_extension html; set $kg_rows none; }}", ""]
    lines += ["# Where a program finds what belongs to a page (https://signposting.org/FAIR/)", 'set $kg_link "";']
    lines += [f"if ($uri ~ {_quoted(f'^{top}{re.escape(rules.folder)}/(?<kg_page>[^/]+)[.]html$')}) {{ set $kg_link {page}; }}"]
    lines += [f"if ($uri ~ {_quoted(f'^{top}((index|dataset)[.]html)?$')}) {{ set $kg_link {_quoted(_iri(rules.home_link))}; }}", ""]
    lines += _withdrawn(rules)
    lines += ["location = /.well-known/void {", "    absolute_redirect off;", *_headers(), f"    return 302 {prefix}void.ttl;", "}", ""]
    lines += [f"location = {prefix}{rules.dataset} {{", *_redirecting()]
    lines += [f"    if ($kg_extension = ttl) {{ return 303 {prefix}void.ttl; }}", f"    return 303 {prefix}dataset.html;", "}", ""]
    lines += _elsewhere(rules)
    lines += [f"location {prefix} {{", *_headers()]
    lines += ["    add_header Link $kg_link;", _missing(rules), f"    try_files $uri $uri/index.html {_NAMED};", *_types(rules)]
    lines += [
        "    gzip_static on;",
        "    gzip_vary on;",
        "}",
        "",
        *_linksets(rules),
        f"location {_NAMED} {{",
        *_redirecting(),
        _missing(rules),
    ]
    lines += [*_see("$request_filename", "$uri"), "}"]
    return "".join(f"{line}\n" for line in lines)


_NAMED = "@kg_negotiated"
_GONE = "@kg_gone"
_PAGE = "\0"


def _quoted(text: str) -> str:
    """A string of nginx; a single-quoted one still has variables."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _iri(text: str) -> str:
    """A text with IRIs as nginx can hold it, where nothing can stand for a dollar sign."""
    return text.replace("$", "%24").replace(_PAGE, "$kg_page")


def _missing(rules: Rules) -> str:
    return f"    error_page 404 {rules.prefix}{NOT_FOUND};"


def _headers() -> list[str]:
    return [f'    add_header {name} "{value}" always;' for name, value in HEADERS.items()]


def _redirecting() -> list[str]:
    return ["    absolute_redirect off;", *_headers(), "    add_header Vary Accept always;"]


def _see(file: str, path: str) -> list[str]:
    """303 to the document of a thing, by its file without an extension and its path, both as nginx has them."""
    lines = [f"    if (!-f {file}.html) {{ return 404; }}"]
    lines += [f"    if (-f {file}.{each}) {{ return 303 {path}.{each}; }}" for each in ("$kg_rows", "$kg_extension")]
    return [*lines, f"    return 303 {path}.html;"]


def _elsewhere(rules: Rules) -> list[str]:
    lines = ["# What has no document of its own: those of what tells of it"]
    for path, there in rules.told.items():
        lines += [f"location = {_quoted(rules.prefix + path)} {{ rewrite ^ {rules.prefix}{there} last; }}"]
    lines += [f"location ~ {_quoted(f'^{re.escape(rules.prefix + GRAPHS)}(?<kg_told>.+)$')} {{", *_redirecting(), _missing(rules)]
    return [*lines, *_see(f"$document_root{rules.prefix}$kg_told", f"{rules.prefix}$kg_told"), "}", ""]


def _withdrawn(rules: Rules) -> list[str]:
    """A location for each withdrawn thing, and one for the tombstones, which are files like others but for the status."""
    if not rules.withdrawn:
        return []
    lines = ["# What was withdrawn: 410 with its tombstone", 'set $kg_vary "";']
    for path in rules.withdrawn:
        pattern = f"^{re.escape(rules.prefix + path)}(?:[.](?<kg_form>{rules.tombstones}))?$"
        lines += [f"location ~ {_quoted(pattern)} {{", "    set $kg_gone $kg_form;"]
        lines += ['    if ($kg_gone = "") { set $kg_gone $kg_extension; set $kg_vary Accept; }']
        lines += [f"    set $kg_link {_quoted(_iri(rules.successors(path)))};"]
        lines += [f"    set $kg_tombstone {_quoted(f'{rules.prefix}{path}.$kg_gone')};"]
        lines += [f"    error_page 410 {_GONE};", "    return 410;", "}"]
    lines += [f"location {_GONE} {{", *_headers()]
    lines += ["    add_header Link $kg_link always;", "    add_header Vary $kg_vary always;"]
    return [*lines, "    try_files $kg_tombstone =404;", *_types(rules), "}", ""]


def _types(rules: Rules) -> list[str]:
    """The table of types; what has a charset has it by ``charset_types``, since nginx adds it only to the types listed there."""
    bare = {extension: type_.partition(";")[0] for extension, type_ in rules.types.items() if re.fullmatch(r"\w+", extension)}
    with_charset = sorted({type_.partition(";")[0] for type_ in rules.types.values() if ";" in type_} - {"text/html"})
    lines = [f"        {type_} {extension};" for extension, type_ in bare.items()]
    return ["    types {", *lines, "    }", "    charset utf-8;", f"    charset_types {' '.join(with_charset)};"]


def _linksets(rules: Rules) -> list[str]:
    """Files with a longer extension, which nginx's table of types cannot tell from others."""
    lines = []
    for extension, type_ in rules.types.items():
        if "." in extension:
            pattern = _quoted(f"^{re.escape(rules.prefix)}(.*[/.])?{re.escape(extension)}$")
            lines += [f"location ~ {pattern} {{", *_headers()]
            lines += [_missing(rules), "    types { }", f"    default_type {type_};", "}", ""]
    return lines
