"""What staff upload, as a document: a survey's own files, a zip of them, or another tool's form."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from consult.designing import tree
from consult.errors import ConsultError
from consult.questionnaire.document import DEFINITION, POPULATION, WORDS, Document
from consult.questionnaire.formats import imports
from consult.questionnaire.problems import SurveyError
from consult.questionnaire.yaml_read import LARGEST

#: Bytes of an upload; a questionnaire with its languages has fifty thousand.
MOST_BYTES = 5_000_000
MOST_FILES = 40
#: Questions that a questionnaire may have here: more than anybody answers.
MOST_QUESTIONS = 2_000
OF_OTHERS = tuple(imports.READERS)


@dataclass(frozen=True)
class Uploaded:
    """A document, and what could not be carried over into it."""

    document: Document
    notes: tuple[str, ...] = ()


def read(files: Sequence[tuple[str, bytes]]) -> Uploaded:
    """The questionnaire that uploaded files hold. Raises ConsultError, with lines where known."""
    named = [(_base(name), content) for name, content in files if name and content]
    if not named:
        raise ConsultError("Choose a file first.")
    if sum(len(content) for _, content in named) > MOST_BYTES:
        raise ConsultError(f"That is more than {MOST_BYTES // 1_000_000} MB: no questionnaire.")
    if len(named) == 1 and named[0][0].lower().endswith(".zip"):
        named = _unzipped(named[0][1])
    elif len(named) == 1 and named[0][0].lower().endswith(OF_OTHERS):
        return _foreign(*named[0])
    texts = {name: _text(name, content) for name, content in named if _known(name)}
    if not texts:
        raise ConsultError(
            "Among these files is none that can be read here. Upload survey.yaml with its "
            "languages (en.yaml), a zip of them, or a form as .xlsx, .json, .lss or .txt."
        )
    try:
        document = Document.from_texts(texts)
    except SurveyError as error:
        raise ConsultError("\n".join(map(str, error.problems))) from None
    except RecursionError:
        raise ConsultError("The file is nested too deeply to be a questionnaire.") from None
    refuse_odd(document)
    return Uploaded(document)


def _base(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _known(name: str) -> bool:
    return name in (DEFINITION, POPULATION) or bool(WORDS.fullmatch(name))


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        raise ConsultError(
            f"{name} is not text in UTF-8. Save it again with the encoding UTF-8."
        ) from None


def _unzipped(content: bytes) -> list[tuple[str, bytes]]:
    """The survey's files in a zip; no more is unpacked than a questionnaire can have."""
    found = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [
                m for m in archive.infolist() if _known(_base(m.filename)) and not m.is_dir()
            ]
            if len(members) > MOST_FILES:
                raise ConsultError(f"The zip holds more than {MOST_FILES} files.")
            for member in members:
                with archive.open(member) as stream:
                    inside = stream.read(LARGEST * 4 + 1)
                if len(inside) > LARGEST * 4:
                    raise ConsultError(
                        f"{_base(member.filename)} in the zip is too large for a questionnaire."
                    )
                found.append((_base(member.filename), inside))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError):
        raise ConsultError(
            "This zip cannot be opened. Make it again, without a password."
        ) from None
    except (ValueError, EOFError):
        raise ConsultError("This zip is damaged. Make it again.") from None
    if not any(name == DEFINITION for name, _ in found):
        raise ConsultError("There is no survey.yaml in this zip.")
    return found


def _foreign(name: str, content: bytes) -> Uploaded:
    """A form of another tool. Raises ConsultError."""
    made = imports.read(name, content)
    document = Document(made.definition, made.words)
    refuse_odd(document)
    return Uploaded(document, tuple(str(note) for note in made.notes))


# -- shape -----------------------------------------------------------------------------------------


def refuse_odd(document: Document) -> None:
    """Refuse data that no page of the designer could show. Raises ConsultError.

    What is merely wrong may come in: it is shown, said by the check, and mended there.
    """
    odd = [*_odd_pages(document.definition), *_odd_words(document.words)]
    if odd:
        raise ConsultError("\n".join(odd[:20]))
    count = sum(1 for _ in tree.spots(document))
    if count > MOST_QUESTIONS:
        raise ConsultError(
            f"{count:,} questions are more than can be designed here (at most {MOST_QUESTIONS:,})."
        )


def _odd_pages(definition: Mapping[str, Any]) -> list[str]:
    pages = definition.get("pages")
    if not isinstance(pages, list):
        return ["survey.yaml needs a list of ‘pages’: it must be a list of questions and pages."]
    odd: list[str] = []
    for number, entry in enumerate(pages, start=1):
        where = f"survey.yaml, page {number}"
        if not isinstance(entry, dict):
            odd.append(f"{where}: it should hold keys and their values.")
            continue
        if not isinstance(entry.get("id", entry.get("include")), str):
            odd.append(f"{where}: it needs an ‘id’.")
        questions = entry.get("questions")
        if questions is not None and not isinstance(questions, list):
            odd.append(f"{where}: ‘questions’ must be a list.")
        for question in questions if isinstance(questions, list) else [entry]:
            if "include" not in entry:
                odd += _odd_question(question, where)
    for key in ("parts", "sections", "quotas"):
        held = definition.get(key) or []
        if not isinstance(held, list) or not all(isinstance(item, dict) for item in held):
            odd.append(f"survey.yaml: ‘{key}’ must be a list, each entry with its keys.")
    for key in ("disclosure", "precept"):
        if not isinstance(definition.get(key) or {}, dict):
            odd.append(f"survey.yaml: ‘{key}’ should hold keys and their values.")
    return odd


def _odd_question(question: Any, where: str) -> list[str]:
    if not isinstance(question, dict) or not isinstance(question.get("id"), str):
        return [f"{where}: a question needs an ‘id’."]
    odd = []
    if not isinstance(question.get("type"), str):
        odd.append(f"{where}: question ‘{question['id']}’ needs a ‘type’.")
    for key in ("options", "rows"):
        held = question.get(key, [])
        fine = isinstance(held, list) and all(
            isinstance(o, str) or (isinstance(o, dict) and isinstance(o.get("code"), str))
            for o in held
        )
        if not fine:
            odd.append(
                f"{where}: the {key} of ‘{question['id']}’ must be a list of codes. Put a code in "
                'quotes where YAML takes it for something else: "16_24", "true", "5".'
            )
    if not isinstance(question.get("nets", {}), dict):
        odd.append(f"{where}: the nets of ‘{question['id']}’ must be names, each with its codes.")
    return odd


def _odd_words(words: Mapping[str, Mapping[str, Any]]) -> list[str]:
    odd = []
    for language, held in words.items():
        for group in ("questions", "pages", "parts", "sections"):
            if isinstance(held.get(group) or {}, dict):
                continue
            odd.append(f"{language}.yaml: ‘{group}’ should hold names and their wording.")
        questions = held.get("questions")
        for name, labels in questions.items() if isinstance(questions, dict) else ():
            inside = labels if isinstance(labels, dict) else None
            groups = ("options", "hints", "nets", "rows", "words")
            if inside is None or any(not isinstance(inside.get(g) or {}, dict) for g in groups):
                odd.append(f"{language}.yaml: the wording of ‘{name}’ should hold keys and texts.")
    return odd


def renamed(document: Document, slug: str) -> Document:
    """``document`` as the survey ``slug``."""
    return replace(document, definition={**document.definition, "survey": slug})
