"""The dumps of the whole, in each format of RDF, and the JSON-LD context."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import BinaryIO

from kg.context import Context
from kg.cuts import Named
from kg.cuts import Part as Place
from kg.formats import COMPRESSED, GZIP, JSON_LD, TRIG, TURTLE
from kg.graph import constructed, queries
from kg.jsonld import document
from kg.jsonld_graphs import write_dataset
from kg.layout import ontology_folders
from kg.parallel import worth_it
from kg.publish.content import Content
from kg.publish.file import Body, in_chunks
from kg.publish.packing import packed
from kg.publish.pieces import AT_ONCE, CLOSING, FORMS, GRAPHS, LINES, NO_GRAPH, RDF12, REIFIED, TRIPLES, Piece, Pieces
from kg.publish.written import Written
from kg.serialize import headed, named_in
from kg.sorting import once, sorted_lines


def dumps(content: Content, written: Written) -> Iterator[tuple[str, Body]]:
    """Path and body of the dumps, compressed as well where they are large, and of the context.

    Those with graphs also hold what the dataset says of itself, so that an endpoint loaded with one describes itself; a dump of
    one graph is the union of all graphs but that one. Parts that are as they were in the release before are taken from there.
    """
    made, folder, executor, earlier = _Dumps(content, written), written.folder, content.executor, written.traces.earlier
    context = Context(content.dataset.ontology, content.dataset.base)
    quads, nodes = f"{content.name}{LINES}", f"{content.name}.{JSON_LD.extension}"

    def json_ld(stream: BinaryIO) -> None:
        write_dataset(folder / quads, context, stream, content.scratch, executor, earlier=earlier(nodes, [nodes]), written=nodes)

    forms: dict[str, Body] = {
        f"{content.name}{TRIPLES}": in_chunks(partial(made.triples, TRIPLES)),
        f"{content.name}{REIFIED}": in_chunks(partial(made.triples, REIFIED)),
        quads: in_chunks(made.quads),
        f"{content.name}{GRAPHS}": in_chunks(made.trig),
        nodes: json_ld,
    }
    for name, body in forms.items():
        yield name, body
        if name.rpartition(".")[2] in COMPRESSED:
            twin = f"{name}.{GZIP}"
            yield twin, in_chunks(partial(packed, folder / name, executor, twin, earlier(twin, [twin])))
    yield "context.jsonld", document(context, {})
    made.end()


class _Dumps:
    """The sorted statements in each form, put together from what each part of them is."""

    def __init__(self, content: Content, written: Written) -> None:
        dataset, parts = content.dataset, content.by_subject.named(AT_ONCE)
        self._files = {form: f"{content.name}{form}" for form in FORMS}
        self._earlier = written.traces.earlier("statements", list(self._files.values()))
        reifiers = content.scratch.path / f"{RDF12}.nt"
        query = queries(ontology_folders(dataset.folder), "alignments")[RDF12]
        with reifiers.open("wb") as file:
            lines = once(sorted_lines(constructed(content.store, RDF12, query, dataset.ontology)))
            divided = _divide(lines, parts, [content.by_subject.first(part) for part in parts], file)
        pieces = Pieces(content.by_subject, reifiers, divided, dataset.ontology, content.scratch.path)
        names = {part: pieces.name(part) for part in parts}
        before = {part: Piece.of(name, said) for part, name in names.items() if (said := self._earlier.find(name)) is not None}
        new = content.executor.map(pieces, [part for part in parts if part not in before], 1, worth_it(content.by_subject.index.size))
        made = iter(list(new))
        self._pieces = [before.get(part) or next(made) for part in parts]
        self._own: Callable[[], Piece] = lambda: pieces.piece(b"".join(content.own), "own")
        self._prefixes = dataset.ontology.prefixes.namespaces
        self._now: dict[str, dict[str, dict[str, Place]]] = defaultdict(lambda: {form: {} for form in FORMS})

    @cached_property
    def _all(self) -> list[Piece]:
        """The pieces, and what the dataset says of itself, which is waited for."""
        return [*self._pieces, self._own()]

    @cached_property
    def _within(self) -> dict[str, list[tuple[Piece, str]]]:
        """Which pieces are in each graph."""
        within: dict[str, list[tuple[Piece, str]]] = {}
        for piece in self._all:
            for graph in piece.openings:
                within.setdefault(graph, []).append((piece, graph))
        return dict(sorted(within.items(), key=lambda each: f"{each[0]} "))

    def end(self) -> None:
        """Note where everything is now, and remove the parts."""
        for piece in self._pieces:
            self._earlier.note(piece.name, piece.said(self._now[piece.name]))
        for piece in self._all:
            if piece.path:
                piece.path.unlink()

    def _texts(self, form: str, texts: Iterable[bytes | tuple[Piece, str]]) -> Iterator[bytes]:
        """Texts, or those of pieces in a graph, one after the other; where the latter are is remembered."""
        at = 0
        for each in texts:
            text = each if isinstance(each, bytes) else self._read(form, *each)
            if not isinstance(each, bytes):
                piece, graph = each
                self._now[piece.name][form][graph] = (at, at + len(text))
            yield text
            at += len(text)

    def _read(self, form: str, piece: Piece, graph: str) -> bytes:
        start, end = piece.texts[form][graph]
        if piece.path is None:
            return self._earlier.read(self._files[form], start, end)
        with piece.path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def quads(self) -> Iterator[bytes]:
        """All quads as N-Quads, sorted by graph, subject, predicate and object."""
        return self._texts(LINES, (each for its in self._within.values() for each in its))

    def trig(self) -> Iterator[bytes]:
        """The same as TriG."""
        return self._texts(GRAPHS, self._opened())

    def _opened(self) -> Iterator[bytes | tuple[Piece, str]]:
        names = named_in("\n".join(self._within).encode(), self._prefixes)
        yield headed(names.union(*(_encoded(piece.named) for piece in self._all)), TRIG, self._prefixes)
        for graph, its in self._within.items():
            yield its[0][0].openings[graph].encode()
            yield from its
            yield CLOSING

    def triples(self, form: str) -> Iterator[bytes]:
        """The union of the graphs as Turtle, sorted, each triple once; with the reifiers of RDF 1.2, or without."""
        named = (piece.named_reified if form == REIFIED else piece.named for piece in self._pieces)
        head = headed(frozenset().union(*map(_encoded, named)), TURTLE, self._prefixes)
        version = (
            b'VERSION "1.2"\n' if form == REIFIED else b""
        )  # before all else (https://www.w3.org/TR/rdf12-turtle/#version-announcement)
        return self._texts(form, [version + head, *((piece, NO_GRAPH) for piece in self._pieces)])


def _encoded(names: list[str]) -> frozenset[bytes]:
    return frozenset(map(str.encode, names))


def _divide(lines: Iterable[bytes], parts: list[Named], firsts: list[bytes], file: BinaryIO) -> dict[Named, Place]:
    """Write sorted lines, and tell which of them belong to each part, by the first subjects of the parts."""
    starts = [0]
    for line in lines:
        while len(starts) < len(parts) and line.partition(b" ")[0] >= firsts[len(starts)]:
            starts.append(file.tell())
        file.write(line)
    starts += [file.tell()] * (len(parts) + 1 - len(starts))
    return {part: (starts[number], starts[number + 1]) for number, part in enumerate(parts)}
