"""An interview in progress, sealed; and telephone numbers compared without being kept.

Another interviewer must be able to go on with a call that broke, so that the key cannot be the
respondent's or one interviewer's. It comes from the installation's key, which is ``CONSULT_SECRET``
and random bytes of the database together: a copy of the database alone opens nothing, as long as
that setting is set, and whoever has both can read what is in progress. What is finished is not
here any more.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

NONCE = 12


@dataclass(frozen=True)
class Interview:
    """Answers so far, and the id and the orders of chance of the response they become."""

    begun: datetime
    language: str
    response_id: UUID
    seed: int
    raw: Mapping[str, list[str]] = field(default_factory=dict)
    seen: tuple[str, ...] = ()

    @classmethod
    def new(cls, now: datetime, language: str) -> Self:
        """One that begins now."""
        return cls(now.replace(second=0, microsecond=0), language, uuid4(), secrets.randbits(31))

    def with_page(self, page_id: str, raw: Mapping[str, list[str]], *, seen: bool) -> Self:
        """After a page was answered."""
        pages = self.seen if not seen or page_id in self.seen else (*self.seen, page_id)
        return replace(self, raw={**self.raw, **raw}, seen=pages)


def _key(root: bytes, case_id: UUID) -> bytes:
    return HKDFExpand(SHA256(), 32, b"telephone" + case_id.bytes).derive(root)


def seal(interview: Interview, root: bytes, case_id: UUID) -> bytes:
    """An interview, encrypted (AES-256-GCM) for its case."""
    held = {
        "begun": interview.begun.isoformat(),
        "language": interview.language,
        "response_id": str(interview.response_id),
        "seed": interview.seed,
        "raw": dict(interview.raw),
        "seen": interview.seen,
    }
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(_key(root, case_id)).encrypt(nonce, json.dumps(held).encode(), None)


def unseal(sealed: bytes | None, root: bytes, case_id: UUID) -> Interview | None:
    """What ``seal`` made; None where there is nothing, or ``CONSULT_SECRET`` is another now."""
    if sealed is None:
        return None
    try:
        plain = AESGCM(_key(root, case_id)).decrypt(sealed[:NONCE], sealed[NONCE:], None)
    except InvalidTag:
        return None
    held = json.loads(plain)
    return Interview(
        datetime.fromisoformat(held["begun"]),
        held["language"],
        UUID(held["response_id"]),
        held["seed"],
        held["raw"],
        tuple(held["seen"]),
    )


def digest(number: str, root: bytes) -> bytes:
    """What is left of a number that was erased: whoever refused is not rung under a new case."""
    return hmac.digest(root, b"number" + number.encode(), "sha256")
