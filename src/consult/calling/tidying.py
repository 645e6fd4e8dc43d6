"""Numbers that nobody will ring any more."""

from __future__ import annotations

from datetime import datetime

from consult.calling import store
from consult.calling.model import NUMBERS_KEPT
from consult.consultations import store as consultations
from consult.database import WriteSession


async def forget_numbers(session: WriteSession, now: datetime) -> int:
    """Erase numbers of surveys that closed long ago; returns of how many cases."""
    closed = [
        version.survey.slug
        for version in await consultations.all_current(session)
        if version.survey.closes < now - NUMBERS_KEPT
    ]
    return sum([await store.erase(session, slug) for slug in closed])
