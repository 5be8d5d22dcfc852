"""How fast the home page's search is over generated names, in a real browser. Run by hand.

    python -m tests.benchmarks.search 2000 25000

Needs Debian's chromium. Machines are noisy: medians of nine runs each; read the ratios between sizes.
"""

from __future__ import annotations

import gzip
import json
import random
import shutil
import statistics
import sys
import tempfile
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

import kg
from tests.conftest import ROOT, StaticHost

_PARTS = [
    "hyper",
    "hypo",
    "immuno",
    "deficiency",
    "syndrome",
    "dystrophy",
    "ataxia",
    "neuro",
    "myo",
    "cardio",
    "pathy",
    "anemia",
    "dysplasia",
    "type",
    "congenital",
    "familial",
]
_SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "xa", "ze", "chi", "phe", "tro"]
_RUNS = 9
_TIME = """async (text) => {
  const input = document.getElementById(':q');
  const status = document.getElementById(':status');
  status.textContent = 'waiting';
  const start = performance.now();
  input.value = text;
  input.dispatchEvent(new Event('input'));
  while (status.textContent === 'waiting') await new Promise((resolve) => setTimeout(resolve, 0));
  return [performance.now() - start, status.textContent];
}"""


def index(diseases: int, chance: random.Random) -> bytes:
    """A search index of so many diseases, each with ten names and codes, as a release has it."""
    entries = []
    for number in range(diseases):
        names = [_name(chance) for _ in range(6)]
        codes = [f"MONDO:{number:07}", f"ORPHA:{100000 + number}", f"OMIM:{600000 + number}", f"GARD:{number}"]
        entries.append([f"disease/MONDO_{number:07}.html", f"{names[0]} {number}", [*codes[:1], *names[1:], *codes[1:]]])
    return json.dumps({"schemes": {"ORPHA": "Orphanet"}, "diseases": entries}, separators=(",", ":")).encode()


def _name(chance: random.Random) -> str:
    own = "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4)))
    return " ".join([own, *chance.sample(_PARTS, chance.randint(1, 3)), str(chance.randint(1, 40))])


def measure(page: Page, address: str, queries: dict[str, str]) -> list[tuple[str, float, str]]:
    """The first search, which reads the index, and the median of each query after it, in milliseconds."""
    page.goto(address + "index.html")
    first, said = page.evaluate(_TIME, "hyper")
    found = [("first, with reading the index", first, said)]
    for label, query in queries.items():
        times = [page.evaluate(_TIME, query + " " * run) for run in range(_RUNS)]
        found.append((label, statistics.median(time for time, _ in times), times[0][1]))
    return found


def main() -> None:
    """Sizes are the arguments."""
    executable = shutil.which("chromium")
    if executable is None:
        sys.exit("chromium is not installed (Debian: chromium)")
    chance = random.Random(1)  # noqa: S311 - names, not secrets
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        release = kg.build(ROOT / "data", Path(scratch) / "release")
        for size in [int(argument) for argument in sys.argv[1:]] or [2000, 25000]:
            body = index(size, chance)
            (release.path / "assets" / "search.json").write_bytes(body)
            name = json.loads(body)["diseases"][size // 2][1]
            queries = {
                "a letter": "h",
                "a word": "immuno",
                "a name": name,
                "a code": f"ORPHA:{100000 + size // 3}",
                "words in any order": " ".join(reversed(name.split())),
                "a typing error": name[1] + name[0] + name[2:],
                "nothing": "qqqqqqqqq wwwwwwww",
            }
            with ThreadingHTTPServer(("127.0.0.1", 0), partial(StaticHost, directory=str(release.path))) as server:
                threading.Thread(target=server.serve_forever, daemon=True).start()
                browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
                found = measure(browser.new_page(), f"http://127.0.0.1:{server.server_port}/", queries)
                browser.close()
                server.shutdown()
            print(f"{size} diseases: index {len(body) / 1e6:.1f} MB, {len(gzip.compress(body)) / 1e6:.1f} MB compressed")
            for label, time, said in found:
                print(f"  {label:<30} {time:8.1f} ms   {said}", flush=True)


if __name__ == "__main__":
    main()
