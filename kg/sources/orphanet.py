"""Orphanet: the ORPHApackets, an archive with a file of JSON for each disorder, and its table of epidemiological means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from kg.sources.model import Importer, Item, Reading, Role, SourceFile
from kg.sources.opening import members, refuse, rows
from kg.sources.orphanet_epidemiology import of_table
from kg.sources.orphanet_json import OddFormError, Packet, root
from kg.sources.orphanet_links import children, genes, parents
from kg.sources.orphanet_packet import LINKS, items

_CODE: Final = re.compile(r"[1-9][0-9]*")
_MONTH: Final = re.compile(r"(?P<month>[0-9]{4}-(0[1-9]|1[0-2]))-[0-9]{2}\b.*")
_DATE: Final = "/@date"
_LICENSE: Final = "https://creativecommons.org/licenses/by/4.0/"


def _packets_month(file: SourceFile) -> str | None:
    """The month in which the first packet says that it was made."""
    for _, content in members(file, ".json"):
        try:
            return _month(root(content).get("creationDate"))
        except OddFormError:
            return None
    return None


def _table_month(file: SourceFile) -> str | None:
    """The month that the first row of the table says."""
    return next((_month(row.cells.get(_DATE)) for row in rows(file, ",", (_DATE,))), None)


def _month(date: object) -> str | None:
    match = _MONTH.fullmatch(date) if isinstance(date, str) else None
    return match["month"] if match else None


def _read(reading: Reading) -> Iterator[Item]:
    """The items of all packets; then their links, which need to know which disorders have a packet; then the table, for the same."""
    known: set[str] = set()
    told: set[str] = set()
    linked: list[Packet] = []
    for file in reading.files["packets"]:
        for name, content in members(file, ".json"):
            packet = _packet(file.name, name, content, reading.works)
            if isinstance(packet, Item):
                yield packet
                continue
            if packet.about in known:
                yield packet.lost("packet", "second-packet", name)
                continue
            known.add(packet.about)
            for item in genes(packet):
                told.add(item.what)
                yield item
            yield from items(packet)
            linked.append(replace(packet, content={key: packet.content[key] for key in LINKS - {"Genes"} if key in packet.content}))
        if not known:
            refuse(file.name, "no-packet", "holds no ORPHApacket that can be read; is it another archive, or a newer form of it?")
    for packet in linked:
        for item in parents(packet, known):
            told.add(item.what)
            yield item
    for packet in linked:
        for item in children(packet, known):
            yield replace(item, facts=(), terms=(), notes=(), lost="repeated", detail="") if item.what in told else item
    yield from of_table(reading, known)


def _packet(file: str, name: str, content: bytes, works: Mapping[str, str]) -> Packet | Item:
    """A packet, or the item that says why a member of the archive is none."""
    try:
        fields = root(content)
    except OddFormError as error:
        return Item(file, 0, name, lost="broken-packet", detail=str(error))
    code = fields.get("ORPHAcode")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return Item(file, 0, name, lost="identifier-pattern", detail=f"ORPHAcode {str(code)[:40]}")
    return Packet(file, works["packets"], f"ORPHA:{code}", fields)


ORPHANET: Final = Importer(
    name="orphanet",
    title="Orphanet",
    roles=(
        Role(
            name="packets",
            patterns=("orphapacket*.tar.gz", "orphapacket*.tgz", "orphapacket*.tar"),
            what="the ORPHApackets, an archive of JSON files",
            work="orphapackets",
            title="ORPHApackets (Orphanet/orphapacket)",
            publisher="Orphanet",
            license=_LICENSE,
            page="https://github.com/Orphanet/orphapacket",
            version=_packets_month,
        ),
        Role(
            name="epidemiology",
            patterns=("orphanet_epidemiology*.csv", "orphanet_epidemiology*.csv.gz"),
            what="Orphanet's epidemiological data (product 9) as a table, which has the means that the packets lost",
            work="orphanet-epidemiology",
            title="Orphanet epidemiological data",
            publisher="Orphanet",
            license=_LICENSE,
            page="http://www.orphadata.org/cgi-bin/epidemio.html",
            required=False,
            version=_table_month,
        ),
    ),
    read=_read,
    reasons={
        "about-gene": "it is said of the gene, not of the disorder",
        "broken-packet": "the file is no packet that can be read",
        "class-disagrees": "the value lies outside of the class that the source gives beside it; both are taken over",
        "class-only": "the source says that it gives a class only, and gives a value all the same",
        "no-hgnc": "the gene has no identifier of HGNC, or several",
        "no-mode": "no mode of inheritance in the ontology means the same",
        "no-packet": "the disorder that it names has no packet, so nothing else is known of it",
        "not-applicable": "the source says that the question does not arise",
        "number-lost": "the packet has lost the number; the epidemiological table may have it",
        "odd-form": "it is of a form that the importer does not know",
        "own-words": "texts are written in our own words, and those of a source are not copied",
        "second-packet": "another packet of the same disorder was read before",
        "unknown-key": "the importer does not know the field",
        "unnamed-work": "it is named without an identifier by which it could be cited; Orphanet is cited",
    },
)
