"""What a file is taken into: lines that count, and what is left out with the reason."""

from collections.abc import Iterable
from dataclasses import dataclass, field

LETTER, EMAIL, NOTES = "letter", "email", "meeting notes"

GREETING, SIGNATURE, HEAD = "salutation", "signature", "letterhead"
SUBJECT, OLDER, NOTE = "subject line", "older mail", "forwarding note"
DISCLAIMER, RUNNING = "disclaimer", "page header or footer"
MEETING, NOTHING, ATTACHED = "meeting details", "says nothing", "attachment without text"

PERSONAL = frozenset((GREETING, SIGNATURE, HEAD, MEETING))


class Unreadable(Exception):
    """A file that cannot be read. The message goes on after the file's name and has the remedy."""


@dataclass(frozen=True, slots=True)
class Left:
    """Words that were left out, and why."""

    reason: str
    text: str = ""

    @property
    def personal(self) -> bool:
        """Whether the words are little but names and addresses, and not for showing."""
        return self.reason in PERSONAL


@dataclass(slots=True)
class Lines:
    """Lines of a file; an empty one ends a paragraph.

    `wrapped`: lines end where the page did, and not where a paragraph does. `notes`: what the
    reader of the file has to know.
    """

    lines: list[str]
    wrapped: bool = False
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Written:
    """What somebody wrote, ready to be cut in passages: one paragraph, heading or item a line."""

    kind: str
    lines: list[str]
    day: str = ""
    left: list[Left] = field(default_factory=list)


def words(lines: Iterable[str]) -> int:
    """How many words lines have, spaces between them."""
    return sum(len(line.split()) for line in lines)
