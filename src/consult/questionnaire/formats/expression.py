"""Expressions of every format as one kind of tree, read by precedence climbing.

Each format says in a ``Grammar`` how its tokens look, how tightly its operators bind and what its
functions mean. What no format's conditions share stays a ``Call``, so that whoever cannot carry it
over can say which function it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from consult.questionnaire.formats import limits


class NotUnderstood(Exception):
    """An expression, or a part of it, that cannot be carried over; says why."""


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Figure:
    value: Decimal


@dataclass(frozen=True)
class Truth:
    value: bool


@dataclass(frozen=True)
class Several:
    items: tuple[Tree, ...]


@dataclass(frozen=True)
class Name:
    """A question, as the format calls it."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function, or an operator that is no comparison and no connective."""

    function: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True)
class Comparison:
    """``operator`` is one of == != < <= > >=."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Member:
    """Whether ``item`` is among what was chosen, in a list, or within a text."""

    item: Tree
    of: Tree


@dataclass(frozen=True)
class Not:
    of: Tree


@dataclass(frozen=True)
class All:
    of: tuple[Tree, ...]


@dataclass(frozen=True)
class Any:
    of: tuple[Tree, ...]


Tree = Text | Figure | Truth | Several | Name | Call | Comparison | Member | Not | All | Any

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")


def called(function: str, arguments: tuple[Tree, ...]) -> Tree:
    """A function that means nothing special."""
    return Call(function, arguments)


@dataclass(frozen=True)
class Grammar:
    """How a format writes expressions.

    ``tokens`` has the groups ``text``, ``name``, ``number``, ``word`` and ``sign``; ``binary`` and
    ``prefix`` give each operator its strength and what it is called in the tree (a comparison,
    ``and``, ``or``, ``in``, ``has``, or a name for a ``Call``).
    """

    tokens: re.Pattern[str]
    binary: Mapping[str, tuple[int, str]]
    prefix: Mapping[str, tuple[int, str]]
    text: Callable[[str], str] = lambda quoted: quoted[1:-1]
    name: Callable[[str], Tree] = Name
    word: Callable[[str], Tree] = Name
    call: Callable[[str, tuple[Tree, ...]], Tree] = called
    postfix: Mapping[str, Callable[[Tree], Tree]] = field(default_factory=dict)


def read(expression: str, grammar: Grammar) -> Tree:
    """The tree of ``expression``. Raises NotUnderstood."""
    if len(expression) > limits.EXPRESSION:
        raise NotUnderstood(f"it has more than {limits.EXPRESSION:,} characters")
    return _Reader(expression, grammar).whole()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str

    @property
    def key(self) -> str:
        return self.text.lower() if self.kind in {"word", "sign"} else ""


class _Reader:
    """One reading of one expression."""

    def __init__(self, expression: str, grammar: Grammar) -> None:
        self.grammar = grammar
        self.tokens = list(self._scan(expression))
        self.at = 0
        self.depth = 0

    def _scan(self, expression: str) -> list[_Token]:
        found, place = [], 0
        while place < len(expression):
            if expression[place].isspace():
                place += 1
                continue
            match = self.grammar.tokens.match(expression, place)
            if match is None or match.end() == place:
                raise NotUnderstood(f"it cannot be read from '{expression[place : place + 20]}'")
            found.append(_Token(str(match.lastgroup), match[0]))
            place = match.end()
        return found

    def whole(self) -> Tree:
        if not self.tokens:
            raise NotUnderstood("it is empty")
        tree = self._binary(0)
        if self.at < len(self.tokens):
            raise NotUnderstood(f"it cannot be read from '{self.tokens[self.at].text}'")
        return tree

    def _key(self) -> str:
        return self.tokens[self.at].key if self.at < len(self.tokens) else ""

    def _take(self, key: str) -> None:
        if self._key() != key:
            there = self.tokens[self.at].text if self.at < len(self.tokens) else "its end"
            raise NotUnderstood(f"'{key}' is missing before {there}")
        self.at += 1

    def _binary(self, least: int) -> Tree:
        self.depth += 1
        if self.depth > limits.EXPRESSION_DEPTH:
            raise NotUnderstood("it is nested too deeply")
        left = self._prefixed()
        while True:
            key = self._key()
            if key in self.grammar.postfix:
                self.at += 1
                left = self.grammar.postfix[key](left)
                continue
            strength, operator = self.grammar.binary.get(key, (-1, ""))
            if strength < least or not operator:
                break
            self.at += 1
            left = _joined(operator, left, self._binary(strength + 1))
        self.depth -= 1
        return left

    def _prefixed(self) -> Tree:
        key = self._key()
        if key in self.grammar.prefix and not self._is_call():
            self.at += 1
            strength, operator = self.grammar.prefix[key]
            of = self._binary(strength)
            if operator == "-" and isinstance(of, Figure):
                return Figure(-of.value)
            return Not(of) if operator == "not" else Call(operator, (of,))
        return self._primary()

    def _is_call(self) -> bool:
        word = self.tokens[self.at].kind == "word"
        return word and self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].text == "("

    def _primary(self) -> Tree:
        if self.at >= len(self.tokens):
            raise NotUnderstood("it breaks off")
        token = self.tokens[self.at]
        if token.kind == "word" and self._is_call():
            self.at += 2
            return self.grammar.call(token.text, self._listed(")"))
        self.at += 1
        match token.kind:
            case "text":
                return Text(self.grammar.text(token.text))
            case "number":
                return Figure(Decimal(token.text))
            case "name":
                return self.grammar.name(token.text)
            case "word":
                return self.grammar.word(token.text)
        if token.text == "(":
            inside = self._binary(0)
            self._take(")")
            return inside
        if token.text == "[":
            return Several(self._listed("]"))
        raise NotUnderstood(f"it cannot be read from '{token.text}'")

    def _listed(self, end: str) -> tuple[Tree, ...]:
        items: list[Tree] = []
        while self._key() != end:
            if items:
                self._take(",")
            items.append(self._binary(0))
        self._take(end)
        return tuple(items)


def _joined(operator: str, left: Tree, right: Tree) -> Tree:
    if operator == "and":
        return All((left, right))
    if operator == "or":
        return Any((left, right))
    if operator in COMPARISONS:
        return Comparison(operator, left, right)
    if operator == "in":
        return Member(left, right)
    if operator == "has":
        return Member(right, left)
    if operator == "has not":
        return Not(Member(right, left))
    return Call(operator, (left, right))


def names(tree: Tree) -> list[str]:
    """The questions a tree speaks of, in order, each once."""
    found: dict[str, None] = {}

    def walk(node: Tree) -> None:
        match node:
            case Name(name):
                found[name] = None
            case Comparison(_, left, right):
                walk(left)
                walk(right)
            case Member(item, of):
                walk(of)
                walk(item)
            case Not(of):
                walk(of)
            case All(parts) | Any(parts) | Several(parts) | Call(_, parts):
                for part in parts:
                    walk(part)

    walk(tree)
    return list(found)
