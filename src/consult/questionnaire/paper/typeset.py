"""Blocks as an accessible PDF (PDF/UA-1), set by Typst."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from consult.questionnaire.formats.outcome import FormatError
from consult.questionnaire.paper.blocks import Form, Item, Paper

Layout = Literal["standard", "large", "easy"]
#: Sizes in points, margins and lines to write on in millimetres, the rest in ems.
#: Large print is 18 points, left aligned, without a serif (RNIB, Clear print).
STYLES: dict[Layout, dict[str, float]] = {
    "standard": {
        "size": 11.5, "small": 8, "title": 22, "margin": 20, "leading": 0.65, "gap": 1.0,
        "line": 9, "option": 0.85, "tick": 1.15, "between": 2.2, "ask": 1.05,
        "head": 1.35, "lines": 1.0,
    },
    "large": {
        "size": 18, "small": 12, "title": 28, "margin": 20, "leading": 0.75, "gap": 1.1,
        "line": 14, "option": 1.0, "tick": 1.2, "between": 2.2, "ask": 1.05,
        "head": 1.25, "lines": 0.7,
    },
    "easy": {
        "size": 18, "small": 12, "title": 30, "margin": 30, "leading": 1.0, "gap": 1.5,
        "line": 16, "option": 1.4, "tick": 1.3, "between": 3.0, "ask": 1.1,
        "head": 1.3, "lines": 0.5,
    },
}  # fmt: skip
#: Clear faces without serifs, the first of them that there is; Typst brings only serif faces.
SANS = (
    "Noto Sans", "Liberation Sans", "Arial", "Helvetica", "Open Sans", "DejaVu Sans", "Segoe UI",
)  # fmt: skip
#: For scripts that those may not have; whatever else there is comes last, chosen by Typst.
OTHERS = (
    "Noto Sans Arabic", "Noto Naskh Arabic", "Noto Sans Devanagari", "Noto Sans Bengali",
    "Noto Sans Gurmukhi", "Noto Sans Gujarati", "Noto Sans Tamil", "Noto Sans Hebrew",
    "Noto Sans CJK SC", "Noto Sans SC",
    "DejaVu Sans", "Noto Sans Symbols", "Noto Sans Symbols 2", "Noto Color Emoji",
)  # fmt: skip
#: The width of a page in points, and of a letter at the head of a grid's column and of a code.
_WIDTH, _LETTER, _CODE = 482, 5.9, 4.4
_TEMPLATE = Path(__file__).parent / "paper.typ"
#: No font has a picture of these, and no reader misses them.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNBROKEN = re.compile(r"\S{25,}")
_REMEDY = (
    "Install fonts for it, for example with 'apt-get install fonts-noto-core' (for Chinese "
    "'fonts-noto-cjk'), or name a folder of fonts with --fonts."
)


def pdf(paper: Paper, layout: Layout, fonts: Path | None = None) -> bytes:
    """``paper`` as a PDF; ``fonts`` is a folder of more fonts. Raises FormatError."""
    found = fonts_in(fonts)
    data = {
        "paper": _broken({**asdict(paper), "items": [asdict(i) for i in _items(paper, layout)]}),
        "style": {**STYLES[layout], "layout": layout},
        "fonts": _families(paper, found),
    }
    try:
        return typst.compile(
            _TEMPLATE.read_bytes(),
            font_paths=found,
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=["ua-1"],
        )
    except typst.TypstError as error:
        raise _refused(paper, error) from None


@cache
def fonts_in(folder: Path | None) -> typst.Fonts:
    return typst.Fonts(font_paths=[folder] if folder else [])


def families(fonts: typst.Fonts) -> list[str]:
    """Clear fonts that there are, for Latin and for other scripts; none where there is no Latin."""
    there = set(fonts.families())
    sans = [family for family in SANS if family in there][:1]
    others = [family for family in OTHERS if family in there] if sans else []
    return list(dict.fromkeys([*sans, *others]))


def _families(paper: Paper, fonts: typst.Fonts) -> list[str]:
    found = families(fonts)
    if not found:
        raise FormatError(paper.slug, "there is no clear font without serifs here", _REMEDY)
    return found


def _refused(paper: Paper, error: typst.TypstError) -> FormatError:
    """PDF/UA allows no text without its glyphs: better no form than one of empty boxes."""
    found = re.search(r"the text (.+?) could not be displayed", error.message, re.S)
    if found:
        what = f"no font here can show {found[1]} (language '{paper.language}')"
        return FormatError(paper.slug, what, _REMEDY)
    return FormatError(paper.slug, f"it cannot be set: {error.message}", "Please report this.")


# -- what a layout changes -------------------------------------------------------------------------


def _items(paper: Paper, layout: Layout) -> Iterator[Item]:
    for item in paper.items:
        form = item.form
        if form is None or form.kind != "grid" or _fits(form, layout):
            yield _written_in(item)
        else:
            yield from _rows(paper, item, form)


def _fits(form: Form, layout: Layout) -> bool:
    """Whether a grid fits as a table: every word at its head, and every part of a code."""
    heads = form.options + form.apart
    room = _WIDTH / (1.8 + len(heads)) - 10
    words = [len(word) * _LETTER for box in heads for word in box.text.split()]
    parts = [len(part) * _CODE for box in heads for part in re.split("(?<=_)", box.key)]
    short = all(len(box.text) * _LETTER < 4 * room for box in heads)
    return layout == "standard" and short and max([*words, *parts], default=0) <= room


def _rows(paper: Paper, item: Item, form: Form) -> Iterator[Item]:
    """Each row of a grid as a question of its own."""
    ticks = replace(form, kind="ticks", says=(paper.words["tick_one"],), rows=())
    for place, row in enumerate(form.rows):
        yield replace(
            item,
            number=row.number,
            stem=item.text,
            text=row.text,
            form=ticks,
            id=row.column,
            columns=(row.column,),
            body=() if place else item.body,
        )


def _written_in(item: Item) -> Item:
    if item.form and item.form.write_in:
        return replace(item, form=replace(item.form, options=()))
    return item


def without_controls(text: str) -> str:
    """``text`` without what no font has a picture of."""
    return _CONTROLS.sub("", text)


def _broken(value: Any) -> Any:
    """Data with places to break in words longer than a line of a narrow column."""
    if isinstance(value, str):
        return _UNBROKEN.sub(_breakable, without_controls(value))
    if isinstance(value, dict):
        kept = {"link", "url", "kind"}
        return {key: each if key in kept else _broken(each) for key, each in value.items()}
    return [_broken(each) for each in value] if isinstance(value, list | tuple) else value


def _breakable(found: re.Match[str]) -> str:
    made, since = [], 0
    for letter, after in zip(found[0], f"{found[0][1:]} ", strict=True):
        made.append(letter)
        since += 1
        joined = unicodedata.combining(after) or "\u200d" in (letter, after) or after == "\ufe0f"
        if not joined and (since >= 16 or (since >= 4 and letter in "/._-?&=")):
            made.append("\u200b")
            since = 0
    return "".join(made)
