"""Writing YAML afresh, in the style of the shipped surveys."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 100
#: The order of keys; what is in neither list stands between them.
FIRST = (
    "title", "summary", "thanks", "contact", "script", "illustrative",
    "survey", "body", "languages", "mode", "sensitive", "exit_to", "anonymous", "access",
    "id", "code", "opens", "closes", "parts", "grace_minutes", "headline", "disclosure",
    "precept", "band", "band_d", "rises",
    "include", "part", "section", "type", "role", "required", "measure", "when",
    "ask", "hint", "short", "unanswered", "suffix", "minimum", "maximum", "decimals", "step",
)  # fmt: skip
LAST = ("options", "hints", "rows", "words", "apart", "nets", "pages", "questions", "translated")
#: Keys under which names are free, so that their order is the author's own.
FREE = frozenset(
    {"questions", "pages", "parts", "sections", "support", "options", "hints", "nets", "rows"}
    | {"words", "documents", "rises", "translated"}
)
#: Keys whose mapping is written on one line.
FLOW = frozenset({"disclosure", "rises", "measure"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_WORD_OF_ITS_OWN = re.compile(r"(?i)(yes|no|on|off|true|false|null|y|n|nan|inf)")
#: Digits, and letters that belong to numbers: what YAML could take for a number or a date.
_LIKE_A_NUMBER = re.compile(r"[-+.]?\d[\d_.,:+\-eExXoOabcdfABCDFtTzZ]*|[-+.].*|\d{4}-\d.*")
#: Not printable in YAML, or a line's end to some of its readers.
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def rank(key: str) -> int:
    """Where a key stands among its sisters."""
    if key in FIRST:
        return FIRST.index(key)
    return 200 + LAST.index(key) if key in LAST else 100


def ordered(data: Mapping[str, Any], key: str) -> list[str]:
    """The keys of a new mapping under ``key``, in the house's order."""
    return list(data) if key in FREE else sorted(data, key=rank)


def quoted(text: str) -> str:
    """``text`` in double quotes; whatever it holds, it comes back."""
    made = json.dumps(text, ensure_ascii=False)
    return _ODD.sub(lambda match: f"\\u{ord(match[0]):04x}", made)


def scalar(value: Any, *, inside: bool = False, style: str | None = None) -> str:
    """A value on one line; ``inside`` brackets more needs quotes. ``style``: quotes it had."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return json.dumps(value)
    if _ODD.search(value) or "\n" in value or "\t" in value:
        return quoted(value)
    if style == '"':
        return quoted(value)
    if style == "'" or (_plain_cannot(value, inside) and '"' in value):
        return "'" + value.replace("'", "''") + "'"
    return quoted(value) if _plain_cannot(value, inside) else value


def _plain_cannot(text: str, inside: bool) -> bool:
    if not text or text != text.strip() or text[0] in "-?:,[]{}#&*!|>'\"%@`~=<":
        return True
    if ": " in text or " #" in text or text.endswith(":") or text.startswith("..."):
        return True
    if _MOMENT.fullmatch(text):
        return False
    if inside and re.search(r"[,\[\]{}:#]", text):
        return True
    return bool(_WORD_OF_ITS_OWN.fullmatch(text) or _LIKE_A_NUMBER.fullmatch(text))


def flow(value: Any, key: str = "") -> str:
    """A value in brackets, on one line."""
    if isinstance(value, Mapping):
        pairs = (f"{scalar(k, inside=True)}: {flow(value[k], k)}" for k in ordered(value, key))
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value, inside=True)


def _simple(value: Any) -> bool:
    return not isinstance(value, Mapping | list)


def fits_on_a_line(value: Any, key: str, column: int) -> bool:
    """Whether the house writes a mapping or list on one line, from ``column`` on."""
    if not value:
        return True
    if isinstance(value, Mapping):
        small = key in FLOW or (key == "-" and len(value) <= 4)
        if not small or not all(_simple(item) for item in value.values()):
            return False
    elif not all(_simple(item) for item in value) or key in _BLOCK_LISTS:
        return False
    made = flow(value, key)
    return column + len(made) <= WIDTH and '"\\' not in made and "\\n" not in made


#: Lists with an entry on each line, however short.
_BLOCK_LISTS = frozenset({"pages", "questions", "illustrative", "parts", "quotas", "documents"})


def value_lines(value: Any, column: int, key: str, style: str | None = None) -> list[str]:
    """What follows ``key:`` at ``column``: the rest of its line, then lines of their own."""
    if isinstance(value, str):
        return _text_lines(value, column, len(key) + 2, style)
    if _simple(value):
        return [" " + scalar(value)]
    if fits_on_a_line(value, key, column + len(key) + 2):
        return [" " + flow(value, key)]
    if isinstance(value, Mapping):
        lines = [""]
        for name in ordered(value, key):
            lines += entry_lines(name, value[name], column + 2)
        return lines
    lines = [""]
    for number, item in enumerate(value):
        if key == "pages" and number:
            lines.append("")
        first, *rest = item_lines(item, column + 2, key)
        lines += [" " * (column + 2) + "- " + first, *rest]
    return lines


def entry_lines(name: str, value: Any, column: int, style: str | None = None) -> list[str]:
    """The lines of ``name: value`` at ``column``."""
    first, *rest = value_lines(value, column, name, style)
    return [" " * column + scalar(name) + ":" + first, *rest]


def item_lines(item: Any, dash: int, key: str) -> list[str]:
    """The lines of a list's entry after ``- ``, whose dash is at column ``dash``."""
    column = dash + 2
    if isinstance(item, Mapping) and item:
        if key not in ("pages", "questions") or set(item) == {"id", "type"}:
            short = fits_on_a_line(item, "-", column)
        else:
            short = False
        if short:
            return [flow(item)]
        lines: list[str] = []
        for name in ordered(item, ""):
            lines += entry_lines(name, item[name], column)
        return [lines[0][column:], *lines[1:]]
    if isinstance(item, str):
        first, *rest = _text_lines(item, dash, 2, None)
        return [first[1:], *rest]
    return [flow(item)]


def _text_lines(text: str, column: int, used: int, style: str | None) -> list[str]:
    """A text on its key's line, or as a block below it."""
    odd = _ODD.search(text) or "\t" in text or "\r" in text
    clean = text.strip() and not odd and not text[0].isspace()
    clean = clean and all(line == line.rstrip() for line in text.split("\n"))
    indent = " " * (column + 2)
    if "\n" in text:
        body = text.removesuffix("\n")
        if not clean or body.endswith("\n"):
            return [" " + quoted(text)]
        mark = "|" if text.endswith("\n") else "|-"
        return [" " + mark, *(indent + line if line else "" for line in body.split("\n"))]
    line = scalar(text, style=style)
    if column + used + len(line) <= WIDTH or not clean or "  " in text or " " not in text:
        return [" " + line]
    wrapped = textwrap.wrap(
        text, WIDTH - column - 3, break_long_words=False, break_on_hyphens=False,
        expand_tabs=False, replace_whitespace=False,
    )  # fmt: skip
    return [" >-", *(indent + part for part in wrapped)]


def whole(data: Mapping[str, Any]) -> str:
    """A file in the house's style."""
    lines: list[str] = []
    for key in ordered(data, ""):
        lines += entry_lines(key, data[key], 0)
    return "\n".join(lines) + "\n" if lines else "{}\n"
