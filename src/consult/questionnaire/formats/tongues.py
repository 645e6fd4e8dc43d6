"""Languages as forms name them, and by their code."""

from __future__ import annotations

import re

from consult.questionnaire import languages
from consult.questionnaire.formats.outcome import Notebook

#: What forms call texts whose language they do not say.
UNSAID = frozenset({"", "default"})
_BY_NAME = {
    "english": "en", "welsh": "cy", "cymraeg": "cy", "french": "fr", "français": "fr",
    "spanish": "es", "español": "es", "german": "de", "deutsch": "de", "polish": "pl",
    "polski": "pl", "portuguese": "pt", "português": "pt", "arabic": "ar", "urdu": "ur",
    "punjabi": "pa", "bengali": "bn", "gujarati": "gu", "romanian": "ro", "italian": "it",
    "dutch": "nl", "nederlands": "nl", "turkish": "tr", "chinese": "zh", "somali": "so",
    "hindi": "hi", "swahili": "sw", "nepali": "ne", "ukrainian": "uk", "russian": "ru",
    "irish": "ga", "gaeilge": "ga", "persian": "fa", "farsi": "fa",
}  # fmt: skip


def code(name: str) -> str | None:
    """The code of a language called ``name``: ``English (en)``, ``en-GB``, ``Welsh``."""
    bracketed = re.search(r"\(([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\)\s*$", name)
    plain = bracketed[1] if bracketed else re.split(r"[-_]", name.strip())[0]
    for one in (plain.lower(), _BY_NAME.get(name.strip().lower(), "")):
        if languages.known(one):
            return one
    return None


def codes(place: str, names: list[str], notebook: Notebook) -> dict[str, str]:
    """Our code for each language of a form; the first is the form's own."""
    made: dict[str, str] = {}
    for name in names:
        found = code(name)
        if name.strip().lower() in UNSAID and not made:
            rest = {code(other) for other in names} - {None}
            found = "en" if "en" not in rest else None
            if found and len(names) == 1:
                notebook.add(
                    place,
                    "the form does not say its language",
                    "Its wording was taken as English: rename en.yaml, and 'languages', if not.",
                )
        if found is None:
            notebook.add(
                place,
                f"the language '{name}' is none we know by that name",
                "Its wording was left out: give the language its code, like English (en).",
            )
        elif found in made.values():
            notebook.add(
                place, f"'{name}' is a second '{found}'", "Its wording was left out: merge the two."
            )
        else:
            made[name] = found
    return made or {names[0]: "en"}
