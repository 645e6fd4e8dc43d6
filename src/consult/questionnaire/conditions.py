"""Conditions: Common Expression Language (CEL) over earlier answers.

A condition is checked once, when a survey is read: names, order, types and option codes. It sees
each question under its id, and ``answered.<id>``. A question not answered (or not on the path) has
no value: a comparison with it is neither true nor false, CEL's own ``&&`` and ``||`` decide what
they can without it, and a condition that stays undecided counts as not met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cel_expr_python import cel

from consult.questionnaire.answers import Optioned, Question, Value

if TYPE_CHECKING:
    from consult.questionnaire.problems import Found

_TYPES = {
    "string": cel.Type.STRING,
    "list": cel.Type.List(cel.Type.STRING),
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
}
_ANSWERED = cel.Type.Map(cel.Type.STRING, cel.Type.BOOL)
#: CEL's reserved words: a question cannot be called one of these.
RESERVED = frozenset(
    {"answered", "as", "break", "const", "continue", "else", "false", "for", "function", "if"}
    | {"import", "in", "let", "loop", "null", "package", "namespace", "return", "true", "var"}
    | {"void", "while", "size", "has", "all", "exists", "exists_one", "map", "filter", "int"}
    | {"double", "string", "bool", "bytes", "type", "uint", "duration", "timestamp", "dyn"}
    | {"list", "null_type", "optional_type"}
    | {"matches", "contains"}
)
_QUOTED = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
_TOKEN = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|([A-Za-z_]\w*(?:\s*\.\s*\w+)*)""")
_KINDS = {
    "string": "text or an option",
    "int": "a whole number",
    "double": "a number with decimals",
    "bool": "yes or no",
    "list(string)": "a list of options",
    "null_type": "nothing",
}


@lru_cache(maxsize=16384)
def _spoken(expression: str) -> tuple[str, ...]:
    found = [_question_of(piece) for piece, literal in _tokens(expression) if not literal]
    return tuple(dict.fromkeys(name for name in found if name and name not in RESERVED))


def _types(expression: str, questions: Mapping[str, Question]) -> tuple[tuple[str, str], ...]:
    """The types of the questions a condition speaks of; the others are nothing to it."""
    spoken = (name for name in _spoken(expression) if name in questions)
    return tuple((name, questions[name].condition_type) for name in spoken)


@lru_cache(maxsize=4096)
def _environment(types: tuple[tuple[str, str], ...]) -> Any:
    variables = {name: _TYPES[kind] for name, kind in types}
    return cel.NewEnv(variables={**variables, "answered": _ANSWERED})


@lru_cache(maxsize=4096)
def _compiled(expression: str, types: tuple[tuple[str, str], ...]) -> Any:
    return _environment(types).compile(_widened(expression, dict(types)))


def _widened(expression: str, types: Mapping[str, str]) -> str:
    """Let people write ``amount > 10`` for money: CEL does not compare int with double."""
    doubles = [name for name, kind in types.items() if kind == "double"]
    # Every second piece is a text in quotes, which stays as it was written.
    pieces = _QUOTED.split(expression)
    pieces[::2] = [_with_decimals(piece, doubles) for piece in pieces[::2]]
    return "".join(pieces)


def _with_decimals(code: str, doubles: list[str]) -> str:
    compare = r"\s*(?:==|!=|<=|>=|<|>)\s*"
    for name in doubles:
        code = re.sub(rf"(\b{name}{compare}-?\d+)(?![\d.])", r"\1.0", code)
        code = re.sub(rf"(?<![\d.])(-?\d+)({compare}{name}\b)", r"\1.0\2", code)
    return code


def holds(expression: str, questions: Mapping[str, Question], answers: Mapping[str, Value]) -> bool:
    """Whether a condition that passed ``check`` is met by ``answers`` (typed, by question)."""
    types = _types(expression, questions)
    given = {name: answers[name] for name, _ in types if name in answers}
    data: dict[str, Any] = {qid: questions[qid].condition_value(v) for qid, v in given.items()}
    data["answered"] = {name: name in answers for name, _ in types}
    return _compiled(expression, types).eval(data=data).value() is True


def names(expression: str) -> list[str]:
    """The questions a condition speaks of, in order, without repeats."""
    return list(_spoken(expression))


def literals(expression: str) -> list[str]:
    """The texts in quotes that a condition waits for."""
    return list(dict.fromkeys(piece for piece, literal in _tokens(expression) if literal))


def _tokens(expression: str) -> Iterator[tuple[str, bool]]:
    for match in _TOKEN.finditer(expression):
        yield (match[1][1:-1], True) if match[1] else (re.sub(r"\s", "", match[2]), False)


def _question_of(piece: str) -> str:
    head, _, rest = piece.partition(".")
    return rest.split(".")[0] if head == "answered" else head


def check(
    expression: str, questions: Mapping[str, Question], later: Mapping[str, Question]
) -> Iterator[Found]:
    """Every problem of a condition; ``questions`` come before it and ``later`` do not.

    Yields (problem code, params) of the catalogue in ``problems.py``.
    """
    bare = _TOKEN.sub(lambda match: " " if match[1] else match[0], expression)
    if re.search(r"\banswered\s*\[", bare):
        # A name in brackets is a text to CEL: one misspelt would simply never be answered.
        yield "condition-syntax", {"column": "1", "reason": "write answered.name, without [ ]"}
        return
    spoken = names(expression)
    for name in spoken:
        if name in later:
            yield "condition-later", {"name": name}
        elif name not in questions:
            yield "condition-unknown-name", {"name": name, "known": _known(questions)}
    everything = {**questions, **later}
    if any(name not in everything for name in spoken):
        return
    try:
        program = _compiled(expression, _types(expression, everything))
    except RuntimeError as error:
        yield _explained(str(error))
        return
    if program.return_type().name() != "BOOL":
        yield "condition-not-yes-or-no", {}
        return
    yield from _unknown_options(expression, everything, spoken)


def _known(questions: Mapping[str, Question]) -> str:
    return ", ".join(questions) or "none yet"


def _explained(message: str) -> Found:
    applied = re.search(r"applied to '\((.*)\)'", message)
    if applied:
        kinds = re.split(r",\s*(?![^(]*\))", applied[1])
        return "condition-type", {"kinds": " with ".join(_KINDS.get(k, k) for k in kinds)}
    column = re.search(r"<input>:\d+:(\d+): (?:Syntax error: )?(.*)", message)
    place, reason = (column[1], column[2]) if column else ("1", "it cannot be read")
    return "condition-syntax", {"column": place, "reason": reason[:120]}


def _unknown_options(
    expression: str, questions: Mapping[str, Question], spoken: list[str]
) -> Iterator[Found]:
    """Texts compared with a question that are none of its option codes.

    Each text is held against the question it stands beside; where it stands beside none (in a
    list, or inside a function) any question the condition speaks of may have it.
    """
    beside: str | None = None
    optioned = {n: q for n in spoken if isinstance(q := questions[n], Optioned)}
    tokens = list(_tokens(expression))
    for index, (piece, literal) in enumerate(tokens):
        if not literal:
            beside = _question_of(piece) if piece != "in" else beside
            continue
        follows = tokens[index + 1 : index + 3]
        if follows and follows[0] == ("in", False):
            beside = _question_of(follows[-1][0])
        question = optioned.get(beside or "")
        candidates = [question] if question else list(optioned.values())
        if beside in questions and question is None:
            continue  # compared with an open answer
        if candidates and not any(piece in q.codes for q in candidates):
            q = candidates[0]
            yield "condition-option", {"code": piece, "name": q.id, "known": ", ".join(q.codes)}
