"""Documents to lines: Word, OpenDocument, PDF, RTF, HTML and plain text, given as bytes."""

import codecs
import io
import logging
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from analysis.letters import kinds
from analysis.letters.parts import RUNNING, Left, Lines, Unreadable

LARGEST = 50_000_000
"""Bytes of a document, and of the text packed into one."""

BULLET = "• "
"""Before an item of a list, which Word and LibreOffice number by themselves."""

EDGE, FEWEST_PAGES = 3, 2
"""A line among the first or last so many of a page is a running one where it is so on half of the
pages, its numbers aside, and on so many at least."""

PAGE_LETTERS = 12
"""A page of fewer letters is a picture of one."""

_DAMAGED = "is damaged. Open it in the program that made it, save it again, or send it as PDF"
_PROTECTED = "is protected with a password. Save it without one"
_DELETED = re.compile(r"\{\\deleted\b[^{}]*\}")
_HEADING = re.compile(r"#{1,6}\s+")
_BOLD = re.compile(r"(\*\*|__)(\w.*?)\1")
_NUMBERS = re.compile(r"\d+")


def lines_of(kind: str, content: bytes) -> Lines:
    """The lines of a document of that kind. Raises Unreadable, with the remedy."""
    read: dict[str, Callable[[bytes], Lines]] = {
        kinds.DOCX: _docx, kinds.ODT: _odt, kinds.PDF: _pdf, kinds.RTF: _rtf,
        kinds.HTML: lambda data: html(decoded(data)),
        kinds.TEXT: lambda data: plain(decoded(data)),
    }  # fmt: skip
    try:
        return read[kind](content)
    except Unreadable:
        raise
    except DefusedXmlException:
        raise Unreadable(_DAMAGED) from None
    except MemoryError:
        raise
    except Exception as error:
        # Whatever a library makes of a broken file: the other files are read all the same.
        raise Unreadable(_DAMAGED) from error


def decoded(content: bytes, charset: str = "") -> str:
    """Bytes as text: in the given charset, by their mark, as UTF-8, or as Windows wrote them."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    for name in (charset, "utf-8-sig"):
        try:
            return content.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def plain(text: str) -> Lines:
    """The lines of a plain text, without Markdown's marks of headings and of what is bold."""
    lines: list[str] = []
    for line in text.splitlines():
        heading = _HEADING.match(line)
        bare = _BOLD.sub(r"\2", line[heading.end() :] if heading else line).rstrip()
        lines += ["", bare, ""] if heading else [bare]
    return Lines(lines, wrapped=True)


def _rtf(content: bytes) -> Lines:
    from striprtf.striprtf import rtf_to_text

    kept = _DELETED.sub("", content.decode("latin-1"))
    text: str = rtf_to_text(kept, encoding="cp1252", errors="replace")
    return Lines([line.strip() for line in text.splitlines()])


def html(text: str, mail: bool = False) -> Lines:
    """The lines of a page; in a mail those of block quotations begin with “>”."""
    parser = _Page(mail)
    parser.feed(text)
    parser.close()
    return Lines([" ".join(line.split()) for line in "".join(parser.out).split("\n")])


