"""``.htaccess``, by which Apache answers for a release (https://httpd.apache.org/docs/2.4/howto/htaccess.html)."""

from __future__ import annotations

import re

from kg.publish.elsewhere import GRAPHS
from kg.publish.frame import NOT_FOUND
from kg.publish.rules import HEADERS, HTML_ASKED, Rules

_HEAD = """# How Apache answers for this release, wherever its folder is: needs mod_rewrite, mod_headers and mod_mime, and for the folder
# Options FollowSymLinks
# AllowOverride FileInfo Indexes Options=Indexes,MultiViews,FollowSymLinks
#
# An IRI that is no file, such as disease/X, is answered with 303: the page where text/html is asked for without a weight, else the
# first type that the Accept header names and that is there, else the page. Weights are ignored otherwise, also q=0.
Options -Indexes -MultiViews
DirectoryIndex index.html
DirectorySlash Off
AddDefaultCharset Off
"""


_PAGE = "\0"
_NOT_FOUND = [
    "# The page for what there is not is in this folder, wherever that is",
    "RewriteCond $0#%{REQUEST_URI} ^([^#]*)#/(.*)\\1$",
    "RewriteRule ^.*$ - [E=KG_HERE:%2]",
    f"ErrorDocument 404 /%{{escape:%{{reqenv:KG_HERE}}}}{NOT_FOUND}",
    "",
]


def htaccess(rules: Rules) -> str:
    """The text of ``.htaccess``. It names no path prefix: it holds for the folder in which it lies."""
    lines = [_HEAD]
    lines += [f'AddType "{type_}" .{extension}' for extension, type_ in rules.types.items() if re.fullmatch(r"\w+", extension)]
    lines += [_for_files(extension, f'ForceType "{type_}"') for extension, type_ in rules.types.items() if "." in extension]
    lines += ["RemoveEncoding .gz", ""]
    lines += [f'Header always set {name} "{value}"' for name, value in HEADERS.items()]
    lines += [
        "",
        "RewriteEngine On",
        *_NOT_FOUND,
        *_withdrawn(rules),
        *_well_known(rules),
        *_elsewhere(rules),
        *_dataset(rules),
        *_negotiated(rules),
        *_links(rules),
        *_compressed(rules),
    ]
    return "".join(f"{line}\n" for line in lines)


def _for_files(extension: str, directive: str) -> str:
    return f'<FilesMatch "(^|\\.){re.escape(extension)}$">\n    {directive}\n</FilesMatch>'


def _withdrawn(rules: Rules) -> list[str]:
    """The tombstone is the document of the error, so it is asked for a second time, within Apache, and must then be handed out."""
    if not rules.withdrawn:
        return []
    lines = [
        "# What was withdrawn: 410 with its tombstone",
        "RewriteCond %{ENV:REDIRECT_STATUS} =410",
        "RewriteRule ^ - [END]",
        "RewriteCond %{REQUEST_URI} ^/(.*/)?[^/]+/[^/]+$",
        "RewriteRule ^[^/]+/[^/]+$ - [E=KG_ABOVE:%1]",
    ]
    gone = "RewriteCond %{ENV:KG_GONE} ."
    for path in rules.withdrawn:
        lines += [rf"RewriteRule ^{re.escape(path)}(?:\.({rules.tombstones}))?$ - [E=KG_GONE:%{{ENV:KG_ABOVE}}{path},E=KG_FORM:$1]"]
    lines += [gone, "RewriteCond %{ENV:KG_FORM} ^$", "RewriteRule ^ - [E=KG_VARY:1]"]
    for accept, extension in rules.accepted.items():
        lines += [gone, "RewriteCond %{ENV:KG_FORM} ^$", f"RewriteCond %{{HTTP_ACCEPT}} !{HTML_ASKED}"]
        lines += [f'RewriteCond %{{HTTP_ACCEPT}} "{accept}"', f"RewriteRule ^ - [E=KG_FORM:{extension}]"]
    lines += [gone, "RewriteCond %{ENV:KG_FORM} ^$", "RewriteRule ^ - [E=KG_FORM:html]", gone, "RewriteRule ^ - [R=410,END]"]
    lines += ["ErrorDocument 410 /%{escape:%{reqenv:KG_GONE}}.%{reqenv:KG_FORM}", "Header always merge Vary Accept env=REDIRECT_KG_VARY"]
    for path in rules.withdrawn:
        if link := rules.successors(path):
            asked = rf"expr=%{{REQUEST_URI}} =~ m#/{re.escape(path)}(\.({rules.tombstones}))?$#"
            lines += [f'Header always set Link "{_in_header(link)}" "{asked}"']
    return [*lines, ""]


def _well_known(rules: Rules) -> list[str]:
    return [
        "# Where the description of the dataset is looked for, if this is the folder of the whole host",
        r"RewriteCond %{REQUEST_URI} ^(.*)/\.well-known/void$",
        r"RewriteRule ^\.well-known/void$ %1/void.ttl [R=302,END]",
        "",
    ]


