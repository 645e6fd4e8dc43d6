"""Going on after a mistake: what of a file can be checked without the places that are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consult.questionnaire.checks.finding import Finding
from consult.questionnaire.model import Location

#: Findings that only say that a date or part which could not be read is not there.
OF_DATES = {"no-deadline", "deadline-order", "unknown-part", "unused-part"}
DATES = {"opens", "closes", "parts"}
#: Stands among the names lost for a page, whose own name may be what is wrong.
A_PAGE = "(a page)"
#: The params of a finding that name what it is about (``known`` lists the others).
ABOUT = ("name", "key", "given", "margin", "part")


@dataclass(frozen=True)
class Lost:
    """What was left out of a file: its names, and for a survey the places of the pages kept."""

    names: frozenset[str] = frozenset()
    kept: tuple[int, ...] | None = None

    def place(self, location: Location) -> Location:
        """Where in the file a finding stands, whose pages are numbered without those left out."""
        if self.kept is None or location[:1] != ("pages",) or len(location) < 2:
            return location
        return ("pages", self.kept[int(location[1])], *location[2:])

    def explains(self, finding: Finding) -> bool:
        """Whether a finding only follows from what could not be read."""
        if finding.code in OF_DATES and self.names & DATES:
            return True
        # It may word the page whose name cannot be read.
        words_a_page = finding.code == "wording-unknown" and len(finding.location) == 2
        if words_a_page and A_PAGE in self.names:
            return True
        said = " ".join(finding.params.get(param, "") for param in ABOUT)
        return bool(self.names & set(re.findall(r"\w+", said)))


def without(tree: dict[str, Any], details: Sequence[Any], stand_ins: Mapping[str, Any]) -> Lost:
    """Take out of ``tree`` what pydantic's ``details`` say is wrong.

    A page goes as a whole, and so does a question's wording; a key with nothing in its place
    gets its stand-in.
    """
    lost: set[str] = set()
    pages: set[int] = set()
    for detail in details:
        place = detail["loc"]
        if detail["type"] == "extra_forbidden":
            _prune(tree, place)
        elif place[:1] == ("pages",) and len(place) > 1 and isinstance(place[1], int):
            pages.add(place[1])
        elif place[:1] == ("questions",) and len(place) > 1:
            lost.add(str(place[1]))
        elif place:
            lost.add(str(place[0]))
            tree.pop(place[0], None)
    kept = None
    if pages:
        lost.add(A_PAGE)
        kept = tuple(n for n in range(len(tree["pages"])) if n not in pages)
    for number in sorted(pages, reverse=True):
        lost |= set(_ids(tree["pages"].pop(number)))
    for name in lost:
        if isinstance(tree.get("questions"), dict):
            tree["questions"].pop(name, None)
    for key, value in stand_ins.items():
        tree.setdefault(key, value)
    return Lost(frozenset(lost), kept)


def _ids(node: Any) -> Iterator[str]:
    """Every id inside a page."""
    if isinstance(node, dict):
        if isinstance(node.get("id"), str):
            yield node["id"]
        yield from _ids(node.get("questions"))
    elif isinstance(node, list):
        for item in node:
            yield from _ids(item)


def _prune(tree: Any, place: Sequence[str | int]) -> None:
    """Remove the key at ``place``; pydantic also names members of unions on the way there."""
    for key in place[:-1]:
        if isinstance(tree, list):
            tree = tree[int(key)]
        elif key in tree:
            tree = tree[key]
    tree.pop(place[-1], None)
