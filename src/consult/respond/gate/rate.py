"""How much one connection may send, without knowing whose it is.

A bucket of tokens for each address, under a keyed hash of it. The key is random, in memory alone,
and another every ``KEPT`` seconds, when all buckets go with it: no address is stored, logged or to
be found again. Reading pages costs nothing. A library with two hundred people behind one address
passes unmarked; past that responses are marked; only a flood is sent away for a while. A partner's
key has a bucket too, and sends thousands at once. Each web process counts for itself: with four of
them four times as much passes.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from litestar import Request

from consult.settings import Settings

#: Seconds for which a key, and the buckets under it, are kept.
KEPT = 6 * 60 * 60
#: Buckets in memory; past that the one unused for longest goes.
MOST_BUCKETS = 100_000


@dataclass(frozen=True)
class Rate:
    """``free`` at once, ``hourly`` more every hour, and refused when ``refused`` past that."""

    free: int
    hourly: int
    refused: int = 0


What = Literal[
    "begin", "send", "by_key", "wrong_code", "contact", "contact_by_one", "codes_by_mail",
    "mail_to_one",
]  # fmt: skip
RATES: dict[What, Rate] = {
    "begin": Rate(300, 600, 1200),
    "send": Rate(200, 400, 1300),
    # A partner's app may have collected a village's answers before it has a connection.
    "by_key": Rate(3_000, 3_000, 7_000),
    # Only wrong codes are counted: everyone in the library types a right one (``trying``).
    "wrong_code": Rate(50, 100),
    "contact": Rate(200, 400),
    # A household may share a response; nobody is in a prize draw a thousand times.
    "contact_by_one": Rate(5, 5),
    "codes_by_mail": Rate(200, 400),
    # Nobody's inbox is filled from here.
    "mail_to_one": Rate(5, 5),
}


class TooMany(Exception):
    """A flood; ``seconds`` is when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many")
        self.seconds = seconds


class Limits:
    """The buckets of one process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._renew()

    def _renew(self) -> None:
        self._key = secrets.token_bytes(32)
        self._since = self._now()
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._said: OrderedDict[bytes, bytes] = OrderedDict()

    def _mark(self, *parts: str) -> bytes:
        if self._now() - self._since > KEPT:
            self._renew()
        return hmac.digest(self._key, "\0".join(parts).encode(), "sha256")[:16]

    def take(self, what: What, whose: str) -> bool:
        """Take a token; False where there was none left. Raises TooMany in a flood."""
        now, rate = self._now(), RATES[what]
        name = self._mark(what, whose)
        tokens, at = self._buckets.pop(name, (float(rate.free), now))
        tokens = min(float(rate.free), tokens + (now - at) * rate.hourly / 3600)
        if tokens - 1 < -rate.refused:
            self._buckets[name] = (tokens, now)
            raise TooMany(max(1, round((1 - rate.refused - tokens) * 3600 / rate.hourly)))
        self._buckets[name] = (tokens - 1, now)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return tokens >= 1

    def give_back(self, what: What, whose: str) -> None:
        """Undo a ``take``, where its bucket is still there."""
        name = self._mark(what, whose)
        if name in self._buckets:
            tokens, at = self._buckets[name]
            self._buckets[name] = (min(float(RATES[what].free), tokens + 1), at)

    def repeated(self, whose: str, words: str, response: str) -> bool:
        """Whether ``whose`` has sent the same words before, in another response."""
        said, one = self._mark("said", whose, words), self._mark("by", response)
        before = self._said.setdefault(said, one)
        if len(self._said) > MOST_BUCKETS:
            self._said.popitem(last=False)
        return before != one

    def unsaid(self, whose: str, words: str, response: str) -> None:
        """Forget words of a response that was not stored."""
        said = self._mark("said", whose, words)
        if self._said.get(said) == self._mark("by", response):
            del self._said[said]

    def __len__(self) -> int:
        return len(self._buckets)


def address_of(request: Request[Any, Any, Any], settings: Settings) -> str:
    """The address a request came from, as far as it is to be believed.

    Behind ``CONSULT_TRUSTED_PROXIES`` proxies, what the outermost of them saw: each adds the
    address it was spoken to from, at the end. Of IPv6 the network, for a house has a whole one.
    """
    peer = request.client.host if request.client else ""
    hops = [
        hop.strip() for hop in ",".join(request.headers.getall("x-forwarded-for", [])).split(",")
    ]
    trusted = settings.trusted_proxies
    said = hops[-trusted] if trusted and len(hops) >= trusted else peer
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def limits_of(request: Request[Any, Any, Any]) -> Limits:
    """The buckets of this process."""
    limits: Limits = request.app.state.limits
    return limits


def take(request: Request[Any, Any, Any], settings: Settings, what: What, whose: str = "") -> bool:
    """Take a token of ``whose``, or of where a request came from. Raises TooMany."""
    if not settings.rate_limits:
        return True
    return limits_of(request).take(what, whose or address_of(request, settings))


@contextmanager
def trying(request: Request[Any, Any, Any], settings: Settings) -> Iterator[Callable[[], None]]:
    """A try at a code; call what it gives if the code is wrong. Raises TooMany.

    The token is taken before anything is worked out, or a flood would cost a processor all the
    same, and given back unless the code was wrong.
    """
    wrong = False

    def miss() -> None:
        nonlocal wrong
        wrong = True

    take(request, settings, "wrong_code")
    try:
        yield miss
    finally:
        if settings.rate_limits and not wrong:
            limits_of(request).give_back("wrong_code", address_of(request, settings))
