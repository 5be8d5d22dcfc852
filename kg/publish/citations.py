"""Cite a fact: for each disease its facts as references, each with the works that it rests on and those that dispute it.

What a fact says in words, and how a work is called, is what schema.org is told (``kg.publish.projection``); which
work is for and which against is what the evidence lines say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Final

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.bibliography import Reference, Work, bibtex, entries, key, plain, ris
from kg.formats import BIBTEX, RIS, TEXT
from kg.publish.content import Content
from kg.publish.nest import Nest
from kg.subjects import Subjects
from kg.terms import Value, value_of

FORMS: Final[dict[str, Callable[[Reference], str]]] = {BIBTEX: bibtex, RIS: ris, TEXT: plain}
"""The forms of references, by file extension."""


class Citations:
    """The references of a dataset's facts."""

    def __init__(self, content: Content) -> None:
        self._base, self._about = content.dataset.base, content.by_subject
        self._author = content.said(v.PUBLISHER) or content.said(v.TITLE)
        self._title, self._version, self._issued = map(content.said, (v.TITLE, v.VERSION, v.ISSUED))

    def files(self, path: str, facts: list[NamedNode], told: Nest) -> Iterator[tuple[str, bytes]]:
        """Path and bytes of the references of a disease's facts, in the order of their IRIs, in each form.

        ``told`` is what schema.org is told of the disease.
        """
        iris = sorted(fact.value for fact in facts)
        folder = self._base + path.rpartition("/")[0]
        made = _References(self._about, iris, told)
        author, dataset, version = map(made.no_token, (self._author, self._title, self._version))
        references = []
        for iri in iris:
            said = _by_property(self._about, NamedNode(iri))
            days = said.get(v.MODIFIED, [])
            references.append(
                Reference(
                    iri=iri,
                    key=key(iri.removeprefix(f"{folder}/").replace("#", ":")),
                    title=made.no_token("; ".join(told.said(NamedNode(iri), "text")[:1])),
                    author=author,
                    day=days[0].value if days else self._issued,
                    dataset=dataset,
                    version=version,
                    works=tuple(map(made.work, said.get(v.EVIDENCE, []))),
                )
            )
        for extension, form in FORMS.items():
            yield f"{path}.{extension}", entries(form(each) for each in references)


class _References:
    """The works that the facts of a disease rest on; ``iris`` are those of the facts."""

    def __init__(self, about: Subjects, iris: list[str], told: Nest) -> None:
        self._about, self._iris, self._told = about, iris, told
        self._beginning = _beginning(iris)
        self._known: dict[tuple[Value, ...], tuple[str, str]] = {}

    def work(self, line: Value) -> Work:
        """The work of an evidence line."""
        assert isinstance(line, NamedNode)
        said = _by_property(self._about, line)
        [source] = said[v.SOURCE]
        works = source, *said.get(v.VIA, [])
        if works not in self._known:
            self._known[works] = self._in_words(*works)
        return Work(*self._known[works], disputes=v.DISPUTES in said.get(v.DIRECTION, []))

    def _in_words(self, source: Value, *read_in: Value) -> tuple[str, str]:
        text = " ".join([_called(source, self._told), *(f"(read in {_called(via, self._told)})" for via in read_in)])
        address = next(iter(self._told.said(source, "url")), source.value)
        return self.no_token(text), self.no_token(address)

    def no_token(self, text: str) -> str:
        """A text in which no IRI of a fact stands by itself: a page finds the entry of a fact by its IRI, so no other may have it."""
        for iri in self._iris if "://" in text and self._beginning in text else ():
            text = text.replace(iri, f"“{iri}”")
        return text


def _called(work: Value, told: Nest) -> str:
    """A work in words: title, publisher, year, version and identifiers, as far as there are any."""
    said = told.said
    publishers = [name for each in said(work, "publisher")[:1] for name in said(NamedNode(each), "name")[:1]]
    versions = [f"version {each}" for each in said(work, "version")[:1]]
    title = said(work, "name")[:1]
    years = [day[:4] for day in said(work, "datePublished")[:1]]
    identifiers = [each for each in said(work, "identifier") if each not in title]
    return ", ".join([*title, *publishers, *years, *versions, *identifiers])


def _beginning(iris: list[str]) -> str:
    """What sorted texts begin with, all of them."""
    ends = zip(*iris[:1], *iris[-1:], strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], ends))


def _by_property(about: Subjects, node: NamedNode) -> dict[NamedNode, list[Value]]:
    said: dict[NamedNode, list[Value]] = {}
    for triple in about.get(node, ()):
        said.setdefault(triple.predicate, []).append(value_of(triple))
    return said
