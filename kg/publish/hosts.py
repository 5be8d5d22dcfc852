"""Files by which a static host answers as an IRI should be answered: for Apache, nginx, Netlify and Cloudflare Pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from kg.publish.apache import htaccess
from kg.publish.content import Content
from kg.publish.deployed import headers, redirects
from kg.publish.nginx import nginx
from kg.publish.rules import Rules, rules_of
from kg.publish.written import Written

HOSTS: Final[dict[str, Callable[[Rules], str]]] = {
    ".htaccess": htaccess,
    "nginx.conf": nginx,
    "_headers": headers,
    "_redirects": redirects,
}
"""What makes the file that a host reads, by its path."""


def hosts(content: Content, written: Written) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the files for hosts."""
    rules = rules_of(content, written)
    for path, made in HOSTS.items():
        yield path, made(rules).encode()
