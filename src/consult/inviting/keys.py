"""The key of this installation, from which every other is derived."""

from __future__ import annotations

import hmac
from weakref import WeakKeyDictionary

from consult.database import Database
from consult.inviting import store
from consult.settings import Settings

_known: WeakKeyDictionary[Database, bytes] = WeakKeyDictionary()


async def root_key(database: Database, settings: Settings) -> bytes:
    """Random bytes of the database, and ``CONSULT_SECRET``, in one (HKDF-Extract, RFC 5869).

    Read once in a process. Raises DatabaseUnavailable.
    """
    if database not in _known:
        async with database.writing() as session:
            stored = await store.installation_key(session)
        _known[database] = hmac.digest(settings.secret.encode(), stored, "sha256")
    return _known[database]
