"""Reading YAML: a text to a ruamel tree, or the problem that keeps it from being read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node

from consult.questionnaire.problems import Problem, SurveyError

#: Characters of a file: the longest questionnaire we know has 30,000. Reading takes a second for
#: every 50,000, and nobody may keep the service busy for longer than a few.
LARGEST = 400_000
#: Values of a file, aliases written out: ten lines of YAML can stand for billions.
MOST = 200_000


class _Constructor(RoundTripConstructor):
    """Remembers the nodes it made a tree of: making these is nearly all of the time of reading."""

    root: Node | None = None

    def construct_document(self, node: Node) -> Any:
        self.root = node
        return super().construct_document(node)


def tree_of(name: str, text: str) -> Any:
    """The round-trip tree of a YAML text. Raises SurveyError with its one problem."""
    return nodes_and_tree_of(name, text)[1]


def nodes_and_tree_of(name: str, text: str) -> tuple[Node | None, Any]:
    """The nodes of a YAML text, which say where its values stand, and the tree made of them.

    A merge (``<<``) is gone from the nodes where the tree was made of them. Raises SurveyError.
    """
    if len(text) > LARGEST:
        reason = f"it has {len(text):,} characters, and a questionnaire's file at most {LARGEST:,}"
        raise SurveyError([Problem(name, 1, "yaml-syntax", {"reason": reason})])
    try:
        yaml = YAML(typ="rt")
        yaml.Constructor = _Constructor
        tree = yaml.load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        key = str(error.problem).split('"')[1] if '"' in str(error.problem) else "a key"
        raise SurveyError([Problem(name, line, "duplicate-key", {"key": key})]) from None
    except MarkedYAMLError as error:
        reason = str(error.problem or error.context or "it cannot be read")
        # A quote never closed is noticed at the end; the place to look is where it opened.
        unclosed = "end of stream" in reason and error.context_mark is not None
        mark = error.context_mark if unclosed else error.problem_mark
        line = mark.line + 1 if mark else 1
        raise SurveyError([Problem(name, line, "yaml-syntax", {"reason": reason})]) from None
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        raise SurveyError([Problem(name, 1, "yaml-syntax", {"reason": reason})]) from None
    except (ValueError, OverflowError):  # ruamel.yaml reads a date and finds no such day
        line, key = _odd_date(text)
        raise SurveyError([Problem(name, line, "bad-time", {"key": key})]) from None
    except (RecursionError, AssertionError, TypeError, AttributeError, KeyError, IndexError):
        # Nested too deeply, or a tag that ruamel.yaml trips over.
        reason = "it is nested too deeply, or uses tags"
        raise SurveyError([Problem(name, 1, "yaml-syntax", {"reason": reason})]) from None
    return yaml.constructor.root, tree if tree is not None else CommentedMap()


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


class _TooMuch(Exception):
    """More values than a questionnaire has, or a value that holds itself."""


def data_of(name: str, tree: Any) -> Any:
    """A tree as what JSON can hold: dates as ISO text. Raises SurveyError."""
    left = [MOST]
    try:
        return _data(tree, left, ())
    except _TooMuch:
        reason = "its aliases (*) stand for more than a questionnaire can hold"
        raise SurveyError([Problem(name, 1, "yaml-syntax", {"reason": reason})]) from None


def _data(node: Any, left: list[int], inside: tuple[int, ...]) -> Any:
    left[0] -= 1
    if left[0] < 0 or id(node) in inside:
        raise _TooMuch
    match node:
        case Mapping():
            deeper = (*inside, id(node))
            return {str(key): _data(value, left, deeper) for key, value in node.items()}
        case list() | tuple() | set():
            return [_data(value, left, (*inside, id(node))) for value in node]
        case None | bool():
            return node
        case str():
            return str(node)
        case int():
            return int(node)
        case float():
            return float(node) if math.isfinite(node) else str(node)
        case datetime() | date():
            return node.isoformat()
        case bytes():
            return node.decode("latin-1")
    return str(getattr(node, "value", node))
