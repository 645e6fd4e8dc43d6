"""The few words a paper questionnaire says of its own accord (``languages/<lang>.json``).

Pages take theirs from gettext in ``consult.web``, which nothing here may import.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date

from consult.questionnaire import languages
from consult.questionnaire.model import LONDON, london

FALLBACK = "en"
_PLACE = re.compile(r"\{(\d)\}")
#: Keeps figures in a text from right to left from running into it: £5, not 5£ (Unicode, UAX 9).
_APART, _END = "\u2068", "\u2069"
_FOLDER = Path(__file__).parent / "languages"


@cache
def _said(language: str) -> dict[str, str]:
    said: dict[str, str] = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))
    return said


class PaperWords:
    """The words in one language, English where there are none of that language."""

    def __init__(self, language: str) -> None:
        self.known = (_FOLDER / f"{language}.json").is_file()
        self.language = language if self.known else FALLBACK
        self.all = dict(_said(self.language))
        self.apart = languages.direction(self.language) == "rtl"

    def say(self, key: str, *parts: object) -> str:
        """The words ``key``, with ``parts`` in their places."""
        # Not str.format, and in one pass: a survey's text in a part may hold braces of its own.
        said = [f"{_APART}{part}{_END}" if self.apart else str(part) for part in parts]
        return _PLACE.sub(lambda found: said[int(found[1])], self.all[key])

    def joined(self, things: Sequence[str], key: str) -> str:
        """Things as a list in words: a, b and c (``both``), a, b or c (``any``)."""
        *others, last = things
        # Not CLDR's lists: in Welsh they say "a(c)".
        return self.say(key, self.all["comma"].join(others), last) if others else last

    def moment(self, moment: datetime) -> str:
        """A day and its hour in London."""
        there = london(moment).astimezone(LONDON)
        # Each language's own order, save English and Welsh, which CLDR begins with commas.
        written = "EEEE d MMMM yyyy" if self.language in {"en", "cy"} else "full"
        day = format_date(there, written, locale=self.language)
        hour = f"{there:%H:%M}"
        if self.language == "en":
            hour = f"{there:%I:%M%p}".lstrip("0").replace(":00", "").lower()
        return self.say("at_hour", hour, day)
