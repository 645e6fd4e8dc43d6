"""What has a form of its own: numbers, addresses on the net, plates, postcodes, dates of birth.

A rule is a kind, a pattern and a check. The pattern's group `it`, or all of it, is the piece.
Sources: BS 7666 and Royal Mail's list of postcode areas; NHS Data Dictionary (modulus 11); HMRC's
manual NIM39110 (national insurance numbers); DVLA INF104 (plates); Ofcom's numbering plan; ISO/IEC
7812 (card numbers, Luhn).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Span = tuple[int, int, str]
"""Start and end in characters, and the kind."""
Check = Callable[[re.Match[str]], bool]

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[/.-]\s*|\s+)(?:of\s+)?(?:{MONTH}|\d{{1,2}})"
    rf"(?:\s*[/.,-]\s*|\s+)(?:\d{{4}}|['’]?\d{{2}})(?!\d)"
    rf"|\d{{4}}[/.-]\d{{1,2}}[/.-]\d{{1,2}}"
    rf"|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH}\b"
    rf"|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?!\d)|{MONTH}\s+\d{{4}}|\d{{8}}|\d{{6}})"
)
AREAS = frozenset(
    [
        "AB",
        "AL",
        "B",
        "BA",
        "BB",
        "BD",
        "BF",
        "BH",
        "BL",
        "BN",
        "BR",
        "BS",
        "BT",
        "BX",
        "CA",
        "CB",
        "CF",
        "CH",
        "CM",
        "CO",
        "CR",
        "CT",
        "CV",
        "CW",
        "DA",
        "DD",
        "DE",
        "DG",
        "DH",
        "DL",
        "DN",
        "DT",
        "DY",
        "E",
        "EC",
        "EH",
        "EN",
        "EX",
        "FK",
        "FY",
        "G",
        "GL",
        "GU",
        "GY",
        "HA",
        "HD",
        "HG",
        "HP",
        "HR",
        "HS",
        "HU",
        "HX",
        "IG",
        "IM",
        "IP",
        "IV",
        "JE",
        "KA",
        "KT",
        "KW",
        "KY",
        "L",
        "LA",
        "LD",
        "LE",
        "LL",
        "LN",
        "LS",
        "LU",
        "M",
        "ME",
        "MK",
        "ML",
        "N",
        "NE",
        "NG",
        "NN",
        "NP",
        "NR",
        "NW",
        "OL",
        "OX",
        "PA",
        "PE",
        "PH",
        "PL",
        "PO",
        "PR",
        "RG",
        "RH",
        "RM",
        "S",
        "SA",
        "SE",
        "SG",
        "SK",
        "SL",
        "SM",
        "SN",
        "SO",
        "SP",
        "SR",
        "SS",
        "ST",
        "SW",
        "SY",
        "TA",
        "TD",
        "TF",
        "TN",
        "TQ",
        "TR",
        "TS",
        "TW",
        "UB",
        "W",
        "WA",
        "WC",
        "WD",
        "WF",
        "WN",
        "WR",
        "WS",
        "WV",
        "YO",
        "ZE",
    ]
)
VEHICLE = re.compile(
    r"\b(?:reg(?:istration|istered)?|number ?plates?|plates?|cars?|vans?|vehicles?|driv\w+|lorr\w+"
    r"|truck|motorbike|motorcycle|moped|taxi|bmw|audi|ford|fiesta|corsa|golf|focus|astra|mercedes"
    r"|vauxhall|nissan|toyota|transit|parked|hatchback|saloon|4x4|range rover|bike)\b",
    re.IGNORECASE,
)
TRIPLES = frozenset(
    [
        "MPH",
        "KPH",
        "KMH",
        "HGV",
        "JCT",
        "CAR",
        "CCTV",
        "MIN",
        "HRS",
        "THE",
        "AND",
        "FOR",
        "YOU",
        "ARE",
        "WAS",
        "NOT",
        "BUT",
        "ALL",
        "CAN",
        "HAD",
        "HAS",
        "HER",
        "HIS",
        "ONE",
        "OUR",
        "OUT",
        "DAY",
        "GET",
        "HIM",
        "HOW",
        "MAN",
        "NEW",
        "NOW",
        "OLD",
        "SEE",
        "TWO",
        "WAY",
        "WHO",
        "BOY",
        "DID",
        "ITS",
        "LET",
        "PUT",
        "SAY",
        "SHE",
        "TOO",
        "USE",
        "MAY",
        "JAN",
        "FEB",
        "MAR",
        "APR",
        "JUN",
        "JUL",
        "AUG",
        "SEP",
        "OCT",
        "NOV",
        "DEC",
        "MEN",
        "SEC",
        "BBC",
        "ITV",
        "PCC",
        "ASB",
        "NHS",
        "CPS",
        "MPS",
        "USA",
        "GBP",
        "EUR",
        "USD",
        "PIN",
        "VIP",
        "CID",
        "DIY",
        "HIV",
        "BID",
        "PAY",
        "RAN",
        "TOP",
        "LAST",
        "NEXT",
        "PER",
        "DUE",
        "AGE",
        "ETC",
        "CAD",
        "ISO",
        "GDP",
        "VAT",
        "MET",
        "PCS",
        "CRN",
        "URN",
        "REF",
        "LOG",
        "TEL",
        "MOB",
        "WITH",
        "FROM",
        "INTO",
    ]
)
HELPLINES = frozenset(
    [
        "0800555111",
        "08001111",
        "08082000247",
        "0800789321",
        "03001232040",
        "08081689111",
        "0800111999",
        "08001114000",
        "08009177650",
        "03456080999",
        "0800400500",
        "08000324204",
        "08088020300",
        "08008840",
    ]
)
"""Numbers of Crimestoppers, Childline and the like: they belong to nobody."""
FORCES = re.compile(
    r"polic|council|bbc|gov|nhs|pcc|fire|rescue|news|wark(?!e)|mayor", re.IGNORECASE
)


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
    if found in HELPLINES:
        return False
    national = re.sub(r"^(?:0044|44)0?", "0", found) if found[:2] in ("44", "00") else found
    return 10 <= len(national) <= 11 and national[1] not in "0"


def is_postcode(match: re.Match[str]) -> bool:
    """An area there is; no “2nd” or “3rd” after a road."""
    outward, inward = match["out"], match["in"]
    area = re.match(r"[A-Z]+", outward.upper())
    if area is None or area[0] not in AREAS:
        return False
    return inward.isupper() or (
        inward not in ("1st", "2nd", "3rd", "0th", "4th")
        and not (
            outward[:2].isalpha()
            and not inward.isupper()
            and inward[1:] in ("th", "st", "nd", "rd")
        )
    )


def is_outward(match: re.Match[str]) -> bool:
    """The first half of a postcode of an area there is."""
    area = re.match(r"[A-Z]+", match["it"].upper())
    return area is not None and area[0] in AREAS


def _vehicle_near(match: re.Match[str]) -> bool:
    text = match.string
    return VEHICLE.search(text, max(0, match.start() - 60), match.end() + 30) is not None


def is_plate(match: re.Match[str]) -> bool:
    """Told from speeds, roads and amounts by capitals, spacing, words, or a vehicle beside it."""
    plate = match["it"]
    letters = [part.upper() for part in re.findall(r"[A-Za-z]+", plate)]
    if any(part in TRIPLES for part in letters):
        return False
    if plate.isupper() and re.fullmatch(r"[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]\d{3} ?[A-Z]{3}", plate):
        return True
    if re.fullmatch(r"[a-z]{2}\d{2} ?[a-z]{3}|[a-z]\d{1,3}[a-z]{3}", plate.lower()):
        return len(letters[-1]) == 3 and (plate[0] not in "abmABM" or len(letters[0]) == 2
                                          or _vehicle_near(match) or plate.isupper())  # fmt: skip
    if plate.isupper() and re.fullmatch(r"[A-Z]{3} ?\d{2,3}[A-Z]|[A-Z]{3}\d[A-Z]", plate):
        return True
    return _vehicle_near(match)


def is_northern(match: re.Match[str]) -> bool:
    """A plate of Northern Ireland: an I or Z in it; letters alone could be anything."""
    letters = re.sub(r"[^A-Z]", "", match["it"].upper())
    if letters in TRIPLES:
        return False
    northern = "I" in letters[1:] or "Z" in letters[1:] or letters[0] in "IZ"
    spelt = match["it"].isupper() and len(letters) == 3
    return northern and (spelt or _vehicle_near(match))


def is_ip(match: re.Match[str]) -> bool:
    """Four numbers up to 255 that are no version of a program."""
    return all(int(part) < 256 for part in match["it"].split("."))


def is_handle(match: re.Match[str]) -> bool:
    """A handle of a person: bodies such as @WarksPolice are named freely."""
    return FORCES.search(match["it"]) is None


def is_dob(match: re.Match[str]) -> bool:
    """No day and month out of range; a year alone is none."""
    found = re.match(r"(\d{1,2})\D+(\d{1,2})\D", match["it"])
    return found is None or (int(found[1]) <= 31 and int(found[2]) <= 31)


def has_digit(match: re.Match[str]) -> bool:
    """Whether the piece holds a digit."""
    return any(c.isdigit() for c in match["it"])


def is_username(match: re.Match[str]) -> bool:
    """A word that is no everyday word and no body."""
    from analysis.redaction.lists import listed

    word = match["it"].strip("@._").lower()
    return word not in listed("words") and len(word) > 2 and is_handle(match)


@dataclass(frozen=True, slots=True)
class Rule:
    """One form of a kind."""

    kind: str
    pattern: re.Pattern[str]
    check: Check | None = None


def _rule(kind: str, pattern: str, check: Check | None = None) -> Rule:
    return Rule(kind, re.compile(pattern, re.IGNORECASE | re.VERBOSE), check)


_IS = r"(?:\s*(?:is|was|are|being|of|[:=#-]|no\.?|num(?:ber)?s?|ref(?:erence)?))*\s*[:#]?\s*"
_D = rf"{DATE}".replace(" ", r"\ ")

WITH_AT = (
    _rule("EMAIL", r"(?P<it>[\w.+%’'-]*\w\s?@\s?[\w-]+(?:\s?\.\s?[a-z][\w-]+)+)"),
    _rule("HANDLE", r"(?<![\w.@/])(?P<it>@[a-z_][\w.]*\w)", is_handle),
)  # fmt: skip
WITH_WORDS = (
    _rule("EMAIL", r"""\b(?P<it>[\w+%-]+(?:(?:\.|\s+dot\s+)[\w+%-]+)*\s*(?:\(at\)|\[at\]|\bat\b)\s*
        [a-z][\w-]*(?:\s*(?:\(dot\)|\[dot\]|\bdot\b)\s*[a-z][\w-]*)+)"""),
)  # fmt: skip
WITH_SITES = (
    _rule("URL", r"""\b(?P<it>(?:https?://)?(?:[\w-]+\.)*(?:facebook|fb|instagram|twitter|x|linkedin
        |tiktok|snapchat|youtube|threads|reddit|pinterest|github|nextdoor|t|wa|linktr|flickr|twitch)
        \.(?:com|co\.uk|me|ee|net|tv)/(?!groups/|events/|hashtag/|watch|search|company/)
        [\w@./?=&%+-]*[\w=])"""),
    _rule("URL", r"""\b(?P<it>(?:https?://)?(?:www\.)?(?!www\.)[\w-]+\.(?:wordpress|blogspot|substack
        |tumblr|wixsite|weebly|livejournal)\.(?:com|co\.uk)(?:/[\w./?=&%+-]*\w)?)"""),
    _rule("HANDLE", r"""\b(?:instagram|insta|ig|facebook|fb|messenger|twitter|snapchat|snap|tiktok
        |tik\ tok|youtube|telegram|discord|whatsapp|threads|linkedin|xbox|psn|twitch|reddit)\b\s*
        (?:(?:user\s?name|name|handle|account|profile|page|id|tag|is|was|as|under|called|by|at)\s+
        |[:=(@-]\s*){1,4}(?P<it>[a-z_][\w.-]*\w)""", is_username),
    _rule("HANDLE", r"""\b(?:user\s?name|handle|gamer\s?tag|screen\s?name)\b\s*(?:(?:is|was)\s+|[:=]\s*)
        (?P<it>@?[a-z_][\w.-]*\w)""", is_username),
)  # fmt: skip
WITH_DIGITS = (
    _rule("NHS NUMBER", r"\bnhs\b[\s\w:#.,-]{0,24}?\b(?P<it>\d{3}[\s.-]?\d{3}[\s.-]?\d{4})(?!\d)"),
    _rule("DRIVING LICENCE", r"""(?<![\w/])(?P<it>[A-Z9]{5}\s?\d{6}\s?[A-Z9]{2}\s?\d?[A-Z]{2,3}
        (?:\s?\d{2})?)(?!\w)"""),
    _rule("DRIVING LICENCE", rf"""\b(?:driving|driver['’]?s?)\s+licen[cs]e{_IS}
        (?P<it>[A-Z\d][A-Z\d ]{{6,20}}[A-Z\d])(?!\w)""".replace("[A-Z\\d ]", "[A-Z\\d]"), has_digit),
    _rule("PASSPORT NUMBER", rf"\bpassport{_IS}(?P<it>(?:GBR)?[A-Z]?\d{{7,9}}|[A-Z]{{2}}\d{{6,7}})\b"),
    _rule("CARD NUMBER", r"(?<![\w+])(?P<it>\d(?:[ -]?\d){12,18})(?![\w])", is_card),
    _rule("CARD NUMBER", rf"""\b(?:debit|credit|bank|visa|mastercard)?\s?card{_IS}
        (?P<it>\d{{4}}(?:[\ -]?\d{{4}}){{2,3}})(?!\d)"""),
    _rule("BANK ACCOUNT", r"\b(?P<it>[A-Z]{2}\d{2}\s?[A-Z]{4}\s?(?:\d{4}\s?){3}\d{2})\b"),
    _rule("BANK ACCOUNT", rf"\b(?:account|acc|acct|a/c){_IS}(?P<it>\d{{8}}|\d{{4}}\s\d{{4}})(?!\d)"),
    _rule("SORT CODE", rf"""\bsort\s?code{_IS}(?P<it>\d{{2}}[\s-]?\d{{2}}[\s-]?\d{{2}})(?!\d)"""),
    _rule("BANK ACCOUNT", r"\b\d{2}[ -]\d{2}[ -]\d{2}[\s,/]+(?P<it>\d{8})(?!\d)"),
    _rule("SORT CODE", r"(?<![\w/-])(?P<it>\d{2}-\d{2}-\d{2})(?=[\s,/]+(?:and\s)?(?:\w+\s){0,3}\d{8}(?!\d))"),
    _rule("NI NUMBER", r"""(?<![\w])(?P<it>(?!BG|GB|NK|KN|TN|NT|ZZ)[A-Z]{2}[\s-]?\d{2}[\s-]?\d{2}
        [\s-]?\d{2}[\s-]?[A-D])(?!\w)"""),
    _rule("NI NUMBER", rf"""\b(?:national\s+insurance|nino?|n\.i\.){_IS}
        (?P<it>[A-Z]{{2}}[\s-]?\d{{2}}[\s-]?\d{{2}}[\s-]?\d{{2}}(?:[\s-]?[A-D]\b)?)"""),
    _rule("IP ADDRESS", r"(?<![\w.])(?P<it>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\w]|\.\d)", is_ip),
    _rule("IP ADDRESS", r"(?<![\w:])(?P<it>(?:[\da-f]{1,4}:){7}[\da-f]{1,4}|[\da-f]{1,4}(?::[\da-f]{1,4}){1,5}::[\da-f]{0,4})(?![\w:])"),
    _rule("DATE OF BIRTH", rf"""\b(?:d\.?\s?o\.?\s?b\b\.?|date\s+of\s+birth|birth\s?dates?|born
        |birthday|b\.)(?:\s+(?:is|was|falls|on|in|the|my|his|her|being|of|as)\b)*[\s:=,(-]*(?P<it>{_D})(?!\w)""",
        is_dob),
    _rule("DATE OF BIRTH", rf"""(?<![\w/])(?P<it>{_D})[\s,(]{{1,3}}(?:is|was|being|as)?\s?
        (?:(?:my|his|her|our|their|the|your)\s+)?(?:\w+['’]s\s+)?(?:d\.?o\.?b\b|date\s+of\s+birth
        |birth\s?date|birthday\b(?!\s+(?:party|do|weekend)))""", is_dob),
    _rule("COLLAR NUMBER", rf"""\b(?:collar|shoulder|warrant|badge|epaulette)(?:\s?(?:card|numbers?|num
        |no\.?|id))*{_IS}(?P<it>[A-Z]{{0,3}}\s?\d{{2,6}})(?!\w)"""),
    _rule("COLLAR NUMBER", r"""\b(?:pc|wpc|pcso|dc|ds|sgt|ps|sergeant|constable|officer|special)s?
        (?:\s(?:number|no\.?|num))?[\s#]{1,2}(?P<it>[A-Z]{0,2}\d{3,6})(?![\w/])(?!\s*(?:%|officers
        |hours?|days?|years?|people|times|new|extra|more|pounds))"""),
    _rule("CRIME REFERENCE", rf"""\b(?:crime|incident|case|cad|log|crn|urn|report|reference|ref|storm)
        (?:\s*(?:ref(?:erence)?s?|numbers?|num|no\.?|id|code|nr|\#))*{_IS}
        (?P<it>(?=[\w/.-]*\d{{2}})[A-Z\d]{{1,8}}(?:[/.*-][A-Z\d]{{1,10}})+|[A-Z]{{0,4}}\d{{5,14}}[A-Z]?)
        (?![\w])"""),
    _rule("CRIME REFERENCE", rf"""\b(?:(?:crime|incident|case|cad|log)\s*(?:ref(?:erence)?|numbers?|num
        |no\.?|id)|crn|urn|cad|ref(?:erence)?(?:\s+(?:number|no\.?))?){_IS}(?P<it>[A-Z]{{0,5}}[\s-]?\d{{2,6}}
        (?:/\d+)*)(?!\w)"""),
    _rule("CRIME REFERENCE", r"\b(?:log|incident)\s+(?:number\s+)?(?P<it>\d{2,5})(?=\s+of\s+(?:the\s+)?\d)"),
    _rule("CRIME REFERENCE", r"(?<![\w/])(?P<it>\d{2}[A-Z]{0,3}/\d{4,7}/\d{2}|\d{2}[A-Z]{1,2}/\d{4,7}(?:/\d{2})?|[A-Z]{2,4}[/-]\d{4,8}[/-]\d{2,4}|(?:INC|CRI|CR|CRN|CAD|OCC)[/ -]?\d{4,8}[-/]?\d*)(?![\w/])"),
    _rule("PHONE", r"""(?<![\w.])(?P<it>(?:(?:\+|\(\+|00)\s?44\)?[\s.-]*(?:\(0\)\s?|0)?|\(?[0O])(?:[\s().-]{0,2}\d)
        (?:[\s().-]{0,2}[\dO]){7,9})(?![\w])""", is_phone),
    _rule("PHONE", r"(?<![\w.])(?P<it>(?:\+|00)(?!44)[1-9]\d{0,2}(?:[\s().-]{0,2}\d){7,12})(?!\w)"),
    _rule("PHONE", rf"""\b(?:phone|mobile|mob|tel(?:ephone)?|landline|(?:call|ring|text|contact|reach|phone)
        \s+(?:me|us|him|her|them)|(?:my|his|her|our|their)\s+number|whatsapp){_IS}
        (?:(?:on|at|is|back)\s+)*(?P<it>\(?\d(?:[\s().-]{{0,2}}\d){{5,11}})(?![\w/])"""),
    _rule("NHS NUMBER", r"(?<![\w+.])(?P<it>\d{3}[ -]?\d{3}[ -]?\d{4})(?![\w])", is_nhs),
    _rule("POSTCODE", r"""\b(?P<it>(?P<out>[A-Z]{1,2}\d[A-Z\d]?|GIR)[\s-]{0,2}(?P<in>[\dO][ABD-HJLNP-UW-Z]{2}))\b""",
        is_postcode),
    _rule("POSTCODE", r"""\bpost\s?codes?\b(?:\s+(?:area|district|sector|is|was|starts?|starting|begins?|beginning
        |with|of|in|the|my|our|here))*[\s:,(]*(?P<it>[A-Z]{1,2}\d[A-Z\d]?(?:\s\d)?)\b""", is_outward),
    _rule("POSTCODE", r"\b(?P<it>[A-Z]{1,2}\d[A-Z\d]?)(?=\s+post\s?code)", is_outward),
    _rule("PLATE", r"""(?<![\w/£$.-])(?P<it>[A-Z]{2}[ -]?\d{2}[ -]?[A-Z]{3}|[A-Z][ -]?\d{1,3}[ -]?[A-Z]{3}
        |[A-Z]{3}[ -]?\d{1,3}[ -]?[A-Z])(?![\w/-])""", is_plate),
    _rule("PLATE", r"(?<![\w/£$.-])(?P<it>[A-Z]{2,3}[ -]?\d{1,4})(?![\w/-]|\.\d)", is_northern),
    _rule("PLATE", rf"""\b(?:reg(?:istration)?|number\s?plate|plate)(?:\s+(?:number|no\.?|plate|mark))*{_IS}
        (?P<it>(?=[A-Z ]*\d)(?=\d*\s?[A-Z])[A-Z\d]{{1,4}}\s?[A-Z\d]{{1,4}})(?!\w)""",
        lambda m: any(c.isalpha() for c in m["it"]) and m["it"].upper().split()[-1] not in TRIPLES),
)  # fmt: skip
_DIGIT = re.compile(r"\d\D{0,12}\d|\d[A-Za-z]{2,3}\b|\b[A-Za-z]{1,3} ?\d")
_SITE = re.compile(
    r"instagram|insta\b|\big\b|facebook|\bfb\b|twitter|snap|tiktok|tik tok|youtu|\bx\.com|linkedin|user|handle"
    r"|gamer|screen|telegram|discord|threads|reddit|\.com|\.co|\.ee|\.me|psn|xbox|twitch|whatsapp",
    re.IGNORECASE,
)
_DOT = re.compile(r"\bdot\b|[\[(]dot[\])]|[\[(]at[\])]", re.IGNORECASE)


def find(text: str) -> Iterator[Span]:
    """Everything with a form of its own, likeliest reading first; pieces may overlap."""
    groups: list[tuple[Rule, ...]] = []
    if "@" in text:
        groups.append(WITH_AT)
    if _DOT.search(text):
        groups.append(WITH_WORDS)
    if _SITE.search(text):
        groups.append(WITH_SITES)
    if _DIGIT.search(text):
        groups.append(WITH_DIGITS)
    for rules in groups:
        for rule in rules:
            for match in rule.pattern.finditer(text):
                if rule.check is None or rule.check(match):
                    yield *match.span("it"), rule.kind
