"""The store that a server makes of a release: complete or absent, and what a killed one left of it is not there for ever."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import kg
from kg.serve.store import store_folder

_LOADS_FROM = """
import sys
from pathlib import Path
from kg.publish.released import Release
from kg.serve import store
store.dump_of = lambda release: (Path(sys.argv[3]), "0" * 64)
store.store_folder(Release.open(Path(sys.argv[1])), Path(sys.argv[2]))
"""


def _free(folder: Path) -> bool:
    """Whether nobody has a hold on a folder, which is made to look as if it had lain there for long."""
    os.utime(folder, (0, 0))
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def test_what_a_killed_server_left_is_removed(release: kg.Release, tmp_path: Path) -> None:
    """A store that is half loaded goes with the next that is loaded, but not while the process that loads it lives, be it an orphan."""
    os.mkfifo(tmp_path / "dump")
    server = subprocess.Popen([sys.executable, "-c", _LOADS_FROM, release.path, tmp_path / "release", tmp_path / "dump"])
    with (tmp_path / "dump").open("wb"):  # it is open when the loader has opened it as well
        server.kill()
        server.wait()
        [left] = (tmp_path / ".release.stores").iterdir()
        assert not _free(left)
        made = store_folder(release, tmp_path / "release")
        assert {path.name for path in made.parent.iterdir()} == {left.name, made.name}
    end = time.monotonic() + 30
    while not _free(left) and time.monotonic() < end:
        time.sleep(0.05)
    made.rename(tmp_path / "another")
    assert store_folder(release, tmp_path / "release") == made
    assert [path.name for path in made.parent.iterdir()] == [made.name]
    assert made.stat().st_mode & 0o077 == 0
