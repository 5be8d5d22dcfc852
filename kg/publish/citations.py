"""Cite a fact: for each disease its facts as references, each with the works that it rests on and those that dispute it.

What a fact says in words, and how a work is called, is what schema.org is told (``kg.publish.projection``); which
work is for and which against is what the evidence lines say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.bibliography import Reference, Work, bibtex, entries, key, plain, ris
from kg.formats import BIBTEX, RIS, TEXT
from kg.publish.content import Content
from kg.publish.embed import Nest
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
        references = [self._reference(iri, iris, told, key(iri.removeprefix(f"{folder}/").replace("#", ":"))) for iri in iris]
        for extension, form in FORMS.items():
            yield f"{path}.{extension}", entries(form(each) for each in references)

    def _reference(self, iri: str, iris: list[str], told: Nest, key: str) -> Reference:
        fact = NamedNode(iri)
        days = self._values(fact, v.MODIFIED)
        return Reference(
            iri=iri,
            key=key,
            title=_no_token("; ".join(told.said(fact, "text")[:1]), iris),
            author=_no_token(self._author, iris),
            day=days[0].value if days else self._issued,
            dataset=_no_token(self._title, iris),
            version=_no_token(self._version, iris),
            works=tuple(self._work(line, iris, told) for line in self._values(fact, v.EVIDENCE)),
        )

    def _work(self, line: Value, iris: list[str], told: Nest) -> Work:
        [source] = self._values(line, v.SOURCE)
        text = " ".join([_called(source, told), *(f"(read in {_called(via, told)})" for via in self._values(line, v.VIA))])
        address = next(iter(told.said(source, "url")), source.value)
        return Work(_no_token(text, iris), _no_token(address, iris), disputes=v.DISPUTES in self._values(line, v.DIRECTION))

    def _values(self, subject: Value, predicate: NamedNode) -> list[Value]:
        assert isinstance(subject, NamedNode)
        return [value_of(each) for each in self._about.get(subject, []) if each.predicate == predicate]


def _called(work: Value, told: Nest) -> str:
    """A work in words: title, publisher, year, version and identifiers, as far as there are any."""
    said = told.said
    publishers = [name for each in said(work, "publisher")[:1] for name in said(NamedNode(each), "name")[:1]]
    versions = [f"version {each}" for each in said(work, "version")[:1]]
    title = said(work, "name")[:1]
    years = [day[:4] for day in said(work, "datePublished")[:1]]
    identifiers = [each for each in said(work, "identifier") if each not in title]
    return ", ".join([*title, *publishers, *years, *versions, *identifiers])


def _no_token(text: str, iris: list[str]) -> str:
    """A text in which no IRI of a fact stands by itself: a page finds the entry of a fact by its IRI, so no other may have it."""
    for iri in iris if "://" in text else ():
        text = text.replace(iri, f"“{iri}”")
    return text
