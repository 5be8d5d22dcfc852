"""The genes of GARD's list: Orphanet's, each with its role and articles, and OMIM's, which have lost theirs.

OMIM's braces, which tell a susceptibility from a cause, are not in this file: APOE stands beside Alzheimer disease 2 as GUCY2D does beside
Leber congenital amaurosis 1, and TFE3 beside a carcinoma for its somatic fusions. Genes of OMIM are associated, no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from kg.sources.columns import Columns
from kg.sources.model import Fact, Item, Note, SourceFile, Term, cited
from kg.sources.opening import Row
from kg.sources.orphanet_links import OTHER_ROLES, ROLES

_OF_GENE = ("column-not-of-diseases", "it describes the gene, as HGNC, Ensembl and UniProt do")
_ELSEWHERE = "column-said-elsewhere"
GENES: Final = Columns(
    ("GardID", "GeneSymbol", "AssociationType", "AssociationStatus", "Reference", "GeneIdentifier"),
    {
        "DataSource": (_ELSEWHERE, "the vocabulary of the entry that GARD rests on, which GARD_xrefs.csv has"),
        "SourceID": (_ELSEWHERE, "the entry that GARD rests on, which GARD_xrefs.csv has"),
        "SourceLabelID": (_ELSEWHERE, "the entry that GARD rests on, which GARD_xrefs.csv has"),
        "GeneCount": (_ELSEWHERE, "how many genes Orphanet or OMIM has for the disease, which are rows of their own"),
        **dict.fromkeys(("GeneSynonym", "GeneTitle", "GeneType", "Locus", "OMIM", "Ensembl", "IUPHAR", "SwissProt", "Reactome"), _OF_GENE),
    },
)
"""The columns of the table."""
_ROLES: Final[Mapping[str, Mapping[str, str]]] = {**ROLES, "The molecular basis of the disorder is known": {"role": "associated"}}
_NO_ROLE: Final = OTHER_ROLES | {
    "The disease phenotype itself was mapped",
    "The disorder is a chromosome deletion or duplication syndrome",
    "The disorder was positioned by mapping of the wildtype gene",
}
_PMID: Final = re.compile(r"PMID:[1-9][0-9]{0,8}")
GENE_REASONS: Final[Mapping[str, str]] = {
    "no-hgnc": "the gene or locus has no number of HGNC there, and genes are known by theirs",
    "other-symbol": "the gene has another symbol elsewhere in the file; a gene has one label",
}
"""Reasons that only genes have."""


def gene_item(file: SourceFile, row: Row, about: str, at: str, symbols: dict[str, str], work: str) -> Item:
    """A row of the genes of the disease ``about``, which stands in GARD as ``at``; ``symbols`` are those seen so far, by gene."""
    symbol, association, status, reference, gene = (row.cells[name] for name in GENES.read[1:])
    what = f"{at} {symbol} {association}"
    if association not in _ROLES:
        reason = "no-kind" if association in _NO_ROLE else "unknown-value" if association else "no-value"
        return Item(file.name, row.line, what, lost=reason, detail=association)
    if not re.fullmatch("HGNC:[1-9][0-9]*", gene):
        return Item(file.name, row.line, what, lost="no-hgnc" if gene else "no-value", detail=f"GeneIdentifier {gene}")
    notes = [Note("other-symbol", f"{gene} {symbol}")] if symbols.setdefault(gene, symbol) != symbol else []
    told = [each.strip() for each in reference.removeprefix("[").removesuffix("]").split(",") if each.strip()]
    articles = [each for each in told if _PMID.fullmatch(each)]
    notes += [Note("unknown-value", f"Reference {each}") for each in told if each not in articles]
    # "Assessed" is what one expects and OMIM's "Unknown" says nothing; that Orphanet has not assessed it yet a reader wants to know.
    locator = at if status in ("Assessed", "Unknown", "") else f"{at}, {status}"
    fact = Fact(about, "gene", {**_ROLES[association], "gene": gene}, cited(work, locator, articles))
    terms = (Term(gene, symbol, work),) if symbol and symbols[gene] == symbol else ()
    return Item(file.name, row.line, what, (fact,), terms, notes=tuple(notes))
