"""Passwords: argon2id hashes, and how many tries an account has."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from consult.errors import ConsultError

SHORTEST = 12
#: After this many failures in a row the account rests; by name, for no address is kept.
TRIES = 5
REST = timedelta(minutes=15)
_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Verified where there is no such account, so that the answer takes as long."""
    return _hasher.hash(secrets.token_urlsafe())


def hashed(password: str) -> str:
    """The argon2id hash of a password. Raises ConsultError for a short one."""
    if len(password) < SHORTEST:
        raise ConsultError(f"The password is too short. Use {SHORTEST} characters or more.")
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one; takes the same time where there is no account."""
    try:
        return _hasher.verify(password_hash or _nobody(), password) and password_hash is not None
    except VerificationError:
        return False


async def matches_aside(password_hash: str | None, password: str) -> bool:
    """``matches`` in a thread, a few at a time: each takes 64 MiB and much of a second.

    A flood of tries waits for itself and not for the pages that residents are on.
    """
    return await to_thread.run_sync(matches, password_hash, password, limiter=_limiter())


@cache
def _limiter() -> CapacityLimiter:
    return CapacityLimiter(2)


def new_password() -> str:
    """A password that can be read out: four groups of five."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def token_hash(token: str) -> bytes:
    """What is kept of a sign-in token."""
    return hashlib.sha256(token.encode()).digest()


def rest_after(failures: int, now: datetime) -> datetime | None:
    """Until when an account rests after this many failures."""
    return now + REST if failures >= TRIES else None
