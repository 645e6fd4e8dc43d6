"""What a condition means, whatever format it was written in: atoms joined by all and any.

In the other formats an unanswered question is an empty text, so that ``a != 'x'`` holds of it; in
ours it has no value, and no comparison with it holds. Atoms are two-valued, as the other formats
are: ``Is(a, "!=", x)`` holds where ``a`` is unanswered. Reading our own conditions (``strict``)
adds ``Answered`` where it is implied, and writing them leaves it out again.
"""

from __future__ import annotations

import operator as operator_
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats.expression import NotUnderstood, Tree

Kind = Literal["one", "several", "int", "double", "text", "date"]


@dataclass(frozen=True)
class Target:
    """What a name of the source stands for here.

    ``codes`` are our option codes by the source's. ``member`` is our code where the source makes
    each option of a multiple choice a field of its own, which holds one of ``yes``.
    """

    id: str
    kind: Kind
    codes: Mapping[str, str] = field(default_factory=dict)
    member: str | None = None
    yes: frozenset[str] = frozenset({"Y", "y", "1", "true"})


@dataclass(frozen=True)
class Is:
    """A comparison of an answer; ``value`` is our own code, text, date or number."""

    target: str
    operator: str
    value: str | Decimal
    kind: Kind


@dataclass(frozen=True)
class Has:
    """Whether an option is among those chosen."""

    target: str
    code: str
    negated: bool = False


@dataclass(frozen=True)
class Within:
    """Whether a text holds another."""

    target: str
    text: str
    negated: bool = False


@dataclass(frozen=True)
class Answered:
    target: str
    negated: bool = False


@dataclass(frozen=True)
class Whole:
    """All or none of the parts hold something: ``every`` says whether all must."""

    every: bool
    of: tuple[Meaning, ...]


Meaning = Is | Has | Within | Answered | Whole
ALWAYS: Meaning = Whole(True, ())
NEVER: Meaning = Whole(False, ())

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_HOLDS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator_.lt, "<=": operator_.le, ">": operator_.gt, ">=": operator_.ge
}  # fmt: skip
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

Scope = Callable[[str], Target]


def understood(of: Tree, scope: Scope, strict: bool = False) -> Meaning:
    """The meaning of a tree. Raises NotUnderstood for what conditions here cannot say."""
    return simple(_Reader(scope, strict).meaning(of, False))


