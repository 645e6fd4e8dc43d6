"""Writing a survey in any format we know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from consult.questionnaire import paper
from consult.questionnaire.formats import ddi, dictionary, surveyjs_write, xlsform_write
from consult.questionnaire.formats.outcome import Exported, FormatError
from consult.questionnaire.survey import Survey

#: By a file's ending; those to read and to print are in the survey's first language here.
WRITERS: dict[str, Callable[[Survey], Exported]] = {
    ".xlsx": xlsform_write.write,
    ".json": surveyjs_write.write,
    ".xml": ddi.write,
    ".csv": dictionary.write,
    ".html": paper.export_html,
    ".pdf": paper.export_pdf,
}


def write(survey: Survey, name: str) -> Exported:
    """``survey`` in the format that the ending of ``name`` says. Raises FormatError."""
    ending = PurePath(name).suffix.lower()
    if ending not in WRITERS:
        known = ", ".join(WRITERS)
        raise FormatError(name, f"'{ending}' is no format of forms", f"Use one of {known}.")
    return WRITERS[ending](survey)
