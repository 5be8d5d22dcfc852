"""The feed: what changed last, with true days and stable ids, valid by a reader nobody here wrote."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import feedparser
import pytest

import kg
from kg.publish.feed import LIMIT, atom, latest
from kg.publish.frame import License, Site
from tests.payloads import PAYLOADS

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = Site("https://example.org/a&b/", "", "", "en", "a < b", "", "", "2026-01-01", "", License("https://example.org/l?a&b", ""))


def _read(body: bytes) -> feedparser.FeedParserDict:
    found = feedparser.parse(body)
    assert found.bozo == 0, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def test_a_feed_reader_reads_it(release: kg.Release) -> None:
    """Each disease once, by its IRI, under its name, with a link to a page that is there."""
    base = release.manifest["base"]
    found = _read((release.path / "feed.atom").read_bytes())
    assert (found.feed.id, found.feed.title) == (f"{base}feed.atom", "rarefacts: what changed last")
    assert (found.feed.author, found.feed.updated) == ("the rarefacts team", "2026-11-27T00:00:00Z")
    assert {link["rel"]: link["href"] for link in found.feed.links} == {
        "self": f"{base}feed.atom",
        "alternate": f"{base}index.html",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    assert len(found.entries) == release.manifest["counts"]["diseases"]
    assert [(entry.updated, entry.id) for entry in found.entries] == sorted(
        sorted(((entry.updated, entry.id) for entry in found.entries), key=lambda each: each[1]), key=lambda each: each[0], reverse=True
    )
    for entry in found.entries:
        assert entry.link == f"{entry.id}.html"
        assert (release.path / entry.link.removeprefix(base)).is_file()
    assert [entry.title for entry in found.entries if entry.id.endswith("MONDO_0010626")] == ["hyper-IgM syndrome type 1"]
    assert "feed.atom" in (release.path / "disease" / "MONDO_0010626.html").read_text(encoding="utf-8")


def test_its_days_are_those_of_the_facts(release: kg.Release, data: Path, tmp_path: Path) -> None:
    """A disease whose facts are older stands last, with the day of its latest fact; no other day moves."""
    folder = shutil.copytree(data, tmp_path / "data")
    record = folder / "diseases" / "hereditary-disease.yaml"
    text = record.read_text(encoding="utf-8").replace("modified: 2026-11-22\n", "modified: 2026-11-20\n", 1)
    record.write_text(text.replace("{kind: preferred, ", "{kind: preferred, modified: 2026-11-21, ", 1), encoding="utf-8")
    before = {entry.id: entry.updated for entry in _read((release.path / "feed.atom").read_bytes()).entries}
    entries = _read((kg.build(folder, tmp_path / "release").path / "feed.atom").read_bytes()).entries
    older = entries[-1].id
    assert older.endswith("MONDO_0003847") and before[older] == "2026-11-22T00:00:00Z"
    assert {entry.id: entry.updated for entry in entries} == {**before, older: "2026-11-21T00:00:00Z"}


def test_it_has_what_rfc_4287_demands(release: kg.Release) -> None:
    """An id, a title and a time of the feed and of each entry, once each; an author; a link to itself."""
    feed = ElementTree.fromstring((release.path / "feed.atom").read_bytes())  # noqa: S314 - our own file
    assert feed.tag == f"{ATOM}feed"
    for element in [feed, *feed.iter(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1
            assert element.findtext(ATOM + name)
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")].count("self") == 1


def test_only_the_latest_fifty() -> None:
    """By day, the latest first, then by IRI; what has no day is left out."""
    changed = {f"https://example.org/{number:03}": f"2026-01-{1 + number % 3:02}" for number in range(200)} | {"https://example.org/x": ""}
    found = latest(dict(reversed(changed.items())))
    assert len(found) == LIMIT == 50
    assert {day for _, day in found} == {"2026-01-03"}
    assert [iri for iri, _ in found] == sorted(iri for iri, _ in found)
    assert latest({"b": "2026-01-01", "a": "2026-01-01", "c": "2026-01-02", "d": ""}) == [
        ("c", "2026-01-02"),
        ("a", "2026-01-01"),
        ("b", "2026-01-01"),
    ]


def test_a_feed_without_entries_is_one() -> None:
    """It has changed when the dataset was issued."""
    found = _read(atom(SITE, []))
    assert (found.feed.updated, found.entries) == ("2026-01-01T00:00:00Z", [])


@pytest.mark.parametrize("payload", [*PAYLOADS, "\x00\x08", "]]>"], ids=range(len(PAYLOADS) + 2))
def test_hostile_names_are_text(payload: str) -> None:
    """The name of a disease and of a publisher is text, whole but for what XML cannot hold."""
    body = atom(replace(SITE, publisher=f"p {payload}."), [("https://example.org/1", f"n {payload}.", "2026-01-02")])
    [entry] = ElementTree.fromstring(body).iter(f"{ATOM}entry")  # noqa: S314 - our own file
    shown = "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in payload)
    assert entry.findtext(f"{ATOM}title") == f"n {shown}."
    assert [child.tag.removeprefix(ATOM) for child in entry] == ["id", "title", "updated", "link"]
