"""Checks of what looks like a number of somebody: whether it can be one.

Sources: NHS Data Dictionary (modulus 11); ISO/IEC 7812 (card numbers, Luhn); Royal Mail's postcode
areas; DVLA INF104 (plates); Ofcom's numbering plan.
"""

import re
from functools import lru_cache

from analysis.redaction.lists import cues, listed

_VEHICLE = re.compile(
    r"\b(?:reg(?:istration)?|number ?plates?|plates?|cars?|vans?|vehicles?|lorr\w+|truck|motorbike"
    r"|motorcycle|moped|taxi|bmw|audi|ford|fiesta|corsa|golf|focus|astra|mercedes|vauxhall|nissan"
    r"|toyota|transit|parked|hatchback|saloon|4x4|range rover|bike|driving|driven|driver)\b",
    re.IGNORECASE,
)
_BODY = re.compile(r"polic|council|bbc|gov|nhs|pcc|fire|rescue|news|warks|mayor", re.IGNORECASE)
_ORDINAL = re.compile(r"1st|2nd|3rd|[04-9]th", re.IGNORECASE)
_TOLD = re.compile(
    r"post\s?codes?\b[\s:,(]*(?:(?:is|was|of|in|the|my|our)\s+)*$|\[ADDRESS\],?\s*$", re.IGNORECASE
)
_AREA = re.compile(r"[a-z]+")


def digits(text: str) -> str:
    """The digits of a text, the letter O read as nought."""
    return "".join(c if c.isdigit() else "0" if c in "oO" else "" for c in text)


def is_nhs(match: re.Match[str]) -> bool:
    """Ten digits whose last one checks the others, modulus 11."""
    found = [int(c) for c in digits(match["it"])]
    rest = 11 - sum(f * w for f, w in zip(found, range(10, 1, -1), strict=False)) % 11
    return len(found) == 10 and rest != 10 and rest % 11 == found[9]


def is_card(match: re.Match[str]) -> bool:
    """Thirteen to nineteen digits that pass Luhn's check."""
    found = [int(c) for c in digits(match["it"])][::-1]
    total = sum(found[::2]) + sum(sum(divmod(2 * d, 10)) for d in found[1::2])
    return 13 <= len(found) <= 19 and total % 10 == 0 and len(set(found)) > 1


def is_phone(match: re.Match[str]) -> bool:
    """A number of the United Kingdom of ten or eleven digits, no well-known helpline."""
    found = digits(match["it"])
    national = re.sub(r"^(?:0044|44)0?", "0", found) if found[:2] in ("44", "00") else found
    return 10 <= len(national) <= 11 and national[1] != "0" and national not in cues()["helpline"]


def is_outward(match: re.Match[str]) -> bool:
    """The first half of a postcode, of an area there is."""
    area = _AREA.match(match["it"].lower())
    return area is not None and area[0] in cues()["postcode_area"]


def is_postcode(match: re.Match[str]) -> bool:
    """A postcode of an area there is; “M6 2nd” is one in capitals only, or where it is told."""
    code = match["it"]
    lettered = "o" in code[-3:] and not code.isupper()
    if lettered or not is_outward(match):
        return False
    if _ORDINAL.fullmatch(code[-3:]) is None:
        return True
    text, start = match.string, match.start()
    return (code.isupper() and not text.isupper()) or bool(
        _TOLD.search(text, max(0, start - 40), start)
    )


def is_plate(match: re.Match[str]) -> bool:
    """Told from speeds, roads and sums by capitals, by words, or by a vehicle beside it."""
    plate = match["it"]
    letters = _letters(plate)
    if letters is None:
        return False
    if re.fullmatch(r"[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]\d{3} ?[A-Z]{3}|[A-Z]{3} ?\d{2,3}[A-Z]", plate):
        return True
    current = re.fullmatch(r"[a-z]{2}\d{2} ?[a-z]{3}|[a-z]{2} \d{2} [a-z]{3}", plate.lower())
    if current and letters[-1] not in listed("words"):
        return True
    joined = re.fullmatch(r"[A-Z]\d{1,3}[A-Z]{3}|[A-Z]{3}\d[A-Z]", plate)
    return joined is not None or is_near_vehicle(match)


def is_northern(match: re.Match[str]) -> bool:
    """A plate of Northern Ireland: an I or Z in it; letters alone could be anything."""
    plate = match["it"]
    letters = _letters(plate)
    if letters is None or letters[0] in listed("words"):
        return False
    if re.search(r"\s(?:19|20)\d\d$", plate):
        return False
    northern = not set("iz").isdisjoint(letters[0])
    return northern and ((plate.isupper() and len(letters[0]) == 3) or is_near_vehicle(match))


def is_told_plate(match: re.Match[str]) -> bool:
    """What follows “registration”, with letters and digits."""
    letters = _letters(match["it"])
    return letters is not None and has_digit(match) and letters[-1] not in listed("words")


def is_glued_plate(match: re.Match[str]) -> bool:
    """“cv04top”: of a memory tag and a year there are, and no “in20min”."""
    plate = match["it"].lower()
    if not (plate.isascii() and match["it"] in (plate, plate.upper())):
        return False
    year = int(plate[2:4])
    dated = 1 < year % 50 <= 27 or year == 50
    amount = plate[:2] in listed("words") and plate[4:] in cues()["no_plate"]
    tag = plate[0] not in "iqz" and plate[1] not in "iqz" and not set("iq") & set(plate[4:])
    return dated and tag and not amount


@lru_cache(maxsize=10_000)
def _letters(plate: str) -> list[str] | None:
    """The letters of a plate, group by group; None where one is a word such as “mph”."""
    groups = re.findall(r"[A-Za-z]+", plate)
    if any(not (g.isupper() or g.islower()) for g in groups):
        return None
    letters = [g.lower() for g in groups]
    return None if not cues()["no_plate"].isdisjoint(letters) or not letters else letters


def is_near_vehicle(match: re.Match[str]) -> bool:
    """Whether a vehicle or a plate is spoken of beside it."""
    text, start, end = match.string, match.start(), match.end()
    return _VEHICLE.search(text, max(0, start - 60), end + 30) is not None


def is_ip(match: re.Match[str]) -> bool:
    """Four numbers up to 255."""
    return all(int(part) < 256 for part in match["it"].split("."))


def is_handle(match: re.Match[str]) -> bool:
    """A handle of a person: “@work” is none, and bodies such as @WarksPolice are named freely."""
    word = match["it"].strip("@._").lower()
    return len(word) > 2 and word not in listed("words") and _BODY.search(word) is None


def is_date(match: re.Match[str]) -> bool:
    """No day or month out of range."""
    found = re.match(r"(\d{1,2})\D+(\d{1,2})\D", match["it"])
    return found is None or (0 < int(found[1]) <= 31 and 0 < int(found[2]) <= 31)


def has_digit(match: re.Match[str]) -> bool:
    """Whether the piece holds a digit."""
    return any(c.isdigit() for c in match["it"])
