"""Reading a form of any format we know."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath

from consult.questionnaire.document import Document
from consult.questionnaire.formats import (
    limesurvey_read,
    limits,
    naming,
    surveyjs_read,
    xlsform_read,
)
from consult.questionnaire.formats.outcome import FormatError, Imported
from consult.questionnaire.model import SLUG

READERS: dict[str, Callable[[str, bytes], Imported]] = {
    ".xlsx": xlsform_read.read,
    ".json": surveyjs_read.read,
    ".lss": limesurvey_read.read_xml,
    ".txt": limesurvey_read.read_tsv,
    ".tsv": limesurvey_read.read_tsv,
}


def read(name: str, data: bytes) -> Imported:
    """The form in a file called ``name``, whose ending says its format. Raises FormatError."""
    ending = PurePath(name).suffix.lower()
    if ending not in READERS:
        known = ", ".join(READERS)
        raise FormatError(name, f"'{ending}' is no format of forms", f"Use one of {known}.")
    limits.file_size(name, data)
    return READERS[ending](name, data)


def slug_of(folder: str) -> str:
    """A folder's name as its survey's. Raises FormatError where it cannot be one."""
    if not re.fullmatch(SLUG, folder) or len(folder) > naming.SLUG:
        raise FormatError(
            folder,
            "a survey is called like its folder, and cannot be called this",
            f"Use small letters, digits and hyphens: {naming.slug(folder)}.",
        )
    return folder


def texts(imported: Imported, slug: str) -> dict[str, str]:
    """The files of an imported survey, by name."""
    return Document({**imported.definition, "survey": slug}, imported.words).as_texts()
