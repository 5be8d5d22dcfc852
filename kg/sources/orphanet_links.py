"""What an ORPHApacket says of genes, and of the disorders above and below: parents, children, and the genes of the children.

A child says the same as the child's own packet does, so links are read once all packets are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from typing import Final

from kg.sources.model import Item, Note, Term
from kg.sources.orphanet_json import Packet, entries, fields, one, text

ROLES: Final[Mapping[str, Mapping[str, str]]] = {
    "Disease-causing germline mutation(s) in": {"role": "causal"},
    "Disease-causing germline mutation(s) (loss of function) in": {"role": "causal", "variantEffect": "lossOfFunction"},
    "Disease-causing germline mutation(s) (gain of function) in": {"role": "causal", "variantEffect": "gainOfFunction"},
    "Major susceptibility factor in": {"role": "susceptibility"},
    "Modifying germline mutation in": {"role": "modifier"},
    "Candidate gene tested in": {"role": "candidate"},
}
"""What Orphanet says a gene does, as keys of a record."""
OTHER_ROLES: Final = frozenset(
    {"Disease-causing somatic mutation(s) in", "Part of a fusion gene in", "Role in the phenotype of", "Biomarker tested in"}
)
"""Roles that the ontology does not have. None of them may become a cause."""
CHILDREN: Final = ("Children", "Childs")


def genes(packet: Packet, value: object = None) -> Iterator[Item]:
    """The items of a packet's genes, or of those that stand in a value of its own."""
    for entry in entries(packet.content.get("Genes", []) if value is None else value, "Gene"):
        yield one(packet, "Genes", entry, _gene)


def parents(packet: Packet, known: Set[str]) -> Iterator[Item]:
    """The items of a packet's parents; ``known`` are the disorders that have a packet."""
    for entry in entries(packet.content.get("Parents", []), "Parent"):
        yield one(packet, "Parents", entry, lambda packet, _, entry: _link(packet, packet.about, entry, known))


def children(packet: Packet, known: Set[str]) -> Iterator[Item]:
    """The items of a packet's children: that they belong to it, and their genes, each as if the child's packet said it."""
    for key in CHILDREN:
        for entry in entries(packet.content.get(key, []), "Child"):
            yield one(packet, key, entry, lambda packet, _, entry: _link(packet, packet.about, entry, known, child=True))
            if isinstance(entry, dict) and entry.get("Genes", "no data") != "no data":
                child = replace(packet, about=f"ORPHA:{entry.get('ORPHAcode')}")
                for item in genes(child, entry["Genes"]):
                    yield (
                        item if child.about in known else replace(item, facts=(), terms=(), notes=(), lost="no-packet", detail=child.about)
                    )


def _link(packet: Packet, about: str, entry: object, known: Set[str], child: bool = False) -> Item:
    found, notes = fields(entry, ("ORPHAcode", "Label", "Genes"))
    other = f"ORPHA:{text(found['ORPHAcode'])}"
    lower, upper = (replace(packet, about=other), about) if child else (packet, other)
    what = f"parent {upper}"
    if not text(found["ORPHAcode"]):
        return packet.lost(what, "no-value")
    if other not in known:
        return lower.lost(what, "no-packet", text(found["Label"]))
    return lower.told(what, lower.fact("classification", parent=upper), notes=notes)


def _gene(packet: Packet, key: str, entry: object) -> Item:
    found, notes = fields(entry, ("Symbol", "Name", "Label", "ExternalReferences", "DisorderGeneAssociationType"))
    symbol, role = text(found["Symbol"]), text(found["DisorderGeneAssociationType"])
    references = [fields(each, ("Source", "Reference"))[0] for each in entries(found["ExternalReferences"], "ExternalReference")]
    named = {(text(each["Source"]), text(each["Reference"])) for each in references}
    numbers = sorted(number for source, number in named if source == "HGNC" and number)
    what = f"gene {symbol}, HGNC {', '.join(numbers)}: {role}"
    if role in OTHER_ROLES:
        return packet.lost(what, "no-kind", role)
    if role not in ROLES:
        return packet.lost(what, "unknown-value" if role else "no-value", role)
    if len(numbers) != 1:
        return packet.lost(what, "no-hgnc", symbol)
    others = sorted(f"{source} {reference}" for source, reference in named if source != "HGNC")
    beside = ", ".join(filter(None, [text(found["Name"]) or text(found["Label"]), *others]))
    fact = packet.fact("gene", **ROLES[role], gene=f"HGNC:{numbers[0]}")
    terms = (Term(f"HGNC:{numbers[0]}", symbol, packet.work),) if symbol else ()
    return packet.told(what, fact, terms=terms, notes=(*notes, *([Note("about-gene", beside)] if beside else [])))
