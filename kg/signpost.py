"""Where everything that a release names is to be found: pages of diseases and works, facts on them, terms, and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from kg import vocabulary as v
from kg.display import PAGE_LANGUAGE, Value
from kg.naming import Naming
from kg.terms import Value as Term


@dataclass(frozen=True, slots=True)
class Signpost:
    """Terms as the reference pages show them; ``anchors`` has the path and anchor of each term and rule by its IRI."""

    naming: Naming
    anchors: Mapping[str, str]

    def value(self, term: Term) -> Value:
        """A term with its label, which leads to its entry, to its page, to its place on a page, or to the web; a fact by its name.

        A work goes by its title, or else by its identifier, such as ``PMID:14663287``.
        """
        if not isinstance(term, NamedNode):
            return self.naming.value(term)
        shown = replace(self.naming.value(term), href=self.href(term))
        if self.naming.objects(term, v.RDF_SUBJECT):
            return replace(shown, text=v.local_name(term.value), language="")
        if not term.value.startswith(self.naming.base):
            return shown
        title = self.naming.best(self.naming.objects(term, v.TITLE))
        if title is None:
            identifiers = self.naming.objects(term, v.IDENTIFIER)[:1]
            return next((replace(shown, text=self.naming.value(each).text) for each in identifiers), shown)
        language = title.language or ""
        return replace(shown, text=title.value, language="" if language == PAGE_LANGUAGE else language)

    def href(self, iri: NamedNode) -> str:
        """A path below the root of the site with its anchor, an address of the web, or nothing where there is nothing to see."""
        if iri.value in self.anchors:
            return self.anchors[iri.value]
        if not iri.value.startswith(self.naming.base):
            return self.naming.href(iri)
        document, _, name = iri.value.partition("#")
        if self.naming.has_page(NamedNode(document)):
            path = self.naming.path(NamedNode(document))
            return f"{path}#{name}" if name else path
        return ""
