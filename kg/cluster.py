"""Work on a Dask cluster that there is already (https://distributed.dask.org/): an executor, as the processes of this machine are.

Work that is large goes by way of a file in a folder that all workers share; things and results are sent. A batch whose worker is gone
is done again by another, and the order of results is that of things, so the bytes are those that one process makes; for that all have to
run the same code, which is compared. Dask sends pickled objects: whoever reaches a scheduler or a worker can make it run anything.
"""

from __future__ import annotations

import pickle
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from itertools import count, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from kg.errors import KgError
from kg.parallel import Executor
from kg.scratch import Scratch
from kg.sent import about, differs, made, work_of

T = TypeVar("T")
R = TypeVar("R")

_CONNECTING: Final = 10
"""Seconds in which a scheduler has to answer."""
_ALONE: Final = 60
"""Seconds for which a cluster may have no worker: an adaptive one starts some when there is work."""
_LOOKING: Final = 5
"""After so many seconds without a result one looks whether there are workers."""
_SMALL: Final = 2**16
"""Work of so many bytes is sent with each batch."""
_AHEAD: Final = 4
"""So many batches for each thread of the workers are under way."""


class Cluster(Executor):
    """The workers of the cluster whose scheduler is at ``address``, such as ``tcp://10.0.0.1:8786``; a context.

    ``place`` is a folder in storage that all of them share, under the same path, for the files of work that has some.
    """

    def __init__(self, address: str, place: Path | None = None, alone: float = _ALONE) -> None:
        try:
            from distributed import Client  # noqa: PLC0415 (heavy, and only there where it was asked for)
            from distributed.comm.addressing import get_address_host_port  # noqa: PLC0415
        except ImportError:
            raise KgError("--scheduler needs Dask, which comes with: pip install -c requirements.lock '.[dask]', in a clone") from None
        self._address, self._alone = address, alone
        try:
            with socket.create_connection(get_address_host_port(address), _CONNECTING):
                pass  # first, since a client waits for long, and one that cannot begin does not end well
            self._client = Client(address, timeout=_CONNECTING, set_as_default=False)
        except (OSError, ValueError) as error:
            raise KgError(f"{address}: no Dask scheduler answers here ({error}); start one with: dask scheduler") from None
        self._numbers, self._place = count(), place
        try:
            if place is not None:
                place.mkdir(parents=True, exist_ok=True)
                self._scratch = Scratch(place)
                self.shared = self._scratch.path
            self._refuse_others()
        except OSError as error:
            self.close()
            raise KgError(f"{place}: cannot be made, for the files of the workers: {error.strerror or error}") from None
        except BaseException:  # Ctrl+C as well: the client's threads and the folder are let go of, and the error goes on
            self.close()
            raise

    def close(self) -> None:
        """Let go of the cluster, and remove what was in the folder for it."""
        with suppress(Exception):  # workers that are gone have forgotten it
            self._client.run(work_of.cache_clear)
        loop: Any = self._client.loop
        loop.asyncio_loop.set_exception_handler(
            lambda loop, context: None
        )  # else what a lost connection leaves is told whenever it is collected
        self._client.close()
        if self.shared is not None and self._place is not None:
            self._scratch.remove()
            with suppress(OSError):
                self._place.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def _refuse_others(self) -> None:
        """Raise KgError where a worker that is there already runs other code; those that come later are asked at each batch."""
        try:
            self._client.wait_for_workers(1, timeout=self._alone)
            found = self._client.run(differs, about(), on_error="return")
        except (OSError, TimeoutError):
            raise self._no_worker() from None
        for worker, said in sorted(found.items()):
            if isinstance(said, BaseException):
                raise KgError(f"{worker}: this worker cannot run kg ({said}); install the same there, with its extra dask")
            if said:
                raise KgError(f"{worker}: {said}")

    def _no_worker(self) -> KgError:
        return KgError(
            f"{self._address}: this cluster has no worker; start some with: dask worker {self._address} --nworkers -1 --nthreads 1"
        )

    def batches(self, work: Callable[[T], R], batches: Sequence[Sequence[T]]) -> Iterator[list[R]]:
        """What ``work`` makes of the things of each batch, batch by batch."""
        sent, rest = self._sent(work), iter(batches)
        waiting: deque[Any] = deque()
        try:
            while True:
                room = max(1, _AHEAD * self._threads()) - len(waiting)
                for batch in islice(rest, max(room, 0)):
                    waiting.append(self._client.submit(made, about(), sent, batch, pure=False))
                if not waiting:
                    return
                yield self._result(waiting.popleft())
        finally:
            with suppress(Exception):
                self._client.cancel(list(waiting))

    def _sent(self, work: Callable[[T], R]) -> bytes | Path:
        body = pickle.dumps(work)
        if self.shared is None or len(body) <= _SMALL:
            return body
        path = self.shared / f"work-{next(self._numbers)}"
        path.write_bytes(body)
        return path

    def _result(self, future: Any) -> list[Any]:
        """What a worker made. Raises what the work raised, and KgError where nobody is left to do it."""
        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        waited = 0.0
        while True:
            try:
                found: list[Any] = future.result(timeout=_LOOKING)
                return found
            except TimeoutError:
                if future.status == "error":  # it is the work's own
                    raise
                waited = 0 if self._threads() else waited + _LOOKING
                if waited >= self._alone:
                    raise self._no_worker() from None
            except KilledWorker as error:
                raise KgError(
                    f"{self._address}: workers ended again and again over the same work; had they enough memory? ({error})"
                ) from None
            except CancelledError:
                raise self._gone() from None

    def _threads(self) -> int:
        """How many threads the workers have, all together."""
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError, RuntimeError, AttributeError):  # the last where the client has given up
            raise self._gone() from None

    def _gone(self) -> KgError:
        return KgError(f"{self._address}: the Dask scheduler is gone; start it again, and then this command")
