"""Conditions of LimeSurvey's expression manager: ``q1.NAOK == "A1" and !is_empty(q2)``."""

from __future__ import annotations

import re

from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats.expression import Tree

_TOKENS = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"|(?P<name>\d+X\d+X\w+(?:\.\w+)?)"
    r"|(?P<number>\d+(?:\.\d+)?(?![\w.])|\.\d+)"
    r"|(?P<word>[A-Za-z_][\w:]*(?:\.\w+)*)"
    r"|(?P<sign>&&|\|\||===?|!==?|<>|<=|>=|[=<>!()\[\],+*/-])"
)


def _name(text: str) -> Tree:
    """``q1.NAOK`` and its like are the answer's code; other endings are not the answer."""
    if text.lower() in {"true", "false"}:
        return tree.Truth(text.lower() == "true")
    head, _, ending = text.partition(".")
    if ending and ending.lower() not in {"naok", "code", "value", "valuenaok"}:
        return tree.Call(f".{ending}", (tree.Name(head),))
    return tree.Name(head)


def _call(function: str, arguments: tuple[Tree, ...]) -> Tree:
    match function.lower(), arguments:
        case (("is_empty" | "empty"), (tree.Name() as name,)):
            return tree.Not(tree.Call("answered", (name,)))
        case (("intval" | "floatval" | "trim" | "strval"), (of,)):
            return of
    return tree.Call(function, arguments)


GRAMMAR = tree.Grammar(
    tokens=_TOKENS,
    binary={
        "or": (1, "or"), "||": (1, "or"), "and": (2, "and"), "&&": (2, "and"),
        "==": (3, "=="), "eq": (3, "=="), "===": (3, "=="), "!=": (3, "!="), "ne": (3, "!="),
        "!==": (3, "!="), "<>": (3, "!="), "<": (4, "<"), "lt": (4, "<"), "<=": (4, "<="),
        "le": (4, "<="), ">": (4, ">"), "gt": (4, ">"), ">=": (4, ">="), "ge": (4, ">="),
        "+": (5, "+"), "-": (5, "-"), "*": (6, "*"), "/": (6, "/"),
        "=": (1, "an assignment with ="),
    },
    prefix={"!": (7, "not"), "not": (7, "not"), "-": (7, "-")},
    text=lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1:-1]),
    name=_name,
    word=_name,
    call=_call,
)  # fmt: skip


def read(expression: str) -> Tree:
    """The tree of a LimeSurvey relevance equation. Raises NotUnderstood."""
    text = expression.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1]
    return tree.read(text, GRAMMAR)
