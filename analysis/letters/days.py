"""The day a text says it was written on, where only one reading is possible."""

import datetime as dt
import re
from collections.abc import Iterable

FIRST_YEAR, LAST_YEAR = 1990, 2100

LONGEST = 60
"""A line of so many characters has more in it than a date."""

_NAMES = "january february march april may june july august september october november december"
_MONTHS = {name[:3]: k for k, name in enumerate(_NAMES.split(), 1)}
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>\d{4})"
_FORMS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}\b",
        rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b",
        r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b",
        r"\b(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4})\b",
    )
]
_ALONE = re.compile(
    r"^\W*(?:(?:date|dated|sent|held|on|day)\b\W*)*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon"
    r"|tue|wed|thu|fri|sat|sun)?\W*(?P<date>.{6,24}?)\W*$",
    re.IGNORECASE,
)


def days(text: str) -> set[str]:
    """Every day that a text names in full, as 2026-03-09; both readings of 3/9/2026."""
    found: set[str] = set()
    for form in _FORMS:
        for match in form.finditer(text):
            month = match["month"].lower()
            number = int(month) if month.isdecimal() else _MONTHS[month[:3]]
            found.add(_day(match["year"], number, int(match["day"])))
            if "/" in match[0]:
                found.add(_day(match["year"], int(match["day"]), number))
    return found - {""}


def _day(year: str, month: int, day: int) -> str:
    try:
        told = dt.date(int(year), month, day)
    except ValueError:
        return ""
    return told.isoformat() if FIRST_YEAR <= told.year <= LAST_YEAR else ""


def only(lines: Iterable[str]) -> str:
    """The one day that these lines name; empty where they name none or several."""
    found = days("\n".join(lines))
    return found.pop() if len(found) == 1 else ""


def alone(line: str) -> bool:
    """Whether a line has nothing in it but a date."""
    match = _ALONE.match(line) if len(line) < LONGEST else None
    return match is not None and any(form.fullmatch(match["date"]) for form in _FORMS)
