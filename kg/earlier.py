"""What was made before, by a name that tells what it was made of: so that it need not be made again."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

_DIGEST: Final = 16


def name_of(*made_of: bytes) -> str:
    """The name of what is made of these bytes and of nothing else."""
    found = blake2b(digest_size=_DIGEST)
    for each in made_of:
        found.update(b"%d " % len(each))
        found.update(each)
    return found.hexdigest()


class Earlier:
    """Texts that stand in files which are there from before, and where; this one knows of none (``kg.publish.before`` has others)."""

    def find(self, name: str) -> str | None:
        """What was noted under a name."""
        return None

    def read(self, path: str, start: int, end: int) -> bytes:
        """What stands in a file from before, of which something was noted."""
        raise LookupError(path)

    def note(self, name: str, said: str) -> None:
        """Note something for the next time, such as where a text stands in a file that is made now."""


NOTHING: Final = Earlier()
