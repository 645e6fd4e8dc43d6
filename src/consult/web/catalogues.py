"""The interface's catalogues: what they must say, and what waits for a native speaker.

A string flagged ``unchecked`` is shown, and nobody who speaks the language has read it yet.
"""

from __future__ import annotations

from functools import cache

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from consult.web.templating import LOCALES, PACKAGE

UNCHECKED = "unchecked"
#: What else than ``_`` marks a message: said later, said of another language.
KEYWORDS = dict.fromkeys(("_", "gettext", "N_", "say"))
#: Said to staff alone, in English.
_STAFF = {
    "accounts",
    "reporting",
    "designing",
    "coding",
    "priorities",
    "consultations",
    "inviting",
}
_SPEAKING = ("questionnaire", "inviting", "respond", "web", "poll", "kiosk")


def known() -> list[str]:
    """The languages with a catalogue. English has none: it is the wording in the code."""
    return sorted(path.stem for path in LOCALES.glob("*.po"))


@cache
def catalogue(language: str) -> Catalog:
    """The catalogue as it stands in its file; empty where there is none."""
    file = LOCALES / f"{language}.po"
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def said(language: str) -> dict[str, str]:
    """What each English message is in ``language``."""
    return {str(m.id): str(m.string) for m in catalogue(language) if m.id and m.string}


def unchecked(language: str) -> dict[str, str]:
    """Those of them that wait for a native speaker."""
    return {
        str(m.id): str(m.string)
        for m in catalogue(language)
        if m.id and m.string and UNCHECKED in m.flags
    }


def messages() -> dict[str, str]:
    """Every message a respondent can be shown, and a file that has it."""
    templates = [
        path
        for path in sorted(PACKAGE.glob("*/templates/**/*.html"))
        if path.relative_to(PACKAGE).parts[0] not in _STAFF
    ]
    modules = [
        path
        for folder in _SPEAKING
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        # Said to staff alone; paper has a table of words of its own.
        if not {"formats", "paper"} & set(path.parts)
    ]
    found: dict[str, str] = {}
    for path in [*templates, *modules, PACKAGE / "app.py"]:
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        with path.open("rb") as stream:
            for _, message, _, _ in extract(
                method, stream, keywords=KEYWORDS, options={"newstyle_gettext": "true"}
            ):
                if not isinstance(message, str):
                    raise TypeError(f"{path}: no language has plurals yet: {message}")
                found.setdefault(message, path.relative_to(PACKAGE).as_posix())
    return found
