"""XLSForm constraints that our own keys can say: bounds, lengths, counts, patterns, exclusion."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import re2

from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats.expression import NotUnderstood, Tree
from consult.questionnaire.formats.xpath import ITSELF

_ITSELF = tree.Name(ITSELF)


@dataclass
class Bounds:
    """What a constraint says, as keys of a question; codes are the source's."""

    keys: dict[str, Any] = field(default_factory=dict)
    exclusive: list[str] = field(default_factory=list)


def number(value: Decimal) -> int | float:
    """A number as YAML and JSON hold it."""
    return int(value) if value == value.to_integral_value() else float(value)


def read(of: Tree, kind: str, decimals: int) -> Bounds:
    """What a constraint of a question of type ``kind`` says. Raises NotUnderstood."""
    bounds = Bounds()
    parts = of.of if isinstance(of, tree.All) else (of,)
    for part in _flat(parts):
        _part(part, kind, decimals, bounds)
    return bounds


def _flat(parts: tuple[Tree, ...]) -> list[Tree]:
    return [
        inner
        for part in parts
        for inner in (_flat(part.of) if isinstance(part, tree.All) else [part])
    ]


def _part(part: Tree, kind: str, decimals: int, bounds: Bounds) -> None:
    match part:
        case tree.Comparison("==", tree.Call("round", (name, tree.Figure(places))), other) if (
            name == other == _ITSELF and kind == "number"
        ):
            bounds.keys["decimals"] = int(places)
        case tree.Comparison(operator, left, right) if left == _ITSELF and kind == "number":
            _bound(operator, right, decimals, bounds)
        case tree.Comparison(operator, left, right) if right == _ITSELF and kind == "number":
            _bound(
                {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(operator, ""),
                left,
                decimals,
                bounds,
            )
        case tree.Comparison(operator, left, tree.Text(day)) if left == _ITSELF and kind == "date":
            _day(operator, day, bounds)
        case tree.Comparison(
            operator, tree.Call("count-selected", (name,)), tree.Figure(count)
        ) if name == _ITSELF and kind == "choices":
            _count(operator, int(count), bounds)
        case tree.Comparison(operator, tree.Call("string-length", (name,)), tree.Figure(count)) if (
            name == _ITSELF and kind in {"short_text", "long_text"} and operator in {"<", "<="}
        ):
            bounds.keys["maximum"] = int(count) - (operator == "<")
        case tree.Call("regex", (name, tree.Text(pattern))) if (
            name == _ITSELF and kind == "short_text"
        ):
            bounds.keys["pattern"] = usable(pattern)
        case tree.Not(tree.All(parts)) if kind == "choices":
            bounds.exclusive.append(_alone(parts))
        case _:
            raise NotUnderstood("it is none that 'minimum', 'maximum' or 'pattern' can say")


def usable(pattern: str) -> str:
    """A pattern that RE2 takes too. Raises NotUnderstood."""
    whole = re.fullmatch(r"\^\(\?:(.*)\)\$", pattern, re.DOTALL)
    if whole and _compiles(whole[1]):
        return whole[1]
    pattern = pattern.removeprefix("^")
    if pattern.endswith("$") and not pattern.endswith("\\$"):
        pattern = pattern[:-1]
    if not _compiles(pattern):
        raise NotUnderstood("its pattern looks around or back, which takes no bounded time")
    return pattern


def _compiles(pattern: str) -> bool:
    try:
        re2.compile(pattern)
    except re2.error:
        return False
    return True


def _bound(operator: str, of: Tree, decimals: int, bounds: Bounds) -> None:
    if not isinstance(of, tree.Figure) or operator not in {"<", "<=", ">", ">="}:
        raise NotUnderstood("it is none that 'minimum' or 'maximum' can say")
    step = Decimal(1).scaleb(-decimals)
    value = of.value + {"<": -step, ">": step}.get(operator, Decimal(0))
    bounds.keys["minimum" if operator[0] == ">" else "maximum"] = number(value)


def _day(operator: str, day: str, bounds: Bounds) -> None:
    if operator not in {"<=", ">="} or not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        raise NotUnderstood("it is no bound that is a date")
    bounds.keys["minimum" if operator == ">=" else "maximum"] = day


def _count(operator: str, count: int, bounds: Bounds) -> None:
    match operator:
        case "<=" | "<":
            bounds.keys["maximum"] = count - (operator == "<")
        case ">=" | ">":
            bounds.keys["minimum"] = count + (operator == ">")
        case "==":
            bounds.keys |= {"minimum": count, "maximum": count}
        case _:
            raise NotUnderstood("it is none that 'minimum' or 'maximum' can say")
    if any(value < 1 for value in bounds.keys.values()):
        raise NotUnderstood("it lets nothing, or anything, be chosen")


def _alone(parts: tuple[Tree, ...]) -> str:
    """The option of ``not(selected(., 'x') and count-selected(.) > 1)``."""
    match parts:
        case (
            tree.Member(tree.Text(code), name),
            tree.Comparison(operator, tree.Call("count-selected", (other,)), tree.Figure(count)),
        ) if name == other == _ITSELF and (operator, int(count)) in {(">", 1), (">=", 2)}:
            return code
    raise NotUnderstood("it is none that 'exclusive' can say")
