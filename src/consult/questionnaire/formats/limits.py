"""How much a form may hold. Past these bounds it is refused, before much work is done."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from consult.questionnaire.formats.outcome import FormatError

MEGABYTE = 1_000_000
FILE = 20 * MEGABYTE
UNPACKED = 100 * MEGABYTE
ENTRIES = 2_000
CELL = 100_000
QUESTIONS = 1_000
OPTIONS = 5_000
OPTIONS_IN_ALL = 50_000
DEPTH = 60
EXPRESSION = 10_000
EXPRESSION_DEPTH = 40


def file_size(name: str, data: bytes) -> None:
    """Refuse a file too large to be a form."""
    if not data:
        raise FormatError(name, "the file is empty", "Save the form again and try once more.")
    if len(data) > FILE:
        size = f"{len(data) / MEGABYTE:,.0f} MB"
        raise FormatError(
            name,
            f"the file has {size}, and a form may have {FILE // MEGABYTE} MB",
            "Take pictures and data out of it, or split the form.",
        )


def text_length(place: str, text: str) -> str:
    """``text``, unless it is longer than any wording can be."""
    if len(text) > CELL:
        raise FormatError(
            place,
            f"the text has {len(text):,} characters, and {CELL:,} is the most",
            "Shorten it; put long documents on a page of their own and link to it.",
        )
    return text


def how_many(place: str, what: str, count: int, most: int) -> None:
    """Refuse more than ``most`` of something."""
    if count > most:
        raise FormatError(
            place, f"there are more than {most:,} {what}", "Split the form into smaller ones."
        )


def nesting(place: str, node: Any) -> None:
    """Refuse JSON nested deeper than any form is."""
    level, here = 0, [node]
    while here:
        level += 1
        if level > DEPTH:
            raise FormatError(
                place, f"it is nested more than {DEPTH} levels deep", "Take some levels out."
            )
        here = [
            child
            for parent in here
            for child in (
                parent.values()
                if isinstance(parent, dict)
                else parent
                if isinstance(parent, list)
                else ()
            )
            if isinstance(child, dict | list)
        ]


def unpacked(name: str, data: bytes) -> None:
    """Refuse a zip file that would unpack to more than a form can be, by what it says and does."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise FormatError(name, f"this is no .xlsx workbook ({error})", _SAVE_AGAIN) from None
    with archive:
        entries = archive.infolist()
        if len(entries) > ENTRIES:
            raise FormatError(name, f"it has {len(entries):,} files inside", _SAVE_AGAIN)
        if sum(entry.file_size for entry in entries) > UNPACKED:
            raise _bomb(name)
        total = 0
        for entry in entries:
            if entry.flag_bits & 1:
                raise FormatError(name, "the workbook has a password", "Save it without one.")
            total = _through(name, archive, entry, total)


def _through(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, total: int) -> int:
    """``total`` and an entry's true size; the declared one is only what the file says of itself."""
    try:
        with archive.open(entry) as part:
            while block := part.read(MEGABYTE):
                total += len(block)
                if total > UNPACKED:
                    raise _bomb(name)
    # A damaged stream, and a way of packing that this Python cannot undo.
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise FormatError(
            name, f"'{entry.filename}' in it is damaged ({error})", _SAVE_AGAIN
        ) from None
    except Exception as error:
        if isinstance(error, FormatError):
            raise
        # zlib, bz2 and lzma each raise an error of their own for a damaged stream.
        raise FormatError(
            name, f"'{entry.filename}' in it is damaged ({error})", _SAVE_AGAIN
        ) from None
    return total


_SAVE_AGAIN = "Open the form in a spreadsheet program and save it as .xlsx."


def _bomb(name: str) -> FormatError:
    return FormatError(name, f"it unpacks to more than {UNPACKED // MEGABYTE} MB", _SAVE_AGAIN)
