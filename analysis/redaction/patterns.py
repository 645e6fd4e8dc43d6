"""What has a form of its own: numbers, addresses on the net, plates, postcodes, dates of birth.

A rule is a kind, a pattern whose group `it` is the piece, and a check. Rules are in the order of
how sure they are: of two pieces that overlap the first is taken. The forms are those of BS 7666 and
Royal Mail (postcodes), HMRC NIM39110 (national insurance), DVLA INF104 (plates) and INF45P
(licences), Ofcom's numbering plan and ISO 13616 (IBAN).
"""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from analysis.redaction import checks
from analysis.redaction.lists import cues

Span = tuple[int, int, str]
"""Start and end in characters, and the kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One form of a kind."""

    kind: str
    pattern: re.Pattern[str]
    check: Callable[[re.Match[str]], bool] | None
    needs: frozenset[str]
    """Of these a text has one, in small letters and with 0 for every digit, gaps left out or not,
    where the pattern can be found; for speed."""
    wider: str
    """A pattern that is found wherever the rule is, where its own without what it looks around for
    would be found almost everywhere; for speed too."""


def _rule(
    kind: str,
    pattern: str,
    check: Callable[[re.Match[str]], bool] | None = None,
    needs: str = "",
    wider: str = "",
) -> Rule:
    """A rule; in its pattern blanks and lines are for the reader, `\\s` is a blank."""
    compiled = re.compile(pattern, re.IGNORECASE | re.VERBOSE)
    return Rule(kind, compiled, check, frozenset(needs.split("|") if needs else ()), wider)


_IS = r"(?:\s*(?:[:=\#-]|(?:is|was|are|being|of|no|num(?:ber)?s?|ref(?:erence)?)\b\.?))*\s*"
"""What may stand between “crime reference” and its number."""
_MONTH = r"""(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?
    |sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"""
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = rf"""(?:{_DAY}(?:\s*[/.-]\s*|\s+)(?:of\s+)?(?:{_MONTH}|\d{{1,2}})
        (?:\s*[/.,-]\s*|\s+)(?:\d{{4}}|['’]?\d{{2}})(?!\d)
    |\d{{4}}[/.-]\d{{1,2}}[/.-]\d{{1,2}}
    |{_MONTH}\s+{_DAY},?\s+\d{{4}}|{_DAY}\s+(?:of\s+)?{_MONTH}\b
    |{_MONTH}\s+{_DAY}(?!\d)|{_MONTH}\s+\d{{4}}|\d{{8}}|\d{{6}})"""
_NETWORK = r"""(?:instagram|insta|ig|facebook|fb|messenger|twitter|snapchat|snap|tiktok|tik\stok
    |youtube|telegram|discord|whatsapp|threads|linkedin|xbox|psn|twitch|reddit)"""

_PLATE = r"""[A-Z]{2}[\s-]?\d{2}[\s-]?[A-Z]{3}|[A-Z][\s-]?\d{1,3}[\s-]?[A-Z]{3}
    |[A-Z]{3}[\s-]?\d{1,3}[\s-]?[A-Z]"""
_NORTHERN = "i(?:[a-eg-mo-ru-z]|[a-z]{2})|z[a-z]{1,2}|[a-z][iz][a-z]?|[a-z]{2}[iz]"
"""Two or three letters with an I or a Z, less “if”, “in”, “is” and “it”."""

