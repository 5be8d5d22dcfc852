"""Fairness: what each client has taken, so that one that takes much waits for itself and not the others for it."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kg.serve.limits import Limits
from kg.serve.problems import Problem

_KNOWN: Final = 10_000
_MINUTE: Final = 60


@dataclass
class _Account:
    in_flight: int = 0
    used: float = 0.0
    at: float = 0.0


class Clients:
    """The accounts of clients: queries in flight, and seconds on workers, which are forgiven at the rate of the budget."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    def enter(self, client: str) -> None:
        """A client asks a query. Raises Problem (429, with Retry-After) where it has too many in flight, or has used up its time."""
        account = self._settled(client)
        if account.in_flight >= self._limits.in_flight:
            detail = f"you have {account.in_flight} queries in flight; wait for one of them"
            raise Problem(429, "too-many-queries", detail, (("retry-after", "1"),))
        over = account.used - self._limits.budget
        if over >= 0:
            wait = math.ceil(over / (self._limits.budget / _MINUTE)) + 1
            detail = f"your queries have used up their {self._limits.budget:g} seconds a minute; wait {wait} seconds"
            raise Problem(429, "budget-used-up", detail, (("retry-after", str(wait)),))
        account.in_flight += 1

    def charge(self, client: str, seconds: float) -> None:
        """Seconds that a worker worked for a client."""
        self._settled(client).used += seconds

    def leave(self, client: str) -> None:
        """A query of a client has ended, however it did."""
        self._settled(client).in_flight -= 1

    def _settled(self, client: str) -> _Account:
        """The account, with what time has forgiven taken off."""
        now = self._clock()
        account = self._accounts.setdefault(client, _Account(at=now))
        account.used = max(0.0, account.used - (now - account.at) * self._limits.budget / _MINUTE)
        account.at = now
        self._accounts.move_to_end(client)
        if len(self._accounts) > _KNOWN:
            oldest, idle = next((item for item in self._accounts.items() if not item[1].in_flight), (client, account))
            if idle is not account:
                del self._accounts[oldest]
        return account


def client_of(address: str) -> str:
    """Who counts as one client: an IPv4 address, or the /64 network of an IPv6 address, which one subscriber has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)
