"""Invitation codes, addresses and strands, as the one-way marks that are kept of them.

A code has 60 bits, twelve letters that can be said over a phone. Online, with ten thousand codes
out, a try finds one with a chance of 1 in 10^14, and tries are rationed (``respond/gate/rate.py``).
A copy of the database holds marks alone: scrypt with 1 MiB, about 3 ms of a CPU each, so that a
graphics card with 200,000 tries a second works 18 years for the first of ten thousand codes. An
address is no secret of 60 bits: whoever has a copy of the database could try a list of addresses.
``CONSULT_SECRET``, kept outside the database, goes into every mark, and without it there is
nothing to try.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from functools import cache
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from consult.spelling import spell, spelt

LENGTH = 12
#: Letters of a code that checks an email address: 40 bits, for ten minutes.
SIGN_IN_LENGTH = 8


def new_code(length: int = LENGTH) -> str:
    """A fresh code, in groups of four letters."""
    return spell(secrets.randbits(5 * length), length)


def normal(text: str, length: int = LENGTH) -> str | None:
    """A code as it was typed, None where it can be none."""
    number = spelt(text, length)
    return None if number is None else spell(number, length)


def derived(root: bytes, purpose: str) -> bytes:
    """A key for one purpose (HKDF-Expand, RFC 5869)."""
    return HKDFExpand(SHA256(), 32, f"consult {purpose}".encode()).derive(root)


def mark_of_code(root: bytes, code: str) -> bytes:
    """What is kept of an invitation code: 3 ms of a CPU."""
    return _mark(derived(root, "invitation"), code)


def mark_of_address(root: bytes, slug: str, address: str) -> bytes:
    """What is kept of an address that answered a survey; another in every survey."""
    return _mark(derived(root, f"address {slug}"), address.strip().casefold())


def mark_of_strand(root: bytes, response_id: UUID, strand: str) -> bytes:
    """What a response keeps of the strand it was invited for: another in every response.

    Without the root, of which ``CONSULT_SECRET`` is part, it is sixteen bytes of chance.
    """
    return _mark_of_strand(derived(root, "strand"), response_id, strand)


def strands_behind(
    root: bytes, marks: Iterable[tuple[UUID, bytes]], strands: Iterable[str]
) -> dict[UUID, str]:
    """The strand of each response whose mark is one of ``strands``."""
    key, known = derived(root, "strand"), list(strands)
    return {
        one: strand
        for one, mark in marks
        for strand in known
        if hmac.compare_digest(mark, _mark_of_strand(key, one, strand))
    }


def _mark_of_strand(key: bytes, response_id: UUID, strand: str) -> bytes:
    return hmac.digest(key, response_id.bytes + strand.encode(), "sha256")[:16]


def _mark(salt: bytes, text: str) -> bytes:
    return hashlib.scrypt(text.encode(), salt=salt, n=2**10, r=8, p=1, dklen=32)


def marked(root: bytes, count: int) -> list[tuple[str, bytes]]:
    """``count`` fresh codes, each with its mark."""
    return [(code, mark_of_code(root, code)) for code in (new_code() for _ in range(count))]


async def marked_aside(root: bytes, count: int) -> list[tuple[str, bytes]]:
    """``marked`` in a thread, one batch at a time: pages for residents come first."""
    return await to_thread.run_sync(marked, root, count, limiter=_limiter())


async def mark_aside(root: bytes, code: str) -> bytes:
    """``mark_of_code`` in a thread."""
    return await to_thread.run_sync(mark_of_code, root, code)


@cache
def _limiter() -> CapacityLimiter:
    return CapacityLimiter(1)
