"""A hundred texts that would like to be more than text: markup, attributes, links, templates, controls that reorder or vanish."""

from __future__ import annotations

_TAGS = [
    "script",
    "img src=x onerror=alert(1)",
    "svg onload=alert(1)",
    "iframe src=javascript:alert(1)",
    "style",
    "title",
    "textarea",
    "base href=//evil/",
]
_CLOSERS = [
    "</title>",
    "</script>",
    "</style>",
    "</p></li></ul></main>",
    "</a>",
    "</bdi>",
    "</details>",
    "</svg>",
    "</desc>",
    "</table>",
    "</dl>",
    "</noscript>",
]
_QUOTES = [
    '"',
    "'",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    '"><b>',
    "'><b>",
    "`",
    '\\"',
    "&quot;><b>",
    "&#34;&gt;&lt;b&gt;",
]
_LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
]
_ENTITIES = ["&", "&amp;", "&lt;b&gt;", "&#60;b&#62;", "&#x3c;b&#x3e;", "&nosuch;", "&lt", "&ltb", "&#0;", "&NewLine;"]
_TEMPLATES = [
    "{{ 7 * 7 }}",
    "{% include 'base.html' %}",
    "{# x #}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{''.__class__.__mro__}}",
    "%s%n%x",
    "{0}",
]
_COMMENTS = ["<!--", "-->", "<!-- <b>", "<![CDATA[ <b> ]]>", "<!doctype html>", "<?xml version='1.0'?>", "--!>", "<!--><b>"]
_CONTROLS = [
    "\u202eabc",
    "\u2066\u202e<b>",
    "\u200f",
    "\u200b",
    "\ufeff<b>",
    "\u2028<b>",
    "\u0085",
    "\u00ad",
    "\u061c",
    "\U000e0041",
    "\ufffe",
    "\x7f",
    "\x0b<b>",
]
_ODD = [
    '<math><mi//xlink:href="data:x,<b>">',
    "<form action=//evil/>",
    "<meta http-equiv=refresh content=0;url=//evil/>",
    "<link rel=stylesheet href=//evil/>",
    "<",
    ">",
    "<>",
    "< b>",
    "<b",
    "</",
    "<a<b>",
    "<b/onclick=1>",
    "\uff1cb\uff1e",
    "+ADw-b+AD4-",
    "\u0338>",
    "]]>",
    "x" * 3000,
    "ﷺ" * 50,
    "e" + "\u0301" * 60,
    "\\u003cb\\u003e",
]

PAYLOADS = [
    *(f"<{tag}>" for tag in _TAGS),
    *_CLOSERS,
    *(f"{closer}<b>" for closer in _CLOSERS[:6]),
    *_QUOTES,
    *_LINKS,
    *_ENTITIES,
    *_TEMPLATES,
    *_COMMENTS,
    *_CONTROLS,
    *_ODD,
]
