"""Conditions and constraints of XLSForm: XPath over ``${question}``."""

from __future__ import annotations

import re
from decimal import Decimal

from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats import meaning as m
from consult.questionnaire.formats.cel import figure
from consult.questionnaire.formats.expression import NotUnderstood, Tree
from consult.questionnaire.formats.meaning import Meaning

_TOKENS = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*'|[“”][^“”]*[“”]|[‘’][^‘’]*[‘’])"""
    r"|(?P<name>\$\{\s*[^{}]+?\s*\}|\.{1,2}(?![\d.\w/]))"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<word>[A-Za-z_][\w.-]*)"
    r"|(?P<sign>!=|<=|>=|[=<>()+*,|/@\[\]-])"
)
#: The question that a constraint speaks of.
ITSELF = "."


def _name(text: str) -> Tree:
    return tree.Name(ITSELF if text == ITSELF else text[2:-1].strip().removeprefix("last-saved#"))


def _call(function: str, arguments: tuple[Tree, ...]) -> Tree:
    match function, arguments:
        case "selected", (of, item):
            return tree.Member(item, of)
        case "not", (of,):
            return tree.Not(of)
        case (("true" | "false"), ()):
            return tree.Truth(function == "true")
        case (("string" | "number" | "int" | "boolean" | "date" | "normalize-space"), (of,)):
            return of
        case "contains", (of, item):
            return tree.Member(item, of)
        case "regex", (of, pattern):
            return tree.Call("regex", (of, pattern))
    return tree.Call(function, arguments)


def _word(word: str) -> Tree:
    raise NotUnderstood(f"'{word}' in it is no question between ${{ and }}")


GRAMMAR = tree.Grammar(
    tokens=_TOKENS,
    binary={
        "or": (1, "or"),
        "and": (2, "and"),
        "=": (3, "=="),
        "!=": (3, "!="),
        **{sign: (4, sign) for sign in ("<", "<=", ">", ">=")},
        **{sign: (5, sign) for sign in "+-"},
        **{sign: (6, sign) for sign in ("*", "div", "mod")},
    },
    prefix={"-": (7, "-")},
    name=_name,
    word=_word,
    call=_call,
)


def read(expression: str) -> Tree:
    """The tree of an XLSForm expression. Raises NotUnderstood."""
    return _measured(tree.read(expression, GRAMMAR))


def _measured(of: Tree) -> Tree:
    """Counts and lengths compared with nought, as whether there is an answer."""
    match of:
        case tree.Not(inner):
            return tree.Not(_measured(inner))
        case tree.All(parts):
            return tree.All(tuple(map(_measured, parts)))
        case tree.Any(parts):
            return tree.Any(tuple(map(_measured, parts)))
        case tree.Comparison(
            operator,
            tree.Call("string-length" | "count-selected", (tree.Name() as name,)),
            tree.Figure(value),
        ) if name.name != ITSELF:
            answered = tree.Call("answered", (name,))
            if (operator, int(value)) in {(">", 0), (">=", 1), ("!=", 0)}:
                return answered
            if (operator, int(value)) in {("==", 0), ("<", 1), ("<=", 0)}:
                return tree.Not(answered)
    return of


def quoted(text: str) -> str:
    """A text as XPath 1 can hold it: it has no escapes. Raises NotUnderstood."""
    if "'" not in text:
        return f"'{text}'"
    if '"' in text:
        raise NotUnderstood("XPath cannot hold a text with both kinds of quotes")
    return f'"{text}"'


def name(target: str) -> str:
    """A question as XLSForm names it."""
    return target if target == ITSELF else f"${{{target}}}"


def _atom(atom: Meaning) -> str:
    match atom:
        case m.Answered(target, negated):
            return f"{name(target)} {'=' if negated else '!='} ''"
        case m.Is(target, operator, value, _):
            written = figure(value) if isinstance(value, Decimal) else quoted(value)
            return f"{name(target)} {'=' if operator == '==' else operator} {written}"
        case m.Has(target, code, negated):
            held = f"selected({name(target)}, {quoted(code)})"
            return f"not({held})" if negated else held
        case m.Within(target, text, negated):
            held = f"contains({name(target)}, {quoted(text)})"
            return f"not({held})" if negated else held
    raise AssertionError(atom)


def write(meaning: Meaning) -> str:
    """``meaning`` in XPath. Raises NotUnderstood."""
    return m.Dialect(_atom, " and ", " or ", "true()", "false()").write(meaning)
