"""Conditions built by choosing: lines of question, comparison and answers, and CEL both ways."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Op = Literal[
    "is", "is_not", "one_of", "none_of", "has", "has_not", "eq", "ne", "gt", "ge", "lt", "le",
    "before", "after", "contains", "contains_not", "answered", "unanswered",
]  # fmt: skip
Join = Literal["all", "any", "not_all", "none"]
#: A comparison in words: of one thing, with {0} for what it is compared with.
SAYS: dict[Op, str] = {
    "is": "is {0}", "is_not": "is not {0}", "one_of": "is {0}", "none_of": "is none of {0}",
    "has": "includes {0}", "has_not": "does not include {0}", "eq": "is {0}", "ne": "is not {0}",
    "gt": "is more than {0}", "ge": "is {0} or more", "lt": "is less than {0}",
    "le": "is {0} or less", "before": "is before {0}", "after": "is after {0}",
    "contains": "contains {0}", "contains_not": "does not contain {0}",
    "answered": "is answered", "unanswered": "is not answered",
}  # fmt: skip
JOINS: dict[Join, str] = {
    "all": "all of these are so",
    "any": "any of these is so",
    "none": "none of these is so",
    "not_all": "these are not all so",
}
_COMPARED: dict[str, tuple[Op, Op]] = {
    "==": ("is", "eq"), "!=": ("is_not", "ne"), "<": ("before", "lt"), ">": ("after", "gt"),
    "<=": ("is", "le"), ">=": ("is", "ge"),
}  # fmt: skip
_SIGNS: dict[Op, str] = {
    "is": "==", "is_not": "!=", "before": "<", "after": ">",
    "eq": "==", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<=",
}  # fmt: skip
NUMBER = re.compile(r"-?\d+(\.\d+)?")
NEGATED: dict[Op, Op] = {
    "one_of": "none_of", "has": "has_not", "contains": "contains_not", "answered": "unanswered",
}  # fmt: skip
#: How deep groups may lie in one another: all of (…, any of (…)).
DEEPEST = 2


@dataclass(frozen=True)
class Line:
    """A comparison of a question's answer with nothing, one thing or several."""

    question: str
    op: Op
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Lines and groups of lines, and how they are joined."""

    join: Join
    items: tuple[Line | Group, ...]


# -- to CEL ----------------------------------------------------------------------------------------


def text_of(item: Line | Group) -> str:
    """A condition as CEL; empty for a group without lines."""
    if isinstance(item, Line):
        return _line(item)
    sign = " && " if item.join in ("all", "not_all") else " || "
    parts = []
    for inner in item.items:
        made = text_of(inner)
        bare = isinstance(inner, Line) or inner.join in ("none", "not_all") or len(item.items) == 1
        if made:
            parts.append(made if bare else f"({made})")
    joined = sign.join(parts)
    return f"!({joined})" if joined and item.join in ("none", "not_all") else joined


def _line(line: Line) -> str:
    name, values = line.question, line.values
    quoted = [_quoted(value) for value in values]
    match line.op:
        case "answered":
            return f"answered.{name}"
        case "unanswered":
            return f"!answered.{name}"
        case "one_of":
            return f"{name} in [{', '.join(quoted)}]"
        case "none_of":
            return f"!({name} in [{', '.join(quoted)}])"
        case "has":
            return f"{quoted[0]} in {name}"
        case "has_not":
            return f"!({quoted[0]} in {name})"
        case "contains":
            return f"{name}.contains({quoted[0]})"
        case "contains_not":
            return f"!{name}.contains({quoted[0]})"
        case "is" | "is_not" | "before" | "after":
            return f"{name} {_SIGNS[line.op]} {quoted[0]}"
    return f"{name} {_SIGNS[line.op]} {values[0]}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# -- from CEL --------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(-?\d+(?:\.\d+)?(?![\w.]))"""
    r"""|([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(&&|\|\||==|!=|<=|>=|[!<>()\[\],]))"""
)


class _Unshown(Exception):
    """A condition that lines cannot show."""


def read(text: str) -> Group | None:
    """The lines a CEL text can be shown as; None where only its text can show it."""
    try:
        reader = _Reader(_tokens(text))
        found = reader.either()
        if reader.left():
            return None
        return _grouped(found)
    except (_Unshown, RecursionError):
        return None


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _Unshown
        kind = ("text", "number", "name", "sign")[(match.lastindex or 1) - 1]
        found.append((kind, match[match.lastindex or 0]))
        place = match.end()
    return found