WITH_AT = (
    _rule("EMAIL", r"(?P<it>[\w.+%’'-]*\w(?:@|\s@\s)[\w-]+(?:\s?\.\s?[a-z][\w-]+)+)"),
    _rule("HANDLE", r"(?<![\w.@/])(?P<it>@[a-z_][\w.]*\w)", checks.is_handle),
)
WITH_DOT = (
    _rule(
        "EMAIL",
        r"""\b(?P<it>(?!(?:or|at|me|us|is|and|on|him|her|them|email|reached)\b)[\w+%-]+(?:(?:\.|\s+dot\s+)[\w+%-]+){0,4}\s*(?:\(at\)|\[at\]|\bat\b)\s*
        [a-z][\w-]*(?:\s*(?:\(dot\)|\[dot\]|\bdot\b|\.)\s*[a-z][\w-]*)+)""",
    ),
)
WITH_SITE = (
    _rule(
        "EMAIL",
        r"""\b(?P<it>[\w.+%-]+\s+at\s+(?:gmail|googlemail|hotmail|yahoo|outlook|icloud|live|msn|aol|sky
        |btinternet|talktalk|virginmedia|proton(?:mail)?|me)(?:\.[a-z]{2,4}){1,2})\b""",
    ),
    _rule(
        "URL",
        r"""\b(?P<it>(?:https?://)?(?:[\w-]+\.)*(?:facebook|fb|instagram|twitter|x|linkedin|tiktok
        |snapchat|youtube|threads|reddit|pinterest|github|nextdoor|t|wa|linktr|flickr|twitch)
        \.(?:com|co\.uk|me|ee|net|tv)/(?!groups/|events/|hashtag/|watch|search|company/)
        [\w@./?=&%+-]*[\w=/])""",
    ),
    _rule(
        "URL",
        r"""\b(?P<it>(?:https?://)?(?:www\.)?(?!www\.)[\w-]+\.(?:wordpress|blogspot|substack|tumblr
        |wixsite|weebly|livejournal)\.(?:com|co\.uk)(?:/[\w./?=&%+-]*\w)?)""",
    ),
    _rule(
        "HANDLE",
        rf"""\b{_NETWORK}\b\s*(?:(?:user\s?name|name|handle|account|profile|page|id|tag|is|was|as
        |under|called|by|at)\s+|[:=(@-]\s*){{1,4}}(?P<it>[a-z_][\w.-]*\w)""",
        checks.is_handle,
    ),
    _rule("HANDLE", rf"\b{_NETWORK}\s+(?P<it>[a-z]\w*[_\d]\w*)", checks.is_handle),
    _rule(
        "HANDLE",
        r"""\b(?:user\s?name|handle|gamer\s?tag|screen\s?name)\b\s*(?:(?:is|was)\s+|[:=]\s*)
        (?P<it>@?[a-z_][\w.]*\w)""",
        checks.is_handle,
    ),
)
WITH_DIGIT = (
    _rule(
        "NHS NUMBER",
        r"\bnhs\b[\s\w:\#.,-]{0,24}?\b(?P<it>\d{3}[\s.-]?\d{3}[\s.-]?\d{4})(?!\d)",
        needs="nhs",
    ),
    _rule(
        "DRIVING LICENCE",
        r"(?<![\w/])(?P<it>[A-Z9]{5}\s?\d{6}\s?[A-Z9]{2}\s?[\dA-Z]{3}(?:\s?\d{2})?)(?!\w)",
        needs="000000",
    ),
    _rule(
        "DRIVING LICENCE",
        rf"\b(?:driving|driver['’]?s?)\s+licen[cs]e{_IS}(?P<it>[A-Z\d]{{8,18}})(?!\w)",
        checks.has_digit,
        needs="licen",
    ),
    _rule("PASSPORT NUMBER", rf"\bpassport{_IS}(?P<it>[A-Z]{{0,3}}\d{{6,9}})\b", needs="passport"),
    _rule(
        "CARD NUMBER",
        r"(?<![\w+])(?P<it>\d(?:[\s-]?\d){12,18})(?!\w)",
        checks.is_card,
        needs="0000000000000",
    ),
    _rule(
        "CARD NUMBER", rf"\bcard{_IS}(?P<it>\d{{4}}(?:[\s-]?\d{{4}}){{2,3}})(?!\d)", needs="card"
    ),
    _rule(
        "BANK ACCOUNT",
        r"\b(?P<it>[A-Z]{2}\d{2}\s?[A-Z]{4}\s?(?:\d{4}\s?){3}\d{2})\b",
        needs="00000000000000",
    ),
    _rule(
        "BANK ACCOUNT",
        rf"\b(?:account|acc|acct|a/c){_IS}(?P<it>\d{{8}}|\d{{4}}\s\d{{4}})(?!\d)",
        needs="account|acc|a/c",
    ),
    _rule("BANK ACCOUNT", r"\b\d{2}[\s-]\d{2}[\s-]\d{2}[\s,/]+(?P<it>\d{8})(?!\d)", needs="000000"),
    _rule(
        "SORT CODE",
        rf"\bsort\s?code{_IS}(?P<it>\d{{2}}[\s-]?\d{{2}}[\s-]?\d{{2}})(?!\d)",
        needs="sort",
    ),
    _rule(
        "SORT CODE",
        r"(?<![\w/-])(?P<it>\d{2}-\d{2}-\d{2})(?=[\s,/]+(?:\w+\s){0,4}\d{8}(?!\d))",
        needs="00-00-00",
    ),
    _rule(
        "SORT CODE",
        r"(?<![\w/-])(?P<it>\d{2}-\d{2}-\d{2})(?=[\s,/]+\[BANK\sACCOUNT\])",
        needs="00-00-00",
    ),
    _rule(
        "NI NUMBER",
        r"""(?<!\w)(?P<it>(?!BG|GB|NK|KN|TN|NT|ZZ)[A-Z]{2}[\s-]?\d{2}[\s-]?\d{2}[\s-]?\d{2}
        [\s-]?[A-D])(?!\w)""",
        needs="000000",
    ),
    _rule(
        "NI NUMBER",
        rf"""\b(?:national\s+insurance|nino?|n\.i\.){_IS}
        (?P<it>[A-Z]{{2}}[\s-]?\d{{2}}[\s-]?\d{{2}}[\s-]?\d{{2}}(?:[\s-]?[A-D]\b)?)""",
        needs="insurance|nin|n.i",
    ),
    _rule(
        "IP ADDRESS",
        r"(?<![\w.])(?P<it>\d{1,3}(?:\.\d{1,3}){3})(?!\w|\.\d)",
        checks.is_ip,
        needs="0.0",
    ),
    _rule(
        "IP ADDRESS",
        r"(?<![\w:])(?P<it>(?:[\da-f]{1,4}:){7}[\da-f]{1,4}|(?:[\da-f]{1,4}:){2,6}:[\da-f]{0,4})(?![\w:])",
        needs="::|a:|b:|c:|d:|e:|f:|:a|:b|:c|:d|:e|:f",
    ),
    _rule(
        "DATE OF BIRTH",
        rf"""\b(?:d\.?\s?o\.?\s?b\b\.?|date\s+of\s+birth|birth\s?dates?|born|birthday)
        (?:\s+(?:is|was|falls|on|in|the|my|his|her|being|of|as)\b)*[\s:=,(-]*(?P<it>{_DATE})(?!\w)""",
        checks.is_date,
        needs="birth|born|dob|d.o|d o",
    ),
    _rule(
        "DATE OF BIRTH",
        rf"""(?<![\w/])(?P<it>{_DATE})[\s,(]{{1,3}}(?:is|was|being|as)?\s?
        (?:(?:my|his|her|our|their|the|your)\s+)?(?:\w+['’]s\s+)?
        (?:d\.?o\.?b\b|date\s+of\s+birth|birth\s?date|birthday\b(?!\s+(?:party|do|weekend)))""",
        checks.is_date,
        needs="birth|dob|d.o",
    ),
    _rule(
        "COLLAR NUMBER",
        rf"""\b(?:collar|shoulder|warrant|badge|epaulette)(?:\s?(?:card|numbers?|num|no\.?|id))*{_IS}
        (?P<it>[A-Z]{{0,3}}\s?\d{{2,6}})(?!\w)""",
        needs="collar|shoulder|warrant|badge|epaulette",
    ),
    _rule(
        "COLLAR NUMBER",
        r"""\b(?:pc|wpc|pcso|dc|ds|sgt|ps|sergeant|constable|officer|special)
        (?:\s(?:number|no\.?|num))?[\s\#]{1,2}(?P<it>[A-Z]{0,2}\d{3,6})(?![\w/])
        (?!\s*(?:%|officers|hours?|days?|years?|people|times|new|extra|more|pounds))""",
        needs="pc|dc|ds|sgt|ps|sergeant|constable|officer|special",
    ),
    _rule(
        "COLLAR NUMBER",
        r"\b(?:officers|pcs|pcsos)\s(?P<it>(?!19|20)\d{4})(?=\s(?:and|&)\s\d)",
        needs="officers|pcs",
    ),
    _rule(
        "COLLAR NUMBER",
        r"\[COLLAR\ NUMBER\](?:,|\sand|\s&)\s(?P<it>\d{3,6})(?![\w/])",
        needs="[collar",
    ),
    _rule(
        "CRIME REFERENCE",
        r"""(?<![\w/£.-])(?P<it>\d{1,5}\sof\s(?:the\s)?\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{2,4})
        (?!\w)""",
        needs="0 of ",
    ),
    _rule(
        "CRIME REFERENCE",
        rf"""\b(?:crime|incident|case|cad|log|crn|urn|report|reference|ref|number|storm)\b{_IS}
        (?P<it>\d{{1,5}}\sof\s(?:the\s)?{_DATE})(?!\w)""",
        needs="crime|incident|case|cad|log|crn|urn|report|ref|number|storm",
    ),
    _rule(
        "CRIME REFERENCE",
        rf"""\b(?:crime|incident|case|cad|log|crn|urn|report|reference|ref|storm)\b
        (?:\s*(?:ref(?:erence)?s?|numbers?|num|no\.?|id|code|nr|\#))*{_IS}
        (?P<it>(?=[\w/.-]*\d{{2}})[A-Z\d]{{1,8}}(?:[/.*-][A-Z\d]{{1,10}})+|[A-Z]{{0,4}}\d{{5,14}}[A-Z]?
        |(?=[A-Z\d]*\d{{4}})[A-Z\d]{{6,16}})
        (?!\w)""",
        needs="crime|incident|case|cad|log|crn|urn|report|ref|storm",
    ),
    _rule(
        "CRIME REFERENCE",
        rf"""\b(?:(?:crime|incident|case|cad|log)\s*(?:ref(?:erence)?|numbers?|num|no\.?|id)|crn|urn
        |cad|ref(?:erence)?(?:\s+(?:number|no\.?))?)\b{_IS}
        (?P<it>[A-Z]{{0,5}}[\s-]?\d{{2,6}}(?:/\d+)*)(?!\w)""",
        needs="crime|incident|case|cad|log|crn|urn|ref",
    ),
    _rule(
        "CRIME REFERENCE",
        r"\b(?:log|incident)\s+(?P<it>\d{2,5})(?=\s+of\s+(?:the\s+)?\d)",
        needs="log|incident",
    ),
    _rule(
        "CRIME REFERENCE",
        r"""(?<![\w/])(?P<it>\d{2}[A-Z]{0,3}/\d{4,7}/\d{2}|\d{2}[A-Z]{1,2}/\d{4,7}
        |[A-Z]{2,4}[/-]\d{4,8}[/-]\d{2,4}|(?:INC|CRI|CR|CRN|CAD|OCC)[/\s-]?\d{4,8}[-/]?\d*)(?![\w/])""",
        needs="/0000|-0000|c0000|i0000|r0000|n0000|d0000",
    ),
    _rule(
        "PHONE",
        r"""(?<![\w.])(?P<it>(?:(?:\+|\(\+|00)\s?44\)?[\s.-]*(?:\(0\)\s?|0)?|\(?[0O])
        (?:[\s().-]{0,2}\d)(?:[\s().-]{0,2}[\dO]){7,9})(?!\w)""",
        checks.is_phone,
        needs="000000000|0o|o0",
    ),
    _rule(
        "PHONE",
        r"(?<![\w.])(?P<it>(?:\+|00)(?!44)[1-9]\d{0,2}(?:[\s().-]{0,2}\d){7,12})(?!\w)",
        needs="00000000",
    ),
    _rule(
        "PHONE",
        rf"""\b(?:phone|mobile|mob|tel(?:ephone)?|landline|whatsapp|(?:my|his|her|our|their)\s+number
        |(?:call|ring|text|contact|reach|phone)\s+(?:me|us|him|her|them)){_IS}
        (?:(?:on|at|is|back)\s+)*(?P<it>\(?\d(?:[\s().-]{{0,2}}\d){{5,11}})(?![\w/])""",
        needs="phone|mob|tel|landline|whatsapp|number|call|ring|text|contact|reach",
    ),
    _rule(
        "NHS NUMBER",
        r"(?<![\w+.])(?P<it>\d{3}[\s-]?\d{3}[\s-]?\d{4})(?!\w)",
        checks.is_nhs,
        needs="0000000000",
    ),
    _rule(
        "POSTCODE",
        r"\b(?P<it>(?:[A-Z]{1,2}\d[A-Z\d]?|GIR)[\s-]{0,2}[\dO][ABD-HJLNP-UW-Z]{2})\b",
        checks.is_postcode,
    ),
    _rule(
        "POSTCODE",
        r"""\bpost\s?codes?\b(?:\s+(?:area|district|sector|is|was|starts?|starting|begins?|beginning
        |with|of|in|the|my|our|here))*[\s:,(]*(?P<it>[A-Z]{1,2}\d[A-Z\d]?(?:\s\d)?)\b""",
        checks.is_outward,
        needs="post",
    ),
    _rule(
        "POSTCODE",
        r"\b(?P<it>[A-Z]{1,2}\d[A-Z\d]?)(?=\s+post\s?code)",
        checks.is_outward,
        needs="post",
        wider="post",
    ),
    _rule(
        "PLATE",
        rf"(?<![\w/£$.-])(?P<it>{_PLATE})(?![\w/-])",
        checks.is_plate,
        wider=rf"(?:^|[^\w/£$.-])(?:{_PLATE})(?:[^\w/-]|$)",
    ),
    _rule(
        "PLATE",
        r"(?<![\w/£$.-])(?P<it>[A-Z]{2}\d{2}[A-Z]{3})(?![\w/-])",
        checks.is_glued_plate,
        needs="00",
    ),
    _rule(
        "PLATE",
        r"(?<![\w/£$.-])(?P<it>[A-Z]{2,3}[\s-]?\d{1,4})(?![\w/-]|\.\d)",
        checks.is_northern,
        wider=rf"(?:^|[^\w/£$.-])(?:{_NORTHERN})[\s-]?\d{{1,4}}(?:[^\w/-]|$)",
    ),
    _rule(
        "PLATE",
        rf"""\b(?:reg(?:istration)?|number\s?plate|plate)\b(?:\s+(?:number|no\.?|plate|mark)\b)*{_IS}
        (?P<it>[A-Z\d]{{1,4}}\s?[A-Z\d]{{1,4}})(?!\w)""",
        checks.is_told_plate,
        needs="reg|plate",
    ),
)
_DIGITS = re.compile(r"\d+")
_ZEROS = str.maketrans("123456789", "000000000")
_BETWEEN = str.maketrans("", "", " ().-\n\t\xa0")
NEAR = 64
"""Characters before and after a number that may say what it is."""
_SITES = cues()["site"]