@dataclass(frozen=True)
class _Reader:
    scope: Scope
    strict: bool

    def meaning(self, of: Tree, negated: bool) -> Meaning:
        match of:
            case tree.Truth(value):
                return ALWAYS if value is not negated else NEVER
            case tree.Figure(value):
                return ALWAYS if bool(value) is not negated else NEVER
            case tree.Not(inner):
                return self.meaning(inner, not negated)
            case tree.All(parts):
                return Whole(not negated, tuple(self.meaning(p, negated) for p in parts))
            case tree.Any(parts):
                return Whole(negated, tuple(self.meaning(p, negated) for p in parts))
            case tree.Comparison():
                return self._comparison(of, negated)
            case tree.Member():
                return self._member(of, negated)
            case tree.Call("answered", (tree.Name(name),)):
                target = self.scope(name)
                if target.member is not None:
                    return self._has(target.id, target.member, negated)
                return Answered(target.id, negated)
            case tree.Call(function, _):
                raise NotUnderstood(f"'{function}' has no counterpart here")
            case tree.Name(name):
                target = self.scope(name)
                if target.member is not None:
                    return self._has(target.id, target.member, negated)
                raise NotUnderstood(f"'{name}' stands in it without being compared")
        raise NotUnderstood("it is no comparison")

    # -- comparisons -------------------------------------------------------------------------------

    def _comparison(self, of: tree.Comparison, negated: bool) -> Meaning:
        operator, left, right = of.operator, of.left, of.right
        if isinstance(right, tree.Name) and not isinstance(left, tree.Name):
            operator, left, right = _MIRRORED[operator], right, left
        if isinstance(left, tree.Truth):  # (condition) = true
            left, right = right, left
        if isinstance(right, tree.Truth) and not isinstance(left, tree.Name):
            if operator not in {"==", "!="}:
                raise NotUnderstood("yes or no is compared with < or >")
            wanted = right.value is (operator == "==")
            return self.meaning(left, negated is wanted)
        if not isinstance(left, tree.Name):
            function = left.function if isinstance(left, tree.Call) else "what it compares"
            raise NotUnderstood(f"'{function}' has no counterpart here")
        target = self.scope(left.name)
        if isinstance(right, tree.Text) and not right.value:
            if operator not in {"==", "!="}:
                raise NotUnderstood("an answer is compared with an empty text")
            return Answered(target.id, negated is (operator == "!="))
        if isinstance(right, tree.Several):
            return self._exactly(target, operator, right, negated)
        return self._atom(target, operator, right, negated)

    def _atom(self, target: Target, operator: str, right: Tree, negated: bool) -> Meaning:
        value = _literal(right)
        if target.member is not None:
            if operator not in {"==", "!="}:
                raise NotUnderstood("an option ticked or not is compared with < or >")
            held = (_text(value) in target.yes) is (operator == "==")
            return self._has(target.id, target.member, negated is held)
        if target.kind == "several":
            if operator not in {"==", "!="}:
                raise NotUnderstood(f"'{target.id}' takes several options and is compared with <")
            return self._exactly(target, operator, tree.Several((right,)), negated)
        if target.kind == "one" and operator not in {"==", "!="}:
            return self._ordered(target, operator, value, negated)
        atom = Is(target.id, operator, _fitting(target, value), target.kind)
        return self._not(atom) if negated else self._strictly(atom)

    def _ordered(
        self, target: Target, operator: str, value: str | Decimal | bool, negated: bool
    ) -> Meaning:
        """An option that is a number, above or below another: one of those that are."""
        bound = _figure(target, value)
        held = [
            ours
            for theirs, ours in target.codes.items()
            if _HOLDS[operator](_figure(target, theirs), bound) is not negated
        ]
        options = tuple(Is(target.id, "==", code, "one") for code in held)
        silent = (Answered(target.id, negated=True),) if negated and not self.strict else ()
        return Whole(False, (*silent, *options))

    def _exactly(
        self, target: Target, operator: str, right: tree.Several, negated: bool
    ) -> Meaning:
        """A multiple choice equal to a list: these options."""
        if target.kind != "several" or operator not in {"==", "!="}:
            raise NotUnderstood(f"'{target.id}' is compared with a list")
        wanted = {_code(target, _text(_literal(item))) for item in right.items}
        ours = list(dict.fromkeys(target.codes.values()))
        no = negated is (operator == "==")
        return Whole(not no, tuple(self._has(target.id, c, (c in wanted) is no) for c in ours))

    def _strictly(self, atom: Is) -> Meaning:
        if self.strict and atom.operator == "!=":
            return Whole(True, (Answered(atom.target), atom))
        return atom

    def _not(self, atom: Is) -> Meaning:
        other = replace(atom, operator=_OPPOSITE[atom.operator])
        if self.strict or other.operator in {"==", "!="}:
            return self._strictly(other)
        return Whole(False, (Answered(atom.target, negated=True), other))

    def _has(self, target: str, code: str, negated: bool) -> Meaning:
        if self.strict and negated:
            return Whole(True, (Answered(target), Has(target, code, True)))
        return Has(target, code, negated)

    # -- membership --------------------------------------------------------------------------------

    def _member(self, of: tree.Member, negated: bool) -> Meaning:
        if isinstance(of.of, tree.Several) and isinstance(of.item, tree.Name):
            operator = "!=" if negated else "=="
            parts = [tree.Comparison(operator, of.item, each) for each in of.of.items]
            return Whole(negated, tuple(self.meaning(part, False) for part in parts))
        if not isinstance(of.of, tree.Name):
            raise NotUnderstood("it looks for something in what is no question")
        target = self.scope(of.of.name)
        items = of.item.items if isinstance(of.item, tree.Several) else (of.item,)
        parts_ = tuple(self._holds(target, _text(_literal(item)), negated) for item in items)
        return Whole(not negated, parts_) if len(parts_) != 1 else parts_[0]

    def _holds(self, target: Target, text: str, negated: bool) -> Meaning:
        if target.kind == "several":
            return self._has(target.id, _code(target, text), negated)
        if target.kind == "one":
            atom = Is(target.id, "==", _code(target, text), "one")
            return self._not(atom) if negated else atom
        if target.kind == "text":
            if self.strict and negated:
                return Whole(True, (Answered(target.id), Within(target.id, text, True)))
            return Within(target.id, text, negated)
        raise NotUnderstood(f"'{target.id}' is a number and is searched for a text")


def _literal(of: Tree) -> str | Decimal | bool:
    match of:
        case tree.Text(value):
            return value
        case tree.Figure(value):
            return value
        case tree.Truth(value):
            return value
        case tree.Name():
            raise NotUnderstood("it compares two answers with each other")
        case tree.Call(function, _):
            raise NotUnderstood(f"'{function}' has no counterpart here")
    raise NotUnderstood("it compares with what is no text and no number")


def _text(value: str | Decimal | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:f}"


def _code(target: Target, text: str) -> str:
    if text not in target.codes:
        raise NotUnderstood(f"'{text}' is no option of '{target.id}'")
    return target.codes[text]


