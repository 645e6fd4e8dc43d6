"""Reading a survey's folder: YAML to frozen types, or every problem at once with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from consult.questionnaire.checks import check
from consult.questionnaire.model import Definition, Survey, Words
from consult.questionnaire.problems import Problem, SurveyError
from consult.questionnaire.salvage import Lost, without

Model = TypeVar("Model", bound=BaseModel)
Location = Sequence[str | int]


@dataclass(frozen=True)
class Source:
    """A YAML file read for its values and for where each of them stands."""

    file: str
    tree: Any

    def line(self, location: Location) -> int:
        """The line (from 1) of a value, or of the nearest place above it that exists."""
        node, line = self.tree, 1
        for key in location:
            if isinstance(node, CommentedMap) and key in node:
                # A key merged in from elsewhere (<<) has no line of its own here.
                line = node.lc.key(key)[0] + 1 if key in node.lc.data else line
                node = node[key]
            elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                line = node.lc.item(key)[0] + 1
                node = node[key]
            # pydantic also names the member of a union in its locations; the file does not.
        return line

    def problem(self, kind: str, location: Location, /, **params: str) -> Problem:
        """A problem at ``location``."""
        return Problem(self.file, self.line(location), kind, params)


def load(folder: Path) -> Survey:
    """The survey in ``folder`` (or of its survey.yaml). Raises SurveyError, with every problem."""
    if folder.name == "survey.yaml" and folder.is_file():
        folder = folder.parent
    definition_source, problems = _read(folder / "survey.yaml")
    if definition_source is None:
        raise SurveyError(problems)
    known = [path.stem for path in sorted(folder.glob("[a-z][a-z].yaml"))] or ["en"]
    stand_ins = {"survey": folder.resolve().name, "body": "?", "languages": known}
    definition, left_out = _typed(Definition, definition_source, problems, stand_ins)
    words, sources, lost = {}, {"": definition_source}, {"": left_out}
    for language in definition.languages if definition else known:
        source, found = _read(folder / f"{language}.yaml")
        problems += found
        if source is not None:
            sources[language] = source
            typed, lost[language] = _typed(Words, source, problems, {"title": "?", "summary": "?"})
            if typed is not None:
                words[language] = typed
    if definition is None or not words:
        raise SurveyError(problems)
    # A language whose file cannot be read does not keep the others from being checked.
    readable = tuple(language for language in definition.languages if language in words)
    definition = definition.model_copy(update={"languages": readable})
    survey = Survey(definition, words, _population(folder, problems))
    problems += _located(survey, folder, sources, lost)
    if problems:
        raise SurveyError(problems)
    return survey


def _population(folder: Path, problems: list[Problem]) -> str:
    file = folder / "population.csv"
    try:
        return file.read_text(encoding="utf-8-sig") if file.exists() else ""
    except UnicodeDecodeError:
        problems.append(Problem(str(file), 1, "file-unreadable"))
        return ""


def _located(
    survey: Survey, folder: Path, sources: Mapping[str, Source], lost: Mapping[str, Lost]
) -> list[Problem]:
    problems = []
    for finding in check(survey, folder.resolve().name):
        if any(part.explains(finding) for part in lost.values()):
            continue
        if finding.file == "population":
            name = str(folder / "population.csv")
            line = int(finding.location[0]) if finding.location else 1
            problems.append(Problem(name, line, finding.code, finding.params))
        else:
            source = sources[finding.file]
            place = lost[finding.file].place(finding.location)
            problems.append(source.problem(finding.code, place, **finding.params))
    return problems


def _read(path: Path) -> tuple[Source | None, list[Problem]]:
    """A file's tree, or what keeps it from being read."""
    name = str(path)
    if not path.is_file():
        return None, [Problem(name, 1, "file-missing", {"file": path.name})]
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        tree = YAML(typ="rt").load(text)
    except UnicodeDecodeError:
        return None, [Problem(name, 1, "file-unreadable")]
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        key = str(error.problem).split('"')[1] if '"' in str(error.problem) else "a key"
        return None, [Problem(name, line, "duplicate-key", {"key": key})]
    except MarkedYAMLError as error:
        reason = str(error.problem or error.context or "it cannot be read")
        # A quote never closed is noticed at the end; the place to look is where it opened.
        unclosed = "end of stream" in reason and error.context_mark is not None
        mark = error.context_mark if unclosed else error.problem_mark
        line = mark.line + 1 if mark else 1
        return None, [Problem(name, line, "yaml-syntax", {"reason": reason})]
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        return None, [Problem(name, 1, "yaml-syntax", {"reason": reason})]
    except ValueError:  # ruamel.yaml reads a date and finds that there is no such day
        line, key = _odd_date(text)
        return None, [Problem(name, line, "bad-time", {"key": key})]
    return Source(name, tree if tree is not None else CommentedMap()), []


