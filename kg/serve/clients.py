"""Fairness: what each client has taken, so that one that takes much waits for itself and not the others for it."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from kg.serve.limits import Limits
from kg.serve.problems import Problem

_KNOWN: Final = 10_000
_MINUTE: Final = 60


@dataclass
class Account:
    """What a client has taken: queries in flight, and seconds on workers, which time forgives at the rate of the budget."""

    rate: float
    clock: Callable[[], float]
    in_flight: int = 0
    yields_until: float = -math.inf
    _used: float = 0.0
    _at: float = 0.0

    def has_right_of_way(self, light: float, running: float = 0.0) -> bool:
        """Whether it has used no more than ``light`` seconds, with those of a query that runs, and had to end none of late."""
        return self.used + running <= light and self.clock() >= self.yields_until

    def give_way(self) -> None:
        """A query of the client was ended in favour of others: for a minute it comes after them, however little it has used."""
        self.yields_until = self.clock() + _MINUTE

    @property
    def used(self) -> float:
        """Seconds on workers that are not forgiven yet."""
        now = self.clock()
        self._used, self._at = max(0.0, self._used - (now - self._at) * self.rate), now
        return self._used

    @contextmanager
    def working(self) -> Iterator[None]:
        """The server itself works for the client, as long as this is entered."""
        start = self.clock()
        try:
            yield
        finally:
            self.charge(self.clock() - start)

    def charge(self, seconds: float) -> None:
        """A worker worked for the client."""
        self._used = self.used + seconds


class Clients:
    """The accounts of clients, of no more than so many: who has not been seen for the longest time is forgotten."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._accounts: OrderedDict[str, Account] = OrderedDict()

    @contextmanager
    def asking(self, client: str) -> Iterator[Account]:
        """A client asks a query, as long as this is entered.

        Raises Problem (429, with Retry-After) where it has too many in flight, or has used up its time.
        """
        account = self._account(client)
        if account.in_flight >= self._limits.in_flight:
            detail = f"you have {account.in_flight} queries in flight; wait for one of them"
            raise Problem(429, "too-many-queries", detail, (("retry-after", "1"),))
        over = account.used - self._limits.budget
        if over >= 0:
            wait = math.ceil(over / account.rate) + 1
            detail = f"your queries have used up their {self._limits.budget:g} seconds a minute; wait {wait} seconds"
            raise Problem(429, "budget-used-up", detail, (("retry-after", str(wait)),))
        account.in_flight += 1
        try:
            yield account
        finally:
            account.in_flight -= 1

    def _account(self, client: str) -> Account:
        account = self._accounts.setdefault(client, Account(self._limits.budget / _MINUTE, self._clock))
        self._accounts.move_to_end(client)
        if len(self._accounts) > _KNOWN:
            oldest = next((name for name, each in self._accounts.items() if not each.in_flight and each is not account), client)
            if oldest != client:
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
