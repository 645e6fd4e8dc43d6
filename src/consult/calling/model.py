"""What a call can come to, when to ring again, and what share of a sample answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from consult.errors import ConsultError

#: The groups of the American Association for Public Opinion Research, Standard Definitions
#: (10th edition, 2023), telephone surveys: I complete, P partial, R refusal and break-off, NC
#: non-contact, O other, UH and UO unknown whether there is anybody eligible; "" not eligible.
Group = Literal["I", "P", "R", "NC", "O", "UH", "UO", ""]


@dataclass(frozen=True)
class Outcome:
    """What a call came to: its wording for staff, AAPOR's code and group, and what it means here.

    ``final`` ends the case; ``again`` is after how long to try again where nothing was agreed.
    """

    says: str
    code: str
    group: Group
    final: bool
    again: timedelta | None = None
    hint: str = ""


#: By name, in the order in which an interviewer is offered them; ``offered`` leaves out two.
OUTCOMES: Mapping[str, Outcome] = {
    "complete": Outcome("Interview finished", "1.1", "I", True),
    "no_answer": Outcome("No answer", "3.13", "UH", False, timedelta(hours=4)),
    "busy": Outcome("Engaged", "3.12", "UH", False, timedelta(minutes=30)),
    "voicemail": Outcome(
        "Voicemail", "3.14", "UH", False, timedelta(hours=4),
        "Leave no message about what the survey asks: others may hear it.",
    ),
    "call_back": Outcome(
        "Call back at a time that was agreed", "2.21", "NC", False,
        hint="Say when, below. Answers given so far are kept.",
    ),
    "broken_off": Outcome(
        "The call broke off", "2.12", "R", False, timedelta(0),
        "Answers given so far are kept. Whoever takes the case next goes on from there.",
    ),
    "refused": Outcome(
        "Refused", "2.11", "R", True, hint="They are never rung again. The number is erased."
    ),
    "stopped": Outcome(
        "Stopped part of the way and does not want to go on", "2.12", "R", True,
        hint="Their answers are erased. The number too.",
    ),
    "wrong_number": Outcome("Wrong number", "3.90", "UO", True),
    "not_eligible": Outcome("Not eligible", "4.70", "", True, hint="Moved away, or too young."),
    "language_barrier": Outcome(
        "None of the survey's languages", "2.33", "O", True,
        hint="If the survey is in a language they speak, arrange a call back instead.",
    ),
    "quota_full": Outcome("Enough people like this one have answered", "4.80", "", True),
}  # fmt: skip
#: What comes from the interview itself and cannot be picked.
MADE = frozenset({"complete", "quota_full"})
#: Tries without a conversation after which a case is left alone.
MOST_TRIES = 8
UNSPOKEN = frozenset({"no_answer", "busy", "voicemail"})
#: How long a case stays with an interviewer who does nothing.
HELD_FOR = timedelta(minutes=30)
#: After how long past its closing a survey's numbers are forgotten: it may be reopened.
NUMBERS_KEPT = timedelta(days=30)
LONGEST_WAIT = timedelta(days=60)


@dataclass(frozen=True)
class Next:
    """What happens to a case after a call."""

    final: bool
    due_at: datetime | None
    promised: bool


def after(outcome: str, tries: int, now: datetime, agreed: datetime | None) -> Next:
    """What happens after the call that was the ``tries``-th. Raises ConsultError."""
    known = OUTCOMES.get(outcome)
    if known is None or outcome in MADE:
        raise ConsultError("Select what the call came to.")
    if known.final or (outcome in UNSPOKEN and tries >= MOST_TRIES):
        return Next(True, None, False)
    if outcome == "call_back":
        if agreed is None or agreed <= now or agreed - now > LONGEST_WAIT:
            within = f"from now on and within {LONGEST_WAIT.days} days"
            raise ConsultError(f"Give a day and a time to call back, {within}.")
        return Next(False, agreed, True)
    assert known.again is not None  # noqa: S101  by OUTCOMES
    return Next(False, now + known.again, False)


@dataclass(frozen=True)
class Rate:
    """A response rate, and the groups it was worked out from."""

    value: float | None
    groups: Mapping[str, int]


def response_rate(counts: Mapping[str, int]) -> Rate:
    """AAPOR's response rate 1, the smallest: I / ((I+P) + (R+NC+O) + (UH+UO)).

    ``counts`` are cases by their latest outcome, "" for those not yet rung, which nobody knows to
    be eligible or not (UH). None where nobody could have answered.
    """
    groups = dict.fromkeys(("I", "P", "R", "NC", "O", "UH", "UO"), 0)
    for name, count in counts.items():
        group = OUTCOMES[name].group if name else "UH"
        if group:
            groups[group] += count
    together = sum(groups.values())
    return Rate(groups["I"] / together if together else None, groups)


def normal_phone(text: str) -> str:
    """A number's digits with its country's, so that 01926 and +44 1926 are one.

    Raises ConsultError.
    """
    plain = re.sub(r"[\s().-]", "", text)
    if not re.fullmatch(r"\+?[0-9]{7,15}", plain):
        raise ConsultError("it is no telephone number; write it like 01632 960100")
    if plain.startswith("+"):
        return plain[1:]
    if plain.startswith("00"):
        return plain[2:]
    return f"44{plain[1:]}" if plain.startswith("0") else plain