def _odd_date(text: str) -> tuple[int, str]:
    """The line of the first date in ``text`` that no calendar has, and its key."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = re.search(r"(\w+):\s*(\d{4}-\d\d?-\d\d?)(?:[Tt ]+(\d\d?:\d\d:\d\d))?", line)
        if not found:
            continue
        try:
            datetime.strptime(f"{found[2]} {found[3] or '00:00:00'}", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
        except ValueError:
            return number, found[1]
    return 1, "a date"


def _typed(
    model: type[Model], source: Source, problems: list[Problem], stand_ins: Mapping[str, Any]
) -> tuple[Model | None, Lost]:
    """A file's content as its type, and what had to be left out of it.

    A mistake does not hide the others: what is left without it is read, and checked on.
    """
    plain = _plain(source.tree)
    try:
        return model.model_validate(plain), Lost()
    except ValidationError as error:
        # A list with a bad entry is also called too short: only the innermost place is told.
        details = [d for d in error.errors() if not _around_another(d, error.errors())]
        problems += [_translated(source, detail) for detail in details]
    if not isinstance(plain, dict):
        return None, Lost()
    lost = without(plain, details, stand_ins)
    try:
        return model.model_validate(plain), lost
    except ValidationError:
        return None, lost


def _around_another(detail: Any, details: Sequence[Any]) -> bool:
    place = detail["loc"]
    return any(len(d["loc"]) > len(place) and d["loc"][: len(place)] == place for d in details)


def _plain(node: Any) -> Any:
    """A ruamel tree as plain dicts and lists."""
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def _translated(source: Source, detail: Any) -> Problem:
    """A pydantic error in the catalogue's words."""
    location, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    key = _called(location)
    if kind == "missing":
        return source.problem("missing-key", location, key=key)
    if kind == "extra_forbidden":
        return source.problem("unknown-key", location, key=key)
    if kind == "union_tag_invalid":
        known = str(context["expected_tags"]).replace("'", "")
        return source.problem(
            "unknown-type", [*location, "type"], given=context["tag"], known=known
        )
    if kind == "union_tag_not_found":
        return source.problem("missing-key", location, key="type")
    if kind == "string_pattern_mismatch" or key == "survey":
        what = {"survey": "bad-slug", "code": "bad-code"}.get(str(location[-1]), "bad-id")
        return source.problem(what, location, given=str(detail["input"]))
    if kind in _NO_TEXT:
        return source.problem("bad-text", location, key=key, given=_shown(detail["input"]))
    if kind in {"tuple_type", "list_type", "too_short"}:
        return source.problem("bad-list", location, key=key)
    if kind.startswith("datetime") or kind in {"date_type", "timezone_naive"}:
        return source.problem("bad-time", location, key=key)
    if kind == "value_error" and "range" in detail["msg"]:
        name = str(detail["input"].get("id", "the question"))
        return source.problem("bounds", location, name=name)
    reason = str(detail["msg"]).removeprefix("Input ")
    if kind in {"model_type", "model_attributes_type", "dict_type", "mapping_type"}:
        reason = "it should hold keys and their values"
    return source.problem("bad-value", location, key=key, reason=reason)


#: Errors for something that is no text; an option is its code, so ``Option`` says it as well.
_NO_TEXT = {"string_type", "option_type"}


def _called(location: Location) -> str:
    """The key at a place, or for an entry of a list the list's and its number from 1."""
    if not location:
        return "the file"
    if isinstance(location[-1], int):
        above = next((k for k in reversed(location) if isinstance(k, str)), "the file")
        return f"{above}, entry {location[-1] + 1}"
    return str(location[-1])


def _shown(value: Any) -> str:
    """A value as people call it."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"the yes-or-no value {str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case datetime() | date():
            return f"the date {value}"
        case dict() | list():
            return "keys or a list"
    return "something else"
