"""How long a build takes to see that no fact of the release in place is lost, by how many records changed. Run by hand.

    python -m tests.benchmarks.kept 25000 20

makes up a release of so many diseases with so many facts each: its manifest, its dump with
eight statements a fact, and a store with what the new data state. Nothing else of a release is made or looked at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from typing import Any, cast

from pyoxigraph import NamedNode, RdfFormat, Store

from kg import vocabulary as v
from kg.publish.content import Content
from kg.publish.kept import missing_facts
from kg.publish.released import Release

BASE = "https://example.org/rare/"


def _lines(disease: str, facts: int) -> Iterator[str]:
    for number in range(facts):
        fact, graph = f"<{BASE}{disease}#fact-{number:03}>", f"<{BASE}graph/{disease}>"
        yield f"{fact} {v.RDF_SUBJECT} <{BASE}{disease}> {graph} .\n"
        for other in range(7):
            yield f'{fact} <http://purl.org/dc/terms/made-up-{other}> "a text of about the length of others {other}"@en {graph} .\n'


def main(diseases: int, facts: int) -> None:
    """Print seconds of a processor for nothing, one record, a hundred, and all records changed."""
    names = [f"disease/MONDO_{number:07}" for number in range(diseases)]
    with tempfile.TemporaryDirectory() as folder:
        dump, stated = Path(folder) / "made.nq", Path(folder) / "stated.nq"
        with dump.open("w") as file, stated.open("w") as said:
            for name in names:
                lines = list(_lines(name, facts))
                file.writelines(lines)
                said.writelines(line for line in lines if str(v.RDF_SUBJECT) in line)
        store = Store()
        store.bulk_load(path=str(stated), format=RdfFormat.N_QUADS)
        read = [{"path": f"{name}.yaml", "sha256": name} for name in names]
        elsewhere = {f"graph/{name}": name for name in names}
        old = Release(Path(folder), {"name": "made", "base": BASE, "read": read, "elsewhere": elsewhere})
        print(f"{diseases:,} diseases, {diseases * facts:,} facts, a dump of {dump.stat().st_size / 1e9:.2f} GB")
        for changed in (0, 1, 100, diseases):
            files = {f"{name}.yaml": name if number >= changed else "changed" for number, name in enumerate(names)}
            content = _content(names, files, store)
            start = process_time()
            assert missing_facts(content, old) == []
            print(f"{changed:>7,} changed: {process_time() - start:.3f} s")


def _content(names: list[str], files: dict[str, str], store: Store) -> Content:
    """As much of what a release is made of as is looked at."""
    ontology = SimpleNamespace(record_paths={v.DISEASE: "disease/"})
    told: dict[str, Any] = {"base": BASE, "folder": Path(), "files": files, "ontology": ontology, "shown": lambda path: path.name}
    dataset = SimpleNamespace(**told, records={f"{name}.yaml": name for name in names})
    by_subject = SimpleNamespace(of_type=lambda _: [])
    diseases = [NamedNode(BASE + name) for name in names]
    return cast(Content, SimpleNamespace(dataset=dataset, store=store, diseases=diseases, by_subject=by_subject))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
