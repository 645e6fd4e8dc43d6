"""Reading a form of any format we know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from consult.questionnaire.formats import limesurvey_read, limits, surveyjs_read, xlsform_read
from consult.questionnaire.formats.outcome import FormatError, Imported

READERS: dict[str, Callable[[str, bytes], Imported]] = {
    ".xlsx": xlsform_read.read,
    ".json": surveyjs_read.read,
    ".lss": limesurvey_read.read_xml,
    ".txt": limesurvey_read.read_tsv,
    ".tsv": limesurvey_read.read_tsv,
}


def read(name: str, data: bytes) -> Imported:
    """The form in a file called ``name``; its ending says which format it is. Raises FormatError."""
    ending = PurePath(name).suffix.lower()
    if ending not in READERS:
        known = ", ".join(READERS)
        raise FormatError(name, f"'{ending}' is no format of forms", f"Use one of {known}.")
    limits.file_size(name, data)
    return READERS[ending](name, data)
