"""Codes that a respondent writes down: one to come back with, one to correct what was sent."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from consult.spelling import spell, spelt


@dataclass(frozen=True)
class Receipt:
    """What leads a respondent back to a response, and nobody without it: 100 bits.

    Too many to be tried out, so no slow derivation is needed when a response is sent.
    """

    secret: bytes
    LENGTH = 20

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The receipt that was typed, None where it can be none."""
        number = spelt(text, cls.LENGTH)
        return None if number is None else cls((number << 4).to_bytes(13, "big"))

    @property
    def number(self) -> int:
        """The receipt's 100 bits."""
        return int.from_bytes(self.secret, "big") >> 4

    def __str__(self) -> str:
        return spell(self.number, self.LENGTH)

    @property
    def response_id(self) -> UUID:
        """The id of the response."""
        exact = (self.number << 4).to_bytes(13, "big")
        made = HKDFExpand(SHA256(), 16, b"response").derive(exact)
        return UUID(bytes=made, version=4)


@dataclass(frozen=True)
class ReturnCode:
    """A code of 60 bits to come back with, and what is derived from it.

    It is short enough to be said over a phone, so each guess at it is made dear: Argon2id with
    19 MiB and two passes (OWASP's least), about 20 ms of a CPU. Trying half of all codes against
    ten thousand saved drafts takes some 30,000 CPU-years.
    """

    number: int
    LENGTH = 12

    @classmethod
    def new(cls) -> Self:
        """A fresh code."""
        return cls(secrets.randbits(5 * cls.LENGTH))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The code that was typed, None where it can be none."""
        number = spelt(text, cls.LENGTH)
        return None if number is None else cls(number)

    def __str__(self) -> str:
        return spell(self.number, self.LENGTH)

    def keys(self, survey_slug: str) -> Keys:
        """Where a draft's token is stored and the key that seals it: 20 ms of a CPU."""
        salt = b"consult return code " + survey_slug.encode()
        made = hash_secret_raw(
            str(self).encode(), salt, time_cost=2, memory_cost=19 * 1024, parallelism=1,
            hash_len=48, type=Type.ID,
        )  # fmt: skip
        return Keys(UUID(bytes=made[:16]), made[16:])


@dataclass(frozen=True)
class Keys:
    """What a return code opens: a row, and what is sealed in it."""

    id: UUID
    key: bytes

    def seal(self, secret: bytes) -> bytes:
        """``secret``, encrypted (AES-256-GCM)."""
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self.key).encrypt(nonce, secret, None)

    def unseal(self, sealed: bytes) -> bytes | None:
        """The inverse, None where it was sealed with another key."""
        try:
            return AESGCM(self.key).decrypt(sealed[:12], sealed[12:], None)
        except InvalidTag:
            return None