class _Reader:
    """A parser of the part of CEL that lines can show."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self.tokens = list(tokens)
        self.place = 0

    def left(self) -> bool:
        return self.place < len(self.tokens)

    def look(self, ahead: int = 0) -> tuple[str, str]:
        at = self.place + ahead
        return self.tokens[at] if at < len(self.tokens) else ("end", "")

    def take(self, kind: str = "", value: str = "") -> str:
        found = self.look()
        if (kind and found[0] != kind) or (value and found[1] != value):
            raise _Unshown
        self.place += 1
        return found[1]

    def either(self) -> Line | Group:
        return self._joined("any", "||", self.both)

    def both(self) -> Line | Group:
        return self._joined("all", "&&", self.one)

    def _joined(self, join: Join, sign: str, part: Callable[[], Line | Group]) -> Line | Group:
        items = [part()]
        while self.look() == ("sign", sign):
            self.take()
            items.append(part())
        return Group(join, tuple(items)) if len(items) > 1 else items[0]

    def one(self) -> Line | Group:
        if self.look() == ("sign", "!"):
            self.take()
            return _not(self.one())
        if self.look() == ("sign", "("):
            self.take()
            inner = self.either()
            self.take("sign", ")")
            return inner if isinstance(inner, Line) else _Bracketed(inner.join, inner.items)
        return self.comparison()

    def comparison(self) -> Line:
        if self.look()[0] == "text":
            value = self.text()
            self.take("name", "in")
            return Line(self.name(), "has", (value,))
        name = self.take("name")
        if name.startswith("answered."):
            return Line(_simple(name.removeprefix("answered.")), "answered")
        if name.endswith(".contains"):
            self.take("sign", "(")
            value = self.text()
            self.take("sign", ")")
            return Line(_simple(name.removesuffix(".contains")), "contains", (value,))
        name = _simple(name)
        if self.look() == ("name", "in"):
            self.take()
            return Line(name, "one_of", self.list())
        sign = self.take("sign")
        if sign not in _COMPARED:
            raise _Unshown
        texts, numbers = _COMPARED[sign]
        if self.look()[0] == "number":
            return Line(name, numbers, (self.take(),))
        if sign in ("<=", ">="):
            raise _Unshown
        return Line(name, texts, (self.text(),))

    def list(self) -> tuple[str, ...]:
        self.take("sign", "[")
        values = [self.text()]
        while self.look() == ("sign", ","):
            self.take()
            values.append(self.text())
        self.take("sign", "]")
        return tuple(values)

    def name(self) -> str:
        return _simple(self.take("name"))

    def text(self) -> str:
        written = self.take("text")
        if written[0] == "'":
            if '"' in written or "\\" in written:
                raise _Unshown
            written = f'"{written[1:-1]}"'
        try:
            return str(json.loads(written))
        except ValueError:
            raise _Unshown from None


@dataclass(frozen=True)
class _Bracketed(Group):
    """A group in brackets, which a sign before it may turn round."""


def _simple(name: str) -> str:
    if "." in name or name in ("true", "false", "null", "in"):
        raise _Unshown
    return name


def _not(item: Line | Group) -> Line | Group:
    if isinstance(item, Line):
        if item.op in NEGATED:
            return Line(item.question, NEGATED[item.op], item.values)
        return Group("none", (item,))
    turned: dict[Join, Join] = {"any": "none", "all": "not_all"}
    if item.join not in turned or not isinstance(item, _Bracketed):
        raise _Unshown
    return Group(turned[item.join], item.items)


def _grouped(found: Line | Group) -> Group:
    """What was read as a group of groups, no deeper than can be shown."""
    group = found if isinstance(found, Group) else Group("all", (found,))
    return _plain(group, 1)


def _plain(group: Group, depth: int) -> Group:
    if depth > DEEPEST:
        raise _Unshown
    items: list[Line | Group] = []
    for item in group.items:
        if isinstance(item, Line):
            items.append(item)
            continue
        inner = _plain(item, depth + 1 if item.join != group.join else depth)
        # (a && b) && c says what a && b && c says.
        items += inner.items if inner.join == group.join in ("all", "any") else (inner,)
    return Group(group.join, tuple(items))


# -- in words --------------------------------------------------------------------------------------


def sentence(group: Group, ask: Callable[[str], str], answer: Callable[[str, str], str]) -> str:
    """A condition in plain words; ``ask`` and ``answer`` say what people read for a name."""
    return _said(group, ask, answer)


def _said(item: Line | Group, ask: Callable[[str], str], answer: Callable[[str, str], str]) -> str:
    if isinstance(item, Line):
        words = [answer(item.question, value) for value in item.values]
        return f"‘{ask(item.question)}’ {SAYS[item.op].format(_listed(words))}"
    said = [
        f"({_said(i, ask, answer)})" if isinstance(i, Group) and len(i.items) > 1
        else _said(i, ask, answer)
        for i in item.items
    ]  # fmt: skip
    joined = (" and " if item.join in ("all", "not_all") else " or ").join(said)
    return f"it is not so that {joined}" if item.join in ("none", "not_all") else joined


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"


def renamed(text: str, old: str, new: str) -> str:
    """A CEL text that calls a question by its new name."""
    pieces = re.split(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""", text)
    name = re.compile(rf"(?<![\w.]){re.escape(old)}(?!\w)|(?<=answered\.){re.escape(old)}(?!\w)")
    pieces[::2] = [name.sub(new, piece) for piece in pieces[::2]]
    return "".join(pieces)


def option_renamed(text: str, question: str, old: str, new: str) -> str:
    """A CEL text that calls an option of a question by its new code; only lines are followed."""
    group = read(text)
    if group is None:
        return text
    made = _recoded(group, question, old, new)
    return text_of(made) if made != group else text


def _recoded(item: Line | Group, question: str, old: str, new: str) -> Line | Group:
    if isinstance(item, Group):
        return Group(item.join, tuple(_recoded(i, question, old, new) for i in item.items))
    if item.question != question:
        return item
    values = tuple(new if value == old else value for value in item.values)
    return Line(item.question, item.op, values)
