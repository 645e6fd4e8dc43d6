"""What each comment counts as: what a person said of it last, else what the machine says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from consult.coding.frame import Frame
from consult.coding.model import Assignment

#: A machine's assignment that it is less sure of waits for a person.
SURE = 0.65


@dataclass(frozen=True)
class Standing:
    """A comment's codes by the frame as it is now. ``by`` is empty for the machine."""

    codes: tuple[str, ...]
    by: str
    confidence: float | None

    @property
    def unsure(self) -> bool:
        """Whether the machine said so, and is not sure."""
        return not self.by and self.confidence is not None and self.confidence < SURE


def by_people(
    said: Mapping[UUID, Assignment], blind: Mapping[UUID, Mapping[str, Assignment]]
) -> dict[UUID, Assignment]:
    """By comment what a person said of it: last of all, else first in the check sample."""
    return {one: next(iter(many.values())) for one, many in blind.items()} | dict(said)


def standings(
    people: Mapping[UUID, Assignment], machine: Mapping[UUID, Assignment], frame: Frame
) -> dict[UUID, Standing]:
    """By comment what it counts as.

    One whose every code was deleted since is no longer coded.
    """
    found: dict[UUID, Standing] = {}
    for given in (machine, people):
        for one, said in given.items():
            now = frame.now(said.codes)
            if now or not said.codes:
                found[one] = Standing(now, said.by, said.confidence)
    return found


def sizes(standing: Iterable[Standing], frame: Frame) -> tuple[Counter[str], Counter[str]]:
    """How many comments have each code, in all and by people; a part counts in its whole too."""
    every: Counter[str] = Counter()
    people: Counter[str] = Counter()
    parent = {code.id: code.parent for code in frame.codes}
    for one in standing:
        codes = {*one.codes, *(whole for code in one.codes if (whole := parent[code]))}
        every.update(codes)
        if one.by:
            people.update(codes)
    return every, people
