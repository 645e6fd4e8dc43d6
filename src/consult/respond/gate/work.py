"""Proof of work, as Altcha does it: a browser finds a number that takes it a moment.

The server picks a number up to ``MOST`` and shows a salt and the SHA-256 of both; the browser tries
numbers until one fits. Here salt and number come, by HMAC, from the response's own id and the time
the task runs out, so nothing is kept, not even which tasks were done: a proof is good for one
response, and that is stored once.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

#: Half of these are tried on average: 0.1 s on a laptop, under a second on an old phone.
MOST = 100_000
#: Seconds for which a task may be handed in: a check page is left open over lunch.
LIFE = 2 * 60 * 60


@dataclass(frozen=True)
class Task:
    """What a browser is given: find the number below ``most`` that with ``salt`` hashes so."""

    salt: str
    target: str
    most: int
    expires: int


def task(key: bytes, response_id: UUID, now: datetime) -> Task:
    """The task of one response."""
    expires = int(now.timestamp()) + LIFE
    salt, number = _made(key, response_id, expires)
    target = hashlib.sha256(f"{salt}{number}".encode()).hexdigest()
    return Task(salt, target, MOST, expires)


def proved(key: bytes, response_id: UUID, expires: str, number: str, now: datetime) -> bool:
    """Whether ``number`` is the one, of a task of ours for this response that has not run out."""
    if not all(
        text.isascii() and text.isdecimal() and len(text) < 12 for text in (expires, number)
    ):
        return False
    if not now.timestamp() <= int(expires) <= now.timestamp() + LIFE:
        return False
    return int(number) == _made(key, response_id, int(expires))[1]


def _made(key: bytes, response_id: UUID, expires: int) -> tuple[str, int]:
    said = hmac.digest(key, response_id.bytes + expires.to_bytes(8, "big"), "sha256")
    return said[:16].hex(), int.from_bytes(said[16:], "big") % MOST
