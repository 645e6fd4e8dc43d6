"""Columns that identify people, and what a question is about, by their headers and cells."""

import re
from collections.abc import Sequence

_IDENTIFIES = (
    (r"\be-?mail\b", "an e-mail address identifies the respondent"),
    (r"\b(tele)?phone\b(?! box)|\bmobile( number)?\s*\??:?$", "a telephone number does so"),
    (r"\b(home|postal|street|your|full|current|ip) address\b|^address( line)?( ?\d)?\b",
     "an address identifies the respondent"),
    (r"\b(post ?code|zip)\b", "a whole postcode is a few homes; keep an area instead"),
    (r"\bdate of birth\b|\bd\.?o\.?b\b", "a date of birth identifies the respondent"),
    (r"^((your|full|first|last|sur|fore|family|middle|given|contact)[ -]?)*names?\s*[:?*]?$"
     r"|\byour (full |first |last |sur|fore|family |own )?name\b",
     "a name identifies the respondent"),
    (r"\bcontact details\b", "it identifies the respondent"),
)  # fmt: skip
_IDENTIFYING = tuple((re.compile(p, re.IGNORECASE), why) for p, why in _IDENTIFIES)
# “Shall we e-mail you?” is answered by yes or no, which identifies nobody.
_HARMLESS = frozenset({"yes", "no", "y", "n", "1", "0", "true", "false", "n/a"})
LONGEST = 500
_SHAPES = (
    (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "its answers are e-mail addresses"),
    (re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.IGNORECASE), "its answers are postcodes"),
    (re.compile(r"(\+44 ?|0)(\d[ -]?){9,10}"), "its answers are telephone numbers"),
    (re.compile(r"\d{1,3}(\.\d{1,3}){3}"), "its answers are addresses of machines"),
    (
        re.compile(r"https?://\S+(;? https?://\S+)*|\[ ?\{.*\}\]", re.DOTALL),
        "its answers are files sent in",
    ),
)
_ROLES = (
    (r"\bon behalf of\b|\b(responding|answering|replying) as\b|\bin what capacity\b", "strand"),
    (r"\b(age group|age band|age range|how old are you|your age)\b|^age\b", "age"),
    (r"\b(your|legal|birth) sex\b|^sex\b|\bsex registered\b", "sex"),
    (r"\bcouncil tax band\b|\btax band\b", "tax_band"),
    (r"\b(ethnic|disab|religio|sexual orientation|gender|marital|pregnan|armed forces|carer|"
     r"long-term condition|health condition)", "equality"),
    (r"\bwhere do you live\b|\b(which|what) (area|district|borough|ward|county|town)\b"
     r"|^(area|district|borough|ward|county|local authority|council)\b"
     r"|\barea do you live\b", "area"),
)  # fmt: skip
_ABOUT = tuple((re.compile(p, re.IGNORECASE), role) for p, role in _ROLES)


def identifying(text: str, label: str, cells: Sequence[str]) -> str:
    """Why a column identifies people; empty where it does not."""
    if cells and {cell.lower() for cell in cells} <= _HARMLESS:
        return ""
    for pattern, why in _IDENTIFYING:
        if pattern.search(label) or (not label and pattern.search(text)):
            return why
    for shape, why in _SHAPES:
        # Longer cells are no address, and would take a pattern long to look through.
        fit = sum(len(cell) <= LONGEST and bool(shape.fullmatch(cell)) for cell in cells)
        if cells and fit * 2 >= len(cells):
            return why
    return ""


def role(text: str) -> str:
    """What a question is about: area, age, sex, strand, tax_band or equality; else empty."""
    return next((name for pattern, name in _ABOUT if pattern.search(text)), "")
