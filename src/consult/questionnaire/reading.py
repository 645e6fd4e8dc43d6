"""Reading one YAML file as a type, or every problem of its shape with its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from consult.questionnaire.model import Location
from consult.questionnaire.problems import Problem, SurveyError
from consult.questionnaire.salvage import Lost, without
from consult.questionnaire.yaml_read import data_of, tree_of

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Source:
    """A file's data and, where it was read from YAML, the tree that knows their lines."""

    file: str
    data: Any
    tree: Any = None

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

    def place(self, location: Location) -> Location:
        """``location`` without what pydantic names and the file does not."""
        node: Any = self.data
        place: list[str | int] = []
        for key in location:
            try:
                node = node[key]
            except (KeyError, IndexError, TypeError):
                if key is not location[-1]:
                    continue
            place.append(key)
        return tuple(place)

    def problem(self, kind: str, location: Location, /, **params: str) -> Problem:
        """A problem at ``location``."""
        return Problem(self.file, self.line(location), kind, params, self.place(location))


def read(path: Path, problems: list[Problem]) -> Source | None:
    """A file's source, None where it cannot be read (``problems`` says why)."""
    name = str(path)
    if not path.is_file():
        problems.append(Problem(name, 1, "file-missing", {"file": path.name}))
        return None
    try:
        tree = tree_of(name, path.read_text(encoding="utf-8-sig"))
        return Source(name, data_of(name, tree), tree)
    except UnicodeDecodeError:
        problems.append(Problem(name, 1, "file-unreadable"))
    except SurveyError as error:
        problems += error.problems
    return None


def read_as(model: type[Model], path: Path) -> Model:
    """One YAML file as ``model``. Raises SurveyError."""
    problems: list[Problem] = []
    source = read(path, problems)
    found = typed(model, source, problems, {})[0] if source else None
    if problems or found is None:
        raise SurveyError(problems)
    return found


def typed(
    model: type[Model], source: Source, problems: list[Problem], stand_ins: Mapping[str, Any]
) -> tuple[Model | None, Lost]:
    """A file's content as its type, and what had to be left out of it.

    A mistake does not hide the others: what is left without it is read, and checked on.
    """
    plain = plain_copy(source.data)
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


def plain_copy(node: Any) -> Any:
    """A copy in plain dicts and lists, which ``without`` may take things out of."""
    if isinstance(node, Mapping):
        return {str(key): plain_copy(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain_copy(value) for value in node]
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
            "unknown-type", (*location, "type"), given=context["tag"], known=known
        )
    if kind == "union_tag_not_found":
        return source.problem("missing-key", location, key="type")
    if kind == "string_pattern_mismatch" or key == "survey":
        what = {
            "survey": "bad-slug",
            "code": "bad-code",
            "include": "bad-reference",
            "url": "bad-url",
            "exit_to": "bad-site",
            "href": "bad-site",
        }.get(str(location[-1]), "bad-id")
        return source.problem(what, location, given=str(detail["input"]))
    if kind in _NO_TEXT:
        return source.problem("bad-text", location, key=key, given=_shown(detail["input"]))
    if kind in {"tuple_type", "list_type", "too_short"}:
        return source.problem("bad-list", location, key=key)
    if kind.startswith("datetime") or kind in {"date_type", "timezone_naive"}:
        return source.problem("bad-time", location, key=key)
    if kind == "string_too_long":
        most = f"{context['max_length']:,}"
        return source.problem("too-long", location, key=key, most=most)
    if kind == "too_long":
        most = f"{context['max_length']:,}"
        return source.problem("too-many", location, key=key, most=most)
    if kind == "value_error" and "row" in detail["msg"]:
        name = str(detail["input"].get("id", "the grid"))
        return source.problem("grid-row", location, name=name)
    if kind == "value_error" and "range" in detail["msg"]:
        name = str(detail["input"].get("id", "the question"))
        return source.problem("bounds", location, name=name)
    reason = str(detail["msg"]).removeprefix("Input ")
    if kind in {"model_type", "model_attributes_type", "dict_type", "mapping_type"}:
        reason = "it should hold keys and their values"
    return source.problem("bad-value", location, key=key, reason=reason)


#: What a text that does not fit its pattern is called, by its key.
_PATTERNS = {
    "survey": "bad-slug",
    "code": "bad-code",
    "include": "bad-reference",
    "block": "bad-reference",
    "url": "bad-url",
}
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
