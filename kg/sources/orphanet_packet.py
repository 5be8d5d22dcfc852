"""The entries of an ORPHApacket as facts: names, mappings, features, inheritance, onset and numbers of a disorder.

Labels of HPO terms are for comparison only, ids are keys, so they are not taken over. Genes and links to other disorders are read by
``orphanet_links``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from kg.sources.hpo_terms import EXCLUDED
from kg.sources.model import Item
from kg.sources.orphanet_epidemiology import of_packet
from kg.sources.orphanet_json import Packet, entries, fields, one, text

VOCABULARIES: Final = {"OMIM": "OMIM"}
RELATIONS: Final = {"E": "exactMatch", "NTBT": "broadMatch", "BTNT": "narrowMatch", "ND": "crossReference", "": "crossReference"}
"""By the code before the explanation. NTBT is "ORPHAcode is narrower than the targeted code": seen from Orphanet's disorder, the target
is broader, which is what SKOS calls a broad match; BTNT is the reverse. Without a relation, or not yet decided, it is a cross reference."""
FREQUENCIES: Final = {
    "Obligate (100%)": "HP:0040280",
    "Very frequent (99-80%)": "HP:0040281",
    "Frequent (79-30%)": "HP:0040282",
    "Occasional (29-5%)": "HP:0040283",
    "Very rare (<4-1%)": "HP:0040284",
    "Excluded (0%)": EXCLUDED,
}
"""By the labels of HPO (2026-06)."""
MODES: Final = {
    "Autosomal dominant": "HP:0000006",
    "Autosomal recessive": "HP:0000007",
    "X-linked recessive": "HP:0001419",
    "X-linked dominant": "HP:0001423",
    "Mitochondrial inheritance": "HP:0001427",
    "Y-linked": "HP:0001450",
    "Oligogenic": "HP:0010983",
    "Semi-dominant": "HP:0032113",
}
"""By the labels of HPO (2026-06), but for hyphens and the word inheritance."""
NO_MODES: Final = {
    "Not applicable": "not-applicable",
    "Unknown": "no-value",
    "Not yet documented": "no-value",
    "Multigenic/multifactorial": "no-mode",
}
ONSETS: Final = {
    "Antenatal": "antenatal",
    "Neonatal": "neonatal",
    "Infancy": "infancy",
    "Childhood": "childhood",
    "Adolescent": "adolescence",
    "Adult": "adulthood",
    "Elderly": "oldAge",
    "All ages": "allAges",
}
OF_THE_PACKET: Final = frozenset({"ORPHApacketId", "creationDate", "version", "copyright", "ORPHAcode", "PURL"})
"""What describes the packet rather than the disorder."""
LINKS: Final = frozenset({"Genes", "Parents", "Children", "Childs"})
"""Read by ``orphanet_links``. Older releases have ``Childs`` for ``Children``."""


def items(packet: Packet) -> Iterator[Item]:
    """The items of a packet, but for its genes and its links to other disorders."""
    for key, value in packet.content.items():
        if key not in OF_THE_PACKET | LINKS:
            wrapper, read = _FIELDS.get(key, ("", _unknown))
            for entry in entries(value, wrapper):
                yield one(packet, key, entry, read)


def _unknown(packet: Packet, key: str, entry: object) -> Item:
    return packet.lost(key, "unknown-key", str(entry)[:80])


def _name(packet: Packet, key: str, entry: object) -> Item:
    name = text(entry)
    if not name:
        return packet.lost(key, "no-value")
    return packet.told(f"{key}: {name}", packet.fact("name", kind="preferred" if key == "Label" else "exact", name=name))


def _type(packet: Packet, key: str, entry: object) -> Item:
    return packet.lost(key, "no-kind", text(fields(entry, ("value", "PURL"))[0]["value"]))


def _definition(packet: Packet, key: str, entry: object) -> Item:
    found, _ = fields(entry, ("TextSectionType", "Contents"))
    return packet.lost(f"{key}: {text(found['TextSectionType'])}", "own-words", f"{len(text(found['Contents'])):,} letters")


def _mapping(packet: Packet, key: str, entry: object) -> Item:
    found, notes = fields(entry, ("Source", "Reference", "DisorderMappingRelation"))
    vocabulary, reference = text(found["Source"]), text(found["Reference"])
    relation = text(found["DisorderMappingRelation"]).partition(" ")[0]
    what = f"mapping to {vocabulary}:{reference}"
    if not reference:
        return packet.lost(what, "no-value")
    if vocabulary not in VOCABULARIES:
        return packet.lost(what, "unknown-prefix", vocabulary)
    if relation not in RELATIONS:
        return packet.lost(what, "unknown-value", text(found["DisorderMappingRelation"]))
    return packet.told(
        what, packet.fact("mapping", relation=RELATIONS[relation], to=f"{VOCABULARIES[vocabulary]}:{reference}"), notes=notes
    )


def _phenotype(packet: Packet, key: str, entry: object) -> Item:
    found, notes = fields(entry, ("HPOId", "HPOTerm", "HPOFrequency"))
    feature, frequency = text(found["HPOId"]), text(found["HPOFrequency"])
    what = f"feature {feature}"
    # What is excluded stands in the same list, so a feature whose frequency is not read may be one that is not there.
    if not feature or frequency not in FREQUENCIES:
        return packet.lost(what, "unknown-value" if feature and frequency else "no-value", frequency)
    excluded: Mapping[str, bool] = {"negated": True} if FREQUENCIES[frequency] == EXCLUDED else {}
    return packet.told(what, packet.fact("phenotype", feature=feature, frequency=FREQUENCIES[frequency], **excluded), notes=notes)


def _inheritance(packet: Packet, key: str, entry: object) -> Item:
    found, notes = fields(entry, ("value",))
    mode = text(found["value"])
    if mode not in MODES:
        return packet.lost(f"inheritance: {mode}", NO_MODES.get(mode, "unknown-value") if mode else "no-value", mode)
    return packet.told(f"inheritance: {mode}", packet.fact("inheritance", mode=MODES[mode]), notes=notes)


def _onset(packet: Packet, key: str, entry: object) -> Item:
    found, notes = fields(entry, ("value",))
    age = text(found["value"])
    if age not in ONSETS:
        return packet.lost(f"onset: {age}", "unknown-value" if age else "no-value", age)
    return packet.told(f"onset: {age}", packet.fact("diseaseOnset", age=ONSETS[age]), notes=notes)


def _number(packet: Packet, key: str, entry: object) -> Item:
    return of_packet(packet, entry)


_FIELDS: Final[Mapping[str, tuple[str, Callable[[Packet, str, object], Item]]]] = {
    "Label": ("Label", _name),
    "Synonyms": ("Synonym", _name),
    "DisorderType": ("DisorderType", _type),
    "TextSection": ("TextSection", _definition),
    "ExternalReferences": ("ExternalReference", _mapping),
    "Phenotypes": ("Phenotype", _phenotype),
    "Prevalences": ("Prevalence", _number),
    "AverageAgeOfOnsets": ("AverageAgeOfOnset", _onset),
    "TypeOfInheritances": ("TypeOfInheritance", _inheritance),
}
"""What wraps the entries of each field, and what reads one."""
