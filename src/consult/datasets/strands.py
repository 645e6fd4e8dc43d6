"""For which strand a response was invited, where that may be said."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from consult.database import Database, ReadSession
from consult.datasets.store import strand_marks
from consult.inviting import store as invitations
from consult.inviting.codes import strands_behind
from consult.inviting.keys import root_key
from consult.settings import Settings

logger = logging.getLogger("consult.datasets")
#: Below this many of a strand nobody is told which responses are theirs.
FEW = 10


def named(counts: Mapping[str, int]) -> frozenset[str]:
    """The strands that a dataset may name, by how many have answered for each.

    One with fewer than ``FEW`` is left blank. What is left blank must be as many, or it would be
    known by being blank: else the smallest of the others is left blank with it.
    """
    rising = sorted(counts, key=lambda strand: (counts[strand], strand))
    blank = [strand for strand in rising if counts[strand] < FEW]
    shown = rising[len(blank) :]
    while blank and shown and sum(counts[strand] for strand in blank) < FEW:
        blank.append(shown.pop(0))
    return frozenset(shown)


async def of_responses(
    database: Database, session: ReadSession, slug: str, settings: Settings | None = None
) -> dict[UUID, str]:
    """The strand of each response to a survey of which it may be said.

    ``settings`` are the environment's where none are given: their secret opens the marks.
    """
    marks = await strand_marks(session, slug)
    if not marks:
        return {}
    root = await root_key(database, settings or Settings.from_environment())
    found = strands_behind(root, marks, await invitations.strands(session, slug))
    if not found:
        logger.warning("strands are kept that CONSULT_SECRET does not open: it is another now")
    shown = named(Counter(found.values()))
    return {one: strand for one, strand in found.items() if strand in shown}