class Rules(NamedTuple):
    """Rules that may find something, by what a text must have for it."""

    at: Sequence[Rule]
    dot: Sequence[Rule]
    site: Sequence[Rule]
    digit: Sequence[Rule]
    needs: frozenset[str]

    @classmethod
    def of(cls, rules: Container[object]) -> "Rules":
        """Those of all rules that are among some."""
        at, dot, site, digit = (
            [rule for rule in group if rule in rules]
            for group in (WITH_AT, WITH_DOT, WITH_SITE, WITH_DIGIT)
        )
        return cls(at, dot, site, digit, frozenset().union(*(rule.needs for rule in digit)))


EVERY = Rules.of((*WITH_AT, *WITH_DOT, *WITH_SITE, *WITH_DIGIT))


def find(text: str, rules: Rules = EVERY) -> Iterator[Span]:
    """Everything with a form of its own, likeliest reading first; pieces may overlap."""
    small = text.lower()
    if "@" in text:
        yield from _by(rules.at, text)
    if "dot" in small or "(at)" in small or "[at]" in small:
        yield from _by(rules.dot, text)
    if any(site in small for site in _SITES):
        yield from _by(rules.site, text)
    spans = near_digits(text)
    signs = _signs(small, rules.needs) if spans else frozenset()
    for rule in rules.digit if spans else ():
        if rule.needs and rule.needs.isdisjoint(signs):
            continue
        for start, end in spans:
            for match in rule.pattern.finditer(text, start, end):
                if rule.check is None or rule.check(match):
                    yield *match.span("it"), rule.kind


def _signs(small: str, needs: frozenset[str]) -> frozenset[str]:
    """What rules need that a text has, small, 0 for digits, or has without gaps."""
    small = small.translate(_ZEROS) if small.isascii() else re.sub(r"\d", "0", small)
    small = small + "\n" + small.translate(_BETWEEN)
    return frozenset(need for need in needs if need in small)


@lru_cache(maxsize=8)
def near_digits(text: str) -> list[tuple[int, int]]:
    """The parts of a text in which there are digits: rules need look no further."""
    spans: list[tuple[int, int]] = []
    for match in _DIGITS.finditer(text):
        start, end = max(0, match.start() - NEAR), min(len(text), match.end() + NEAR)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _by(rules: Sequence[Rule], text: str) -> Iterator[Span]:
    for rule in rules:
        for match in rule.pattern.finditer(text):
            if rule.check is None or rule.check(match):
                yield *match.span("it"), rule.kind
