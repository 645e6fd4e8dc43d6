"""Answers in progress, sealed so that only the respondent's browser can open them.

The browser holds one random token. From it come, each one-way, the name under which the draft is
stored, the key that seals it, and the id of the response it becomes: a copy of the database shows
neither what is in a draft nor whose it was.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

NONCE = 12
#: Crockford's letters: none is taken for another when read out.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Draft:
    """What has been typed so far, page by page, and when the first page was opened."""

    begun: datetime
    raw: Mapping[str, list[str]] = field(default_factory=dict)
    seen: tuple[str, ...] = ()

    def with_page(self, page_id: str, typed: Mapping[str, list[str]], *, seen: bool) -> Self:
        """The draft after a page was sent."""
        pages = self.seen if not seen or page_id in self.seen else (*self.seen, page_id)
        return replace(self, raw={**self.raw, **typed}, seen=pages)


@dataclass(frozen=True)
class Token:
    """The browser's secret, and what is derived from it (HKDF-Expand, RFC 5869)."""

    secret: bytes

    @classmethod
    def new(cls) -> Self:
        """A fresh token of 256 bits."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """The token of a cookie, None where it is missing or not ours."""
        try:
            secret = bytes.fromhex(text or "")
        except ValueError:
            return None
        return cls(secret) if len(secret) == 32 else None

    def __str__(self) -> str:
        return self.secret.hex()

    def _derive(self, purpose: str, length: int) -> bytes:
        return HKDFExpand(SHA256(), length, purpose.encode()).derive(self.secret)

    @property
    def draft_id(self) -> UUID:
        """Where the draft is stored."""
        return UUID(bytes=self._derive("draft", 16))

    @property
    def response_id(self) -> UUID:
        """The id of the response: the same however often the draft is sent."""
        return UUID(bytes=self._derive("response", 16), version=4)

    @property
    def seed(self) -> int:
        """What makes the respondent's orders of chance: 31 bits, the same on every page."""
        return int.from_bytes(self._derive("order", 4), "big") >> 1

    def seal(self, draft: Draft) -> bytes:
        """The answers of ``draft``, encrypted (AES-256-GCM)."""
        begun = draft.begun.isoformat()
        plain = json.dumps({"begun": begun, "raw": dict(draft.raw), "seen": draft.seen}).encode()
        nonce = secrets.token_bytes(NONCE)
        return nonce + AESGCM(self._derive("seal", 32)).encrypt(nonce, plain, None)

    def unseal(self, sealed: bytes) -> Draft | None:
        """The draft that ``seal`` made, None where it was sealed with another token."""
        try:
            plain = AESGCM(self._derive("seal", 32)).decrypt(sealed[:NONCE], sealed[NONCE:], None)
        except InvalidTag:
            return None
        data = json.loads(plain)
        begun = datetime.fromisoformat(data["begun"])
        return Draft(begun, data["raw"], tuple(data["seen"]))


def reference(response_id: UUID) -> str:
    """The code a respondent is given: fifty bits of the id, as two groups of five letters."""
    bits = response_id.int >> 78
    letters = "".join(LETTERS[(bits >> shift) & 31] for shift in range(45, -1, -5))
    return f"{letters[:5]}-{letters[5:]}"
