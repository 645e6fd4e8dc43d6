"""What invitations are, apart from how they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from consult.errors import ConsultError

Channel = Literal["letter", "email", "text"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
#: Why a message did not arrive, as far as whoever carries it says: ``delivery.py`` sorts it.
Problem = Literal["address", "refused", "unreachable", "setting"]
MOST = 5_000
#: Characters of a list: of 5,000 lines each may have four hundred.
LONGEST = 2_000_000
#: Strands of a survey: with each response fifty used invitations of every one are written anew.
MOST_STRANDS = 12
#: Below this many nobody reads off a count who has answered.
FEW = 10

_EMAIL = re.compile(r"[^@\s,;<>\"']{1,64}@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]{2,}")
_PHONE = re.compile(r"\+?[0-9]{9,15}")


@dataclass(frozen=True)
class Admission:
    """Whether a code opens a survey: an unused one does. For whom it was made, if for anybody."""

    survey_slug: str
    used: bool
    strand: str | None = None


@dataclass(frozen=True)
class Batch:
    """Invitations made together."""

    id: int
    survey_slug: str
    strand: str
    channel: Channel
    language: str


@dataclass(frozen=True)
class Tally:
    """How many of a batch there are, were sent and could not be.

    Of reminders only whether there were any: their number is that of those who had not answered.
    """

    batch: Batch
    invited: int
    waiting: bool
    sent: int
    reminded: bool
    failed: dict[str, int]
    reachable: bool


@dataclass(frozen=True)
class Answered:
    """How many of those invited for a strand by a channel have answered."""

    strand: str
    channel: Channel
    invited: int
    answered: int

    @property
    def says(self) -> str:
        """The number in words that do not say of any one person whether they answered."""
        if self.invited < FEW:
            return "not shown"
        if self.answered < FEW:
            return f"fewer than {FEW}"
        if self.invited - self.answered < FEW:
            return f"all, or all but fewer than {FEW}"
        return f"about {5 * round(self.answered / 5):,}"


@dataclass(frozen=True)
class Outgoing:
    """A message that is this worker's to send now."""

    id: UUID
    batch: Batch
    invitation_id: UUID
    reach: str
    kind: Literal["invitation", "reminder"]
    attempts: int


def reach(text: str, channel: Channel) -> str | None:
    """An email address or telephone number as it is kept, None where it can be none."""
    typed = text.strip()
    if channel == "email":
        ok = len(typed) <= 254 and _EMAIL.fullmatch(typed)
        return typed if ok else None
    digits = re.sub(r"[\s().-]", "", typed)
    return digits if _PHONE.fullmatch(digits) else None


def reaches(text: str, channel: Channel) -> list[str]:
    """The addresses of a pasted list or a CSV file, each once. Raises ConsultError.

    The first cell of each line that can be one is taken, so that a file with names beside them
    need not be cut; a first line without any is a heading.
    """
    if len(text) > LONGEST:
        raise ConsultError("That list is too long. Send them in several batches.")
    found: dict[str, str] = {}
    wrong: list[int] = []
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t]", line)]
        address = next((made for cell in cells if (made := reach(cell, channel))), None)
        if address:
            found.setdefault(address.casefold(), address)
        elif number > 1:
            wrong.append(number)
    what = "an email address" if channel == "email" else "a telephone number"
    if wrong:
        listed = ", ".join(map(str, wrong[:10])) + (" and more" if len(wrong) > 10 else "")
        raise ConsultError(f"There is no {what.split(' ', 1)[1]} in line {listed}. Mend the list.")
    if not found:
        raise ConsultError(f"Add {what}, each on a line of its own.")
    if len(found) > MOST:
        raise ConsultError(f"That is more than {MOST:,}. Send them in several batches.")
    return list(found.values())
