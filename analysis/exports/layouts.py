"""How tools lay out questions: which columns belong together, and what their headers say."""

import re
from html import unescape

from analysis.exports.grid import Block, Grid, Part

OPEN = {"response", "openendedresponse", "answer", "text", "value"}
"""Second headers that say nothing but that there is an answer, by their letters."""
OTHER = re.compile(
    r"\bother\b.*\b(please|specify|state|say|write|describe|text|give)\b"
    r"|^\s*(if )?other\b.*\bcomments?\b|^other[: ]*$|\[other\]$|^\s*if other\b",
    re.IGNORECASE,
)
COMMENT = re.compile(
    r"^\s*(comments?|please (explain|give (your )?reasons?|tell us why|say more)|reasons?)\b"
    r"|\bcomments?:?\s*$",
    re.IGNORECASE,
)
_SEPARATORS = ("\n", " - ", " – ", ": ")
_NUMBERED = re.compile(r"^\s*(?:Q(?:uestion)?\s?)?(\d{1,3}[a-z]?)\s*[.):\-–]+\s+", re.IGNORECASE)
_CODE_ONLY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CODE_AND_TEXT = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,19})\. (.*)", re.DOTALL)
_PLACE = re.compile(r"(?:rank(?:ing)?\s*)?(\d+)", re.IGNORECASE)


def worded(text: str) -> str:
    """A header without markup and its number: the wording of a question."""
    text = unescape(re.sub(r"</?[A-Za-z][^<>]*>", " ", text))
    text = " ".join(text.split())
    return _NUMBERED.sub("", text) or text


def number(text: str) -> str:
    """The number that a header begins with, such as 7 or 7a; empty where there is none."""
    found = _NUMBERED.match(text)
    return found[1].lower() if found else ""


def label(text: str) -> str:
    """A second header as an option or a row: empty where it says nothing."""
    text = " ".join(unescape(re.sub(r"</?[A-Za-z][^<>]*>", " ", text)).split())
    return "" if re.sub(r"[^a-z]", "", text.lower()) in OPEN else text


def _kind(text: str) -> str:
    if OTHER.search(text):
        return "other"
    return "comment" if COMMENT.search(text) else ""


def two_rows(grid: Grid, about: set[int]) -> list[Block]:
    """A question a header, its options or rows below it; further columns have no header or the
    same. With one row of headers, those that begin alike belong together."""
    if grid.depth == 1:
        return _by_beginning(grid, about)
    blocks: list[tuple[str, list[Part]]] = []
    for place, (header, second) in enumerate(zip(grid.headers, grid.second, strict=True)):
        if place in about:
            blocks.append(("", []))  # what comes after it without a header belongs to nothing
            continue
        same = bool(blocks) and second and blocks[-1][1] and header == blocks[-1][0]
        if not header and not second:
            continue
        if (header and not same) or not blocks:
            blocks.append((header, []))
        text = label(second)
        blocks[-1][1].append(Part(place, text, _kind(text)))
    return [Block(text, tuple(parts)) for text, parts in blocks if parts]


def one_row(grid: Grid, about: set[int]) -> list[Block]:
    """A question a column."""
    return [
        Block(header, (Part(place),))
        for place, header in enumerate(grid.headers)
        if header and place not in about
    ]


def _by_beginning(grid: Grid, about: set[int]) -> list[Block]:
    """Neighbours whose headers are alike up to a separator are one question."""
    places = [k for k, header in enumerate(grid.headers) if header and k not in about]
    blocks: list[Block] = []
    at = 0
    while at < len(places):
        size, separator = max(
            ((_alike(grid, places, at, s), s) for s in _SEPARATORS), key=lambda found: found[0]
        )
        if size < 2:
            blocks.append(Block(grid.headers[places[at]], (Part(places[at]),)))
            at += 1
            continue
        parts = []
        for place in places[at : at + size]:
            text, _, end = grid.headers[place].rpartition(separator)
            parts.append(Part(place, label(end), _kind(end)))
        blocks.append(Block(text, tuple(parts)))
        at += size
    return blocks


def _alike(grid: Grid, places: list[int], at: int, separator: str) -> int:
    beginning = grid.headers[places[at]].rpartition(separator)[0]
    size = 1
    while (
        beginning
        and at + size < len(places)
        and grid.headers[places[at + size]].rpartition(separator)[0] == beginning
    ):
        size += 1
    return size


def lime(grid: Grid, about: set[int]) -> list[Block]:
    """LimeSurvey's three styles: `Q1[SQ001]`, `Q1. Text [Sub]` and `Text [Sub]`."""
    gathered: dict[str, tuple[str, str, list[Part]]] = {}
    for place, header in enumerate(grid.headers):
        if not header or place in about:
            continue
        start, subs = _brackets(header)
        found = _CODE_AND_TEXT.fullmatch(start)
        if found:
            code, text = found[1], found[2]
        elif _CODE_ONLY.fullmatch(start):
            code, text = start, start
        else:
            code, text = "", start
        # Headers of text alone tell two questions of one wording apart only by their columns.
        gathered.setdefault(code or text, (code, text, []))[2].append(_lime_part(place, subs))
    return [_lime_block(*found) for found in gathered.values()]


def _lime_block(code: str, text: str, parts: list[Part]) -> Block:
    """A wording may end in brackets of its own: then nothing else stands in such a place."""
    own = [p for p in parts if p.kind == "sub"]
    if len(own) == 1 and code != text and not any(p.kind in ("", "place") for p in parts):
        text = f"{text} [{own[0].label}]"
        parts = [Part(p.place) if p is own[0] else p for p in parts]
    return Block(text, tuple(parts), code)


def _brackets(header: str) -> tuple[str, list[str]]:
    """What stands before the brackets at the end, and in each of them; brackets may be nested."""
    subs: list[str] = []
    rest = header.rstrip()
    while rest.endswith("]"):
        depth = 0
        for k in range(len(rest) - 1, -1, -1):
            depth += {"]": 1, "[": -1}.get(rest[k], 0)
            if depth == 0:
                break
        if depth or k == 0:
            break
        subs.insert(0, rest[k + 1 : -1].strip())
        rest = rest[:k].rstrip()
    return rest, subs


def _lime_part(place: int, subs: list[str]) -> Part:
    if not subs:
        return Part(place)
    text = ": ".join(worded(s) if len(s) > 1 else s for s in subs)
    last = subs[-1].lower()
    if last == "other":
        return Part(place, text, "other")
    if last.endswith("comment") or last == "filecount":
        return Part(place, text, "comment")
    rank = _PLACE.fullmatch(last)
    if rank and len(subs) == 1:
        return Part(place, rank[1], "place")
    return Part(place, text, "sub")