def _elsewhere(rules: Rules) -> list[str]:
    """Within Apache such an IRI becomes that of the thing whose documents tell of it, once, and is then answered as that is."""
    lines = ["# What has no document of its own: those of what tells of it; a file is none"]
    once = "RewriteCond %{ENV:REDIRECT_KG_TOLD} !=1"
    for path, there in rules.told.items():
        lines += [once, f'RewriteRule "^{re.escape(path)}$" "/%{{ENV:KG_HERE}}{there}" [E=KG_TOLD:1,L]']
    lines += [once, f"RewriteRule ^{re.escape(GRAPHS)}(.+)$ /%{{ENV:KG_HERE}}$1 [E=KG_TOLD:1,L]"]
    return [*lines, "RewriteCond %{ENV:REDIRECT_KG_TOLD} =1", "RewriteCond %{REQUEST_FILENAME} -f", "RewriteRule ^ - [R=404,END]", ""]


def _dataset(rules: Rules) -> list[str]:
    path = re.escape(rules.dataset)
    turtle = next(accept for accept, extension in rules.accepted.items() if extension == "ttl")
    return [
        "# The dataset itself",
        f"RewriteCond %{{REQUEST_URI}} ^(.*/){path}$",
        f"RewriteRule ^{path}$ - [E=KG_TOP:%1,E=KG_VARY:1]",
        f"RewriteCond %{{HTTP_ACCEPT}} !{HTML_ASKED}",
        f'RewriteCond %{{HTTP_ACCEPT}} "{turtle}"',
        f"RewriteRule ^{path}$ %{{ENV:KG_TOP}}void.ttl [R=303,END]",
        f"RewriteRule ^{path}$ %{{ENV:KG_TOP}}dataset.html [R=303,END]",
        "",
    ]


def _negotiated(rules: Rules) -> list[str]:
    lines = [
        "# An IRI that has a page: the page, or what is asked for",
        "RewriteCond %{PATH_INFO} ^$",
        "RewriteCond %{REQUEST_FILENAME} !-f",
        "RewriteCond %{REQUEST_FILENAME}.html -f",
        "RewriteRule ^ - [E=KG_VARY:1]",
    ]
    for accept, extension in (rules.accepted | rules.rows).items():
        lines += [
            "RewriteCond %{ENV:KG_VARY} =1",
            f"RewriteCond %{{HTTP_ACCEPT}} !{HTML_ASKED}",
            f'RewriteCond %{{HTTP_ACCEPT}} "{accept}"',
            f"RewriteCond %{{REQUEST_FILENAME}}.{extension} -f",
            f"RewriteRule ^ %{{REQUEST_URI}}.{extension} [R=303,END]",
        ]
    return [
        *lines,
        "RewriteCond %{ENV:KG_VARY} =1",
        "RewriteRule ^ %{REQUEST_URI}.html [R=303,END]",
        "Header always merge Vary Accept env=KG_VARY",
        "",
        "# A folder without a page is nothing",
        "RewriteCond %{REQUEST_FILENAME} -d",
        "RewriteCond %{REQUEST_FILENAME}/index.html !-f",
        "RewriteRule ^ - [R=404,END]",
        "",
    ]


def _in_header(text: str) -> str:
    """A text in quotes, as the value of a header, where a percent sign begins a variable."""
    return text.replace("%", "%%").replace('"', '\\"').replace(_PAGE, "%{KG_PAGE}e")


def _links(rules: Rules) -> list[str]:
    page, home = (_in_header(text) for text in (rules.page_link(_PAGE), rules.home_link))
    return [
        "# Where a program finds what belongs to a page (https://signposting.org/FAIR/)",
        rf"RewriteRule ^{re.escape(rules.folder)}/([^/]+)\.html$ - [E=KG_PAGE:$1]",
        f'Header set Link "{page}" env=KG_PAGE',
        "# the home page is found by way of its folder, so its variable is renamed",
        r"RewriteRule ^((index|dataset)\.html)?$ - [E=KG_HOME:1]",
        f'Header set Link "{home}" env=KG_HOME',
        f'Header set Link "{home}" env=REDIRECT_KG_HOME',
        "",
    ]


def _compressed(rules: Rules) -> list[str]:
    lines = ["# The compressed twin of a dump, for who can unpack it on the way; asked for by its own name it is a file like others"]
    for extension in rules.compressed:
        lines += [
            "RewriteCond %{ENV:REDIRECT_KG_TWIN} =1",
            rf'RewriteRule \.{extension}\.gz$ - "[T={rules.types[extension]},E=KG_PACKED:1,E=no-gzip:1,END]"',
            "RewriteCond %{HTTP:Accept-Encoding} gzip",
            "RewriteCond %{REQUEST_FILENAME}.gz -f",
            rf"RewriteRule ^(.+\.{extension})$ $1.gz [E=KG_TWIN:1,L]",
        ]
    listed = "|".join(rules.compressed)
    return [
        *lines,
        "Header set Content-Encoding gzip env=KG_PACKED",
        rf'<FilesMatch "\.({listed})(\.gz)?$">',
        "    Header merge Vary Accept-Encoding",
        "</FilesMatch>",
    ]
