"""The files of a release over HTTP: the same bytes as on a static host, 303 from a thing to the document that fits.

What was withdrawn is answered with 410 and its tombstone.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import parse_qs, quote

from kg.publish.signposting import SUCCESSOR
from kg.publish.templating import VERSION
from kg.serve.cache import Cache
from kg.serve.conditional import failed, ranged, span, unmodified
from kg.serve.links import link_header
from kg.serve.negotiate import accepts_gzip, choose
from kg.serve.problems import Problem, method_not_allowed
from kg.serve.reply import Headers, Reply, Stretch, preflight, see_other
from kg.serve.resources import File, Resources

METHODS: Final = "GET, HEAD, OPTIONS"
_COMPRESSED_ON_DEMAND: Final = 1 << 20
_WORTH_COMPRESSING: Final = 1 << 10
_CACHED: Final = ("cache-control", "public, no-cache")
"""A copy may be kept, and is asked about each time: a new release is seen at once."""
_NAMED_BY_PAGES: Final = "assets/"
_QUERY: Final = "%!$&'()*+,;=:@/?-._~"
"""What stands in the query of an address as it is (RFC 3986, 3.4), with the sign of what is encoded already."""
_SOON: Final = (("retry-after", "1"),)


@dataclass(frozen=True)
class Representation:
    """What a file is sent as: its tag, its headers, and its bytes where they are few."""

    etag: str
    headers: Headers
    body: bytes | Stretch

    @cached_property
    def whole(self) -> Reply:
        """The answer with all of it."""
        return Reply(200, self.headers, self.body)


class Site:
    """The resources of one release, and those of its bytes that are kept in memory.

    Pages name what belongs to them with its hash (``assets/site.css?v=…``). Whoever has a page of a release before gets its bytes
    from there, as long as they are kept.
    """

    def __init__(self, resources: Resources, cache_bytes: int, before: Site | None = None) -> None:
        self.resources = resources
        self._cache: Cache[Representation] = Cache(cache_bytes)
        self._earlier: Cache[Representation] = before._earlier if before else Cache(cache_bytes)

    def named_by_pages(self) -> Iterator[tuple[File, Representation]]:
        """What pages of this release name with its hash, as it is on disk; what has gone from there is left out."""
        for file in self.resources.files.values():
            if file.path.startswith(_NAMED_BY_PAGES):
                with suppress(OSError):
                    body = file.place.read_bytes()
                    yield file, Representation(file.etag, self._headers(file, file.etag, body), body)

    def keep(self, files: Iterable[tuple[File, Representation]]) -> None:
        """Keep files of a release before, under the names that its pages have for them."""
        for file, shown in files:
            self._earlier.put((file.path, file.sha256[:VERSION]), shown, file.size)

    def reply(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> Reply:
        """The answer to a request for a path, without its first slash. Raises Problem."""
        file = self.resources.files.get(path)
        thing = () if file else self.resources.things.get(path, ())
        earlier = self._of_before(path, file, query) if query else None
        if file is None and not thing and earlier is None:
            raise Problem(404, "not-found", f"there is no /{path} in this release; what there is stands in /manifest.json")
        if method == "OPTIONS":
            return preflight(METHODS)
        if method not in ("GET", "HEAD"):
            raise method_not_allowed(method, METHODS)
        headers = ranged(method, headers)
        if earlier is not None:
            return _sent(earlier, headers)
        withdrawn = path in self.resources.gone
        if file is None and path and not withdrawn:
            return self._see_document(path, thing, query, headers.get("accept"))
        try:
            if withdrawn:
                return self._gone(path, file or _fitting(thing, query, headers.get("accept")) or thing[0], headers)
            return self._file(file or thing[0], headers)
        except FileNotFoundError:
            raise Problem(503, "replaced", f"/{path} is gone from the disk, as when a release is replaced; try again", _SOON) from None

    def _of_before(self, path: str, file: File | None, query: str) -> Representation | None:
        """The file of a release before that a page of it names; nothing where the one of this release is meant."""
        wanted = parse_qs(query).get("v", [""])[-1]
        return None if file and file.sha256.startswith(wanted) else self._earlier.get((path, wanted))

    def _gone(self, path: str, file: File, headers: Mapping[str, str]) -> Reply:
        """410 with the tombstone, whole: conditions and ranges are for what is there (RFC 9110, 13.2.1 and 14.2)."""
        shown = self._representation(file, accepts_gzip(headers.get("accept-encoding")))
        kept = tuple(header for header in shown.headers if header[0] not in ("accept-ranges", "link", "vary"))
        successors = [f'</{quote(each)}>; rel="{SUCCESSOR}"' for each in self.resources.gone[path]]
        links = ", ".join([*successors, alternates(self.resources.siblings(file))])
        vary = "Accept-Encoding" if path == file.path else "Accept, Accept-Encoding"
        return Reply(410, (*kept, ("vary", vary), ("link", links)), shown.body)

    def _see_document(self, path: str, documents: tuple[File, ...], query: str, accept: str | None) -> Reply:
        fitting = _fitting(documents, query, accept)
        if fitting is None:
            raise not_acceptable(path, documents)
        kept = f"?{quote(query, safe=_QUERY)}" if query and fitting.is_page and "format" not in parse_qs(query) else ""
        return see_other(f"/{quote(fitting.path)}{kept}", (("vary", "Accept"), _CACHED, ("link", alternates(documents))))

    def _file(self, file: File, headers: Mapping[str, str]) -> Reply:
        coded = "range" not in headers and accepts_gzip(headers.get("accept-encoding"))
        shown = self._representation(file, coded)
        if failed(headers, shown.etag):
            raise Problem(412, "precondition-failed", "the file is no longer the one that If-Match names")
        if unmodified(headers, shown.etag):
            return Reply(304, tuple(header for header in shown.headers if header[0] not in ("content-type", "content-encoding", "link")))
        wanted = None if coded else span(headers, shown.etag, file.size)
        if wanted is None:
            return shown.whole
        if wanted.start >= wanted.end:
            detail = f"the file has {file.size} bytes"
            raise Problem(416, "range-not-satisfiable", detail, (("content-range", f"bytes */{file.size}"),))
        there = ("content-range", f"bytes {wanted.start}-{wanted.end - 1}/{file.size}")
        part = Stretch(file.place, wanted.start, wanted.end - wanted.start)
        return Reply(206, (*shown.headers, there), part)

    def _representation(self, file: File, coded: bool) -> Representation:
        kept = self._cache.get((file.path, coded))
        if kept is not None:
            return kept
        made = self._gzipped(file) if coded else None
        if made is None:
            small = file.size <= _COMPRESSED_ON_DEMAND
            body = file.place.read_bytes() if small else Stretch(file.place, 0, file.size)
            made = Representation(file.etag, self._headers(file, file.etag, body), body)
        self._cache.put((file.path, coded), made, len(made.body) if isinstance(made.body, bytes) else 0)
        return made

    def _gzipped(self, file: File) -> Representation | None:
        """The twin that the release has, or what is small enough to be made one; nothing where that is not worth it."""
        compressible = file.media_type.startswith("text/") or file.media_type.endswith(("json", "xml", "n-triples", "n-quads", "trig"))
        if file.twin is not None:
            etag, body = file.twin.etag, Stretch(file.twin.place, 0, file.twin.size)
            return Representation(etag, (*self._headers(file, etag, b""), ("content-encoding", "gzip")), body)
        if not compressible or not _WORTH_COMPRESSING <= file.size <= _COMPRESSED_ON_DEMAND:
            return None
        plain = file.place.read_bytes()
        etag = f'{file.etag[:-1]}-gzip"'
        return Representation(
            etag, (*self._headers(file, etag, plain), ("content-encoding", "gzip")), gzip.compress(plain, compresslevel=6, mtime=0)
        )

    def _headers(self, file: File, etag: str, body: bytes | Stretch) -> Headers:
        links = link_header(file, body if isinstance(body, bytes) else b"", self.resources)
        linked: Headers = (("link", links),) if links else ()
        always = (("content-type", file.content_type), ("etag", etag), ("vary", "Accept-Encoding"), ("accept-ranges", "bytes"), _CACHED)
        return (*always, *linked)


def _sent(shown: Representation, headers: Mapping[str, str]) -> Reply:
    """The whole of a file of a release before, or that the client has it."""
    return Reply(304, (("etag", shown.etag),)) if unmodified(headers, shown.etag) else shown.whole


def _fitting(documents: tuple[File, ...], query: str, accept: str | None) -> File | None:
    """The document that is asked for, by ``?format=`` or else by Accept; nothing where there is none such."""
    wanted = parse_qs(query).get("format", [None])[-1]
    if wanted is not None:
        return next((file for file in documents if wanted in (file.ending, file.media_type)), None)
    chosen = choose(accept, [(file.media_type,) for file in documents])
    return None if chosen is None else documents[chosen]


def alternates(documents: tuple[File, ...]) -> str:
    """The documents about a thing as links, for the value of Link."""
    return ", ".join(f'</{quote(file.path)}>; rel="alternate"; type="{file.media_type}"' for file in documents)


def not_acceptable(path: str, documents: tuple[File, ...]) -> Problem:
    """406 with the list of what there is (RFC 9110, 15.5.7)."""
    offered = [{"href": f"/{quote(file.path)}", "mediaType": file.media_type} for file in documents]
    types = ", ".join(file.media_type for file in documents)
    return Problem(406, "not-acceptable", f"/{path} is there as {types}; send one of these in Accept", more={"available": offered})
