"""What the sending of a response gives away, as flags. Pure rules; absence never refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from consult.respond.flags import AGAIN, BURST, FAST, HONEYPOT, NO_PROOF

#: A box of the check page that nobody sees, hears or tabs to; machines fill it in.
TRAP = "another_subject"
#: Seconds within which nobody has read the questions: at the least, and for each page.
FAST_LEAST, FAST_A_PAGE = 3, 1.5
#: Seconds that stand in for the browser's task where there is no JavaScript.
WAIT_LEAST, WAIT_A_PAGE = 10, 2


def doubts(
    form: Mapping[str, Sequence[str]],
    *,
    begun: datetime,
    now: datetime,
    pages: int,
    proved: bool,
    within_rate: bool,
    again: bool,
) -> list[str]:
    """The flags of a response: sent with ``form``, after ``pages`` pages since ``begun``."""
    took = (now - begun).total_seconds()
    found = {
        AGAIN: again,
        FAST: took < max(FAST_LEAST, FAST_A_PAGE * pages),
        HONEYPOT: any(text.strip() for text in form.get(TRAP, ())),
        NO_PROOF: not proved and took < WAIT_LEAST + WAIT_A_PAGE * pages,
        BURST: not within_rate,
    }
    return [flag for flag, there in found.items() if there]
