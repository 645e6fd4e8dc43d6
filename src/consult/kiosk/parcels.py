"""What a tablet sends: responses sealed for the service alone, the moment they are finished.

Each parcel is sealed in the browser with a key of its own (ECDH on P-256 with a fresh pair, HKDF
and AES-256-GCM): what opens it is the kiosk's private key, which the tablet never had.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from consult.arriving.taking import Arrival

#: Parcels in one request, and characters of one; kiosk-queue.js sends fewer where they are long.
MOST = 50
LONGEST = 8_000_000
#: Bytes of a request: one parcel of the longest, or many that are shorter.
LONGEST_REQUEST = 12_000_000
INFO = b"consult kiosk"
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Unopened(ValueError):
    """A parcel that is none, or that was sealed for another kiosk."""


@dataclass(frozen=True)
class Parcel:
    """A sealed response under a name of its own: not the response's, which is inside."""

    id: UUID
    key: bytes
    iv: bytes
    data: bytes


def new_key() -> bytes:
    """A kiosk's private key (PKCS 8)."""
    made = ec.generate_private_key(ec.SECP256R1())
    return made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _private(key: bytes) -> ec.EllipticCurvePrivateKey:
    loaded = load_der_private_key(key, None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)  # noqa: S101  what new_key() made
    return loaded


def public_half(key: bytes) -> bytes:
    """What the tablet is given: a point, uncompressed."""
    point = _private(key).public_key()
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def parcel(data: Any) -> Parcel:
    """A parcel as it was sent. Raises Unopened."""
    names = ("id", "key", "iv", "data")
    if not isinstance(data, dict) or not all(isinstance(data.get(n), str) for n in names):
        raise Unopened
    if not _UUID.fullmatch(data["id"]) or len(data["data"]) > LONGEST:
        raise Unopened
    try:
        key, iv, sealed = (b64decode(data[name], validate=True) for name in names[1:])
    except (BadBase64, ValueError):
        raise Unopened from None
    if len(iv) != 12:
        raise Unopened
    return Parcel(UUID(data["id"]), key, iv, sealed)


def opened(sealed: Parcel, private_key: bytes) -> dict[str, Any]:
    """The response inside. Raises Unopened."""
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sealed.key)
        shared = _private(private_key).exchange(ec.ECDH(), theirs)
        key = HKDF(SHA256(), 32, None, INFO).derive(shared)
        plain = AESGCM(key).decrypt(sealed.iv, sealed.data, str(sealed.id).encode())
        content = _storable(json.loads(plain))
    except (InvalidTag, ValueError, RecursionError):
        raise Unopened from None
    if not isinstance(content, dict):
        raise Unopened
    return content


def _storable(value: Any) -> Any:
    """``value`` without NUL and halves of characters, which PostgreSQL cannot keep for staff."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(each) for name, each in value.items()}
    return value


def arrival(content: dict[str, Any], slug: str) -> Arrival:
    """An opened response as one to be taken in. Raises Unopened."""
    kinds: Sequence[tuple[str, type]] = (
        ("id", str), ("language", str), ("version", int), ("seed", int), ("answers", dict),
        ("day", str),
    )  # fmt: skip
    if not all(type(content.get(name)) is kind for name, kind in kinds):
        raise Unopened
    try:
        return Arrival(
            id=UUID(content["id"]),
            slug=slug,
            channel="kiosk",
            language=content["language"][:8],
            answers=content["answers"],
            version=content["version"],
            seed=content["seed"] % 2**31,
            answered_on=date.fromisoformat(content["day"]),
        )
    except ValueError:
        raise Unopened from None
