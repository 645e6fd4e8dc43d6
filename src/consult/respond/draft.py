"""Answers in progress, sealed so that only the respondent's browser can open them.

The browser holds one random token. From it come, each one-way, the name under which the draft is
stored, the key that seals it, and the receipt of the response it becomes: a copy of the database
shows neither what is in a draft nor whose it was.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from consult.respond.codes import Receipt

NONCE = 12
#: A draft not touched for so long is given up: nobody who has its key is likely to come back.
DRAFTS_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Draft:
    """What has been typed so far, page by page, and when the first page was opened.

    ``notes`` are what else goes with the answers when they are sent, by name; ``change`` counts
    the times it was stored.
    """

    begun: datetime
    raw: Mapping[str, list[str]] = field(default_factory=dict)
    seen: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    change: int = 0

    def with_page(self, page_id: str, typed: Mapping[str, list[str]], *, seen: bool) -> Self:
        """The draft after a page was sent."""
        pages = self.seen if not seen or page_id in self.seen else (*self.seen, page_id)
        return replace(self, raw={**self.raw, **typed}, seen=pages)

    @property
    def code_id(self) -> UUID | None:
        """Where the code to come back with is stored, if one was asked for."""
        return UUID(self.notes["code_id"]) if "code_id" in self.notes else None

    def noting(self, **notes: str) -> Self:
        """The draft with ``notes`` too."""
        return replace(self, notes={**self.notes, **notes})


@dataclass(frozen=True)
class Token:
    """The browser's secret, and what is derived from it (HKDF-Expand, RFC 5869)."""

    secret: bytes
    #: The receipt of a response sent before, which this draft corrects.
    corrects: Receipt | None = None

    @classmethod
    def new(cls) -> Self:
        """A fresh token of 256 bits."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """The token of a cookie, None where it is missing or not ours."""
        written, _, receipt = (text or "").partition(".")
        try:
            secret = bytes.fromhex(written)
        except ValueError:
            return None
        corrects = Receipt.read(receipt) if receipt else None
        if len(secret) != 32 or bool(receipt) != (corrects is not None):
            return None
        return cls(secret, corrects)

    def __str__(self) -> str:
        return f"{self.secret.hex()}.{self.corrects}" if self.corrects else self.secret.hex()

    @cached_property
    def _derived(self) -> bytes:
        """16 bytes of the draft's name, 32 of its key, 13 of the receipt, 4 of orders of chance, 8
        of the mark on its pages."""
        return HKDFExpand(SHA256(), 73, b"consult draft").derive(self.secret)

    @property
    def draft_id(self) -> UUID:
        """Where the draft is stored."""
        return UUID(bytes=self._derived[:16])

    @property
    def receipt(self) -> Receipt:
        """What leads back to the response: the same however often the draft is sent."""
        return self.corrects or Receipt(self._derived[48:61])

    @property
    def seed(self) -> int:
        """What makes the respondent's orders of chance: 31 bits, the same on every page."""
        return int.from_bytes(self._derived[61:65], "big") >> 1

    @property
    def mark(self) -> str:
        """What the forms of a draft carry, so that none is sent as somebody else's: a page can stay
        open in one tab while another person begins in the next."""
        return self._derived[65:].hex()

    @property
    def _key(self) -> AESGCM:
        return AESGCM(self._derived[16:48])

    def seal(self, draft: Draft) -> bytes:
        """The answers of ``draft``, encrypted (AES-256-GCM)."""
        holds = {
            "begun": draft.begun.isoformat(),
            "raw": dict(draft.raw),
            "seen": draft.seen,
            "notes": dict(draft.notes),
        }
        nonce = secrets.token_bytes(NONCE)
        plain = json.dumps(holds).encode()
        return nonce + self._key.encrypt(nonce, plain, None)

    def unseal(self, sealed: bytes, change: int = 0) -> Draft | None:
        """The draft that ``seal`` made, None where it was sealed with another token."""
        try:
            plain = self._key.decrypt(sealed[:NONCE], sealed[NONCE:], None)
        except InvalidTag:
            return None
        held = json.loads(plain)
        begun = datetime.fromisoformat(held["begun"])
        return Draft(begun, held["raw"], tuple(held["seen"]), held["notes"], change)
