"""Wording with HTML in it, as Markdown or as plain text; scripts and styles are left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "head", "title", "iframe", "object", "svg", "template"})
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "section",
        "article",
        "table",
        "tr",
        "ul",
        "ol",
        "blockquote",
        "center",
        "fieldset",
    }
)
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_LOST = frozenset({"img", "video", "audio", "iframe", "object", "embed", "form", "input", "button"})
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+\d*);")
_COMMENT = re.compile(r"<(?:!--|[!?]).*?(?:>|\Z)", re.DOTALL)

_NO_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]{0,2000}>)")


class _Reader(HTMLParser):
    """Writes Markdown while it reads HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.lost: set[str] = set()
        self._silent = 0
        self._links: list[str] = []
        self._numbers: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT | _LOST:
            self.lost.add(tag)
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self.out.append("\n")
        elif tag == "li":
            self.out.append(self._bullet())
        elif re.fullmatch(r"h[1-6]", tag):
            self.out.append("\n\n## ")
        elif tag in _BLOCKS:
            self._numbers += [0] if tag == "ol" else [-1] if tag == "ul" else []
            self.out.append("\n\n")
        elif tag in _MARKS:
            self.out.append(_MARKS[tag])
        elif tag in {"td", "th"}:
            self.out.append(" ")
        elif tag == "a":
            href = (dict(attrs).get("href") or "").strip()
            self._links.append(href if re.match(r"(https?:|mailto:|tel:|/)", href) else "")
            self.out.append("[" if self._links[-1] else "")

    def _bullet(self) -> str:
        if not self._numbers or self._numbers[-1] < 0:
            return "\n- "
        self._numbers[-1] += 1
        return f"\n{self._numbers[-1]}. "

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in {"ol", "ul"} and self._numbers:
            self._numbers.pop()
            self.out.append("\n\n")
        elif tag in _BLOCKS or re.fullmatch(r"h[1-6]", tag):
            self.out.append("\n\n")
        elif tag in _MARKS:
            self._close(_MARKS[tag])
        elif tag == "a" and self._links:
            href = self._links.pop()
            self.out.append(f"]({href})" if href else "")

    def _close(self, mark: str) -> None:
        """End an emphasis; one of nothing would be read as stars."""
        spaces = []
        while self.out and not self.out[-1].strip():
            spaces.append(self.out.pop())
        if self.out and self.out[-1] == mark:
            self.out.pop()
        else:
            self.out.append(mark)
        self.out += spaces[::-1]

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.out.append(re.sub(r"\s+", " ", data))


def markdown(text: str) -> tuple[str, set[str]]:
    """``text`` as Markdown, and the kinds of elements that had to be left out."""
    if not _TAG.search(text):
        return text.strip(), set()
    reader = _Reader()
    # The parser looks again and again for the end of what has none: nothing of that reaches it.
    reader.feed(_NO_TAG.sub("&lt;", _COMMENT.sub("", text)))
    reader.close()
    made = "".join(reader.out).replace("\xa0", " ")
    made = re.sub(r"[ \t]*\n[ \t]*", "\n", made)
    return re.sub(r"\n{3,}", "\n\n", made).strip(), reader.lost


def plain(text: str) -> tuple[str, set[str]]:
    """``text`` in one line without markup, and what had to be left out."""
    made, lost = markdown(text)
    if made != text.strip():
        made = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", made)
        made = re.sub(r"\*\*|(?<!\w)\*|\*(?!\w)|^#+ ", "", made, flags=re.MULTILINE)
    return re.sub(r"\s+", " ", made).strip(), lost