def _fitting(target: Target, value: str | Decimal | bool) -> str | Decimal:
    """``value`` as an answer to ``target`` would be."""
    if target.kind == "one":
        return _code(target, _text(value))
    if target.kind in {"text", "date"}:
        if not isinstance(value, str):
            raise NotUnderstood(f"'{target.id}' is no number and is compared with one")
        return value
    number = _figure(target, value)
    if target.kind == "int" and number != number.to_integral_value():
        raise NotUnderstood(f"'{target.id}' is a whole number and is compared with {number:f}")
    return number


def _figure(target: Target, value: str | Decimal | bool) -> Decimal:
    """``value`` as a number. Raises NotUnderstood."""
    if isinstance(value, bool):
        raise NotUnderstood(f"'{target.id}' is a number and is compared with yes or no")
    try:
        number = value if isinstance(value, Decimal) else Decimal(value.strip())
    except ArithmeticError:
        raise NotUnderstood(f"'{value}' is no number and is compared as one") from None
    if not number.is_finite():
        raise NotUnderstood(f"'{target.id}' is compared with what is no number")
    return number


# -- made simple -----------------------------------------------------------------------------------


def simple(meaning: Meaning) -> Meaning:
    """``meaning`` without what its other parts say already; the same for what means the same."""
    if not isinstance(meaning, Whole):
        return meaning
    every = meaning.every
    parts: dict[Meaning, None] = {}
    for part in map(simple, meaning.of):
        if isinstance(part, Whole) and (part.every is every or len(part.of) == 1):
            parts.update(dict.fromkeys(part.of))
        elif part == Whole(not every, ()):
            return part
        else:
            parts[part] = None
    kept = _without_implied(list(parts)) if every else _without_covered(list(parts))
    if len(kept) == 1:
        return kept[0]
    return Whole(every, tuple(kept))


def _implies_answer(part: Meaning) -> str | None:
    """The question that must be answered for ``part`` to hold."""
    match part:
        case Is(target, operator, _, _) if operator != "!=":
            return target
        case Has(target, _, False) | Within(target, _, False):
            return target
    return None


def open_to_silence(part: Meaning) -> str | None:
    """The question by whose silence alone ``part`` holds."""
    match part:
        case Is(target, "!=", _, _):
            return target
        case Has(target, _, True) | Within(target, _, True) | Answered(target, True):
            return target
    return None


def _without_implied(parts: list[Meaning]) -> list[Meaning]:
    """Of parts that must all hold, no ``Answered`` that another implies."""
    implied = {_implies_answer(part) for part in parts}
    return [
        p for p in parts if not (isinstance(p, Answered) and not p.negated and p.target in implied)
    ]


def _without_covered(parts: list[Meaning]) -> list[Meaning]:
    """Of parts one of which must hold, nothing about silence that another says already."""
    silent = {open_to_silence(part) for part in parts} - {None}
    loosened: dict[Meaning, None] = {}
    for part in parts:
        if isinstance(part, Whole) and part.every:
            rest = tuple(
                p
                for p in part.of
                if not (isinstance(p, Answered) and not p.negated and p.target in silent)
            )
            part = rest[0] if len(rest) == 1 else Whole(True, rest)
        loosened[part] = None
    open_ = {
        target
        for part in loosened
        if not isinstance(part, Answered)
        if (target := open_to_silence(part))
    }
    return [
        p for p in loosened if not (isinstance(p, Answered) and p.negated and p.target in open_)
    ]


def renamed(meaning: Meaning, names: Mapping[str, str]) -> Meaning:
    """``meaning`` about questions as ``names`` call them."""
    if isinstance(meaning, Whole):
        return replace(meaning, of=tuple(renamed(part, names) for part in meaning.of))
    return replace(meaning, target=names.get(meaning.target, meaning.target))


def shared_answered(parts: Iterable[Meaning]) -> set[str]:
    """Questions that a conjunction says are answered and then denies something of."""
    listed = list(parts)
    said = {p.target for p in listed if isinstance(p, Answered) and not p.negated}
    said |= {target for p in listed if (target := _implies_answer(p))}
    denied = {t for p in listed if not isinstance(p, Answered) and (t := open_to_silence(p))}
    return said & denied


@dataclass(frozen=True)
class Dialect:
    """How a format writes atoms; ``every`` and ``some`` join what they are given."""

    atom: Callable[[Meaning], str]
    every: str
    some: str
    always: str
    never: str

    def write(self, meaning: Meaning, inside: bool | None = None) -> str:
        """``meaning`` in the format's words; ``inside`` says which kind of group it stands in."""
        if meaning == ALWAYS:
            return self.always
        if meaning == NEVER:
            return self.never
        if not isinstance(meaning, Whole):
            return self.atom(meaning)
        sign = self.every if meaning.every else self.some
        text = sign.join(self.write(part, meaning.every) for part in meaning.of)
        return text if inside is None or inside is meaning.every else f"({text})"
