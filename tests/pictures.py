"""The pictures of the README, made anew from a release: the page of a disease, the comparison, and a query with its rows. Run by hand.

    python -m tests.pictures release docs

Needs Debian's chromium.
"""

from __future__ import annotations

import shutil
import sys
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import StaticHost
from tests.serving import serving

_PICTURES = {"disease": ("disease/MONDO_0010626.html", 1180, 900), "compare": ("compare.html", 1180, 760)}
_QUESTION = "immunoglobulin-low-igg-iga-normal-or-raised-igm"


def main() -> None:
    """The release and the folder for the pictures are the arguments."""
    release, folder = Path(sys.argv[1]), Path(sys.argv[2])
    executable = shutil.which("chromium")
    if executable is None:
        sys.exit("chromium is not installed (Debian: chromium)")
    folder.mkdir(exist_ok=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(StaticHost, directory=str(release))) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for name, (path, width, height) in _PICTURES.items():
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
            page.goto(f"http://127.0.0.1:{server.server_port}/{path}")
            page.screenshot(path=folder / f"{name}.png")
        with serving(release) as running:
            page = browser.new_page(viewport={"width": 1180, "height": 1180}, color_scheme="light")
            page.goto(f"{running.url}query.html?question={_QUESTION}")
            page.locator("[id=':gutter'] :nth-child(20)").wait_for(state="attached")
            page.get_by_role("button", name="Run").click()
            page.get_by_role("heading", name="Answer").wait_for()
            page.screenshot(path=folder / "query.png")
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
