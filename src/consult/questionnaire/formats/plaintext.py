"""Text of unknown encoding: by its byte order mark, else UTF-8, else said outright."""

from __future__ import annotations

import codecs

from consult.questionnaire.formats.outcome import FormatError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(name: str, data: bytes) -> str:
    """The text of a file. Raises FormatError where its encoding is not certain."""
    encoding = next((each for mark, each in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FormatError(
            f"{name}, line {line}",
            f"this is not text in {encoding.upper().removesuffix('-SIG')}",
            "Save it again with the encoding UTF-8; accented letters would be lost otherwise.",
        ) from None
    if "\x00" in text:
        raise FormatError(
            name, "there are null characters in it", "Save it again with the encoding UTF-8."
        )
    return text