class _Page(HTMLParser):
    """Text between the tags that start a line."""

    UNSEEN = frozenset(("script", "style", "head", "title", "template"))
    BLOCKS = frozenset(
        ("p", "div", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
         "blockquote", "section", "article", "header", "footer", "pre", "dt", "dd", "body")
    )  # fmt: skip

    def __init__(self, mail: bool) -> None:
        super().__init__()
        self.out: list[str] = []
        self._mail, self._unseen, self._quoted = mail, 0, 0

    def _line(self, empty: bool = False) -> None:
        mark = "> " * self._quoted if self._mail else ""
        self.out.append(f"\n{mark}\n{mark}" if empty else f"\n{mark}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.UNSEEN:
            self._unseen += 1
        self._quoted += tag == "blockquote"
        if tag in self.BLOCKS or tag == "br":
            self._line(tag == "p")
        if tag == "li":
            self.out.append(BULLET)
        if tag in ("td", "th"):
            self.out.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        if tag == "blockquote":
            self._quoted = max(self._quoted - 1, 0)
        if tag in self.BLOCKS:
            self._line(tag == "p")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.out.append(" ".join(re.split(r"\s+", data)))


def _parsed(archive: zipfile.ZipFile, name: str) -> Element:
    if archive.getinfo(name).flag_bits & 1:
        raise Unreadable(_PROTECTED)
    if archive.getinfo(name).file_size > LARGEST:
        raise Unreadable("holds more text than any letter. Send the part that counts")
    root: Element = defusedxml.ElementTree.fromstring(archive.read(name))
    return root


def _docx(content: bytes) -> Lines:
    """Paragraphs of a Word document with what was inserted and without what was deleted."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = _parsed(archive, "word/document.xml")
        running = [n for n in archive.namelist() if re.match(r"word/(?:header|footer)\d*\.xml$", n)]
        edges = [" ".join("".join(_word(_parsed(archive, n))).split()) for n in sorted(running)]
        notes = [n for n in ("word/footnotes.xml", "word/endnotes.xml") if n in archive.namelist()]
        text = "".join([*_word(root), *(t for n in notes for t in _word(_parsed(archive, n)))])
    return Lines(_tidy(text), left=[Left(RUNNING, edge) for edge in edges if edge])


def _word(element: Element) -> Iterator[str]:
    name = _name(element)
    if name in ("Fallback", "del", "moveFrom", "instrText", "delText", "sectPr"):
        return
    if name == "t":
        yield element.text or ""
    elif name in ("tab", "br", "cr"):
        yield " " if name == "tab" else "\n"
    elif name == "numPr":
        yield BULLET
    for inner in element:
        yield from _word(inner)
    if name == "p":
        yield "\n"


def _odt(content: bytes) -> Lines:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = "".join(_open(_parsed(archive, "content.xml")))
        styles = _parsed(archive, "styles.xml") if "styles.xml" in archive.namelist() else None
    found = (e for e in styles.iter() if _name(e) in ("header", "footer")) if styles else ()
    edges = [" ".join("".join(_open(edge)).split()) for edge in found]
    return Lines(_tidy(text), left=[Left(RUNNING, edge) for edge in edges if edge])


def _open(element: Element) -> Iterator[str]:
    name = _name(element)
    if name in ("tracked-changes", "annotation", "note-citation", "title", "desc", "forms"):
        return
    if name == "list-item":
        yield BULLET
    elif name in ("tab", "s", "line-break"):
        yield "\n" if name == "line-break" else " "
    yield element.text or "" if name in ("p", "h", "span", "a") else ""
    for inner in element:
        yield from _open(inner)
        yield inner.tail or "" if name in ("p", "h", "span", "a") else ""
    if name in ("p", "h"):
        yield "\n"


def _name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _tidy(text: str) -> list[str]:
    """Lines without marks of empty items."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return ["" if line == BULLET.strip() else line for line in lines]


def _pdf(content: bytes) -> Lines:
    """Lines of all pages, without those that run along all of them."""
    from pypdf import PdfReader

    # It warns of every flaw of a file it can read all the same.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable(_PROTECTED)
    pages = [
        [" ".join(line.split()) for line in _apart(page.extract_text()).splitlines()]
        for page in reader.pages
    ]
    empty = [k for k, page in enumerate(pages) if _letters(page) < PAGE_LETTERS]
    if len(empty) == len(pages):
        raise Unreadable(
            "holds pictures of pages and no text, as a scan does. Read it with OCR, or type it up"
        )
    found = Lines(*_flowing([[line for line in page if line] for page in pages]))
    if pictures := [k + 1 for k in empty if len(reader.pages[k].images)]:
        told = ", ".join(map(str, pictures))
        found.notes.append(f"no text on page {told}: look whether it is a scan")
    return found


def _apart(text: str) -> str:
    """A text with “fi” and the like as two letters, which many PDFs have as one."""
    return re.sub("[\ufb00-\ufb06]", lambda one: unicodedata.normalize("NFKC", one[0]), text)


def _letters(page: list[str]) -> int:
    return sum(c.isalpha() for line in page for c in line)


def _flowing(pages: list[list[str]]) -> tuple[list[str], bool, list[Left]]:
    """Lines of pages one after another, wrapped, and what ran along."""
    seen: Counter[str] = Counter()
    edges = [{*range(EDGE), *range(len(page) - EDGE, len(page))} for page in pages]
    for page, edge in zip(pages, edges, strict=True):
        seen.update({_NUMBERS.sub("#", page[k]) for k in edge if 0 <= k < len(page)})
    often = max(FEWEST_PAGES, len(pages) / 2)
    lines: list[str] = []
    left: list[Left] = []
    for page, edge in zip(pages, edges, strict=True):
        for k, line in enumerate(page):
            if k in edge and seen[_NUMBERS.sub("#", line)] >= often:
                left.append(Left(RUNNING, line))
            else:
                lines.append(line)
    return lines, True, left
