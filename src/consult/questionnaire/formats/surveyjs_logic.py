"""Conditions of SurveyJS: ``{question} = 'x' and {other} contains 'y'``."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats import meaning as m
from consult.questionnaire.formats.cel import figure
from consult.questionnaire.formats.expression import NotUnderstood, Tree
from consult.questionnaire.formats.meaning import Meaning

_TOKENS = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"|(?P<name>\{[^{}]+\})"
    r"|(?P<number>\d+(?:\.\d+)?(?![\w.]))"
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<sign>&&|\|\||==|!=|<>|<=|>=|[=<>!()\[\],+*/%^-])"
)


def _answered(of: Tree) -> Tree:
    if not isinstance(of, tree.Name):
        raise NotUnderstood("'empty' stands beside what is no question")
    return tree.Call("answered", (of,))


def _word(word: str) -> Tree:
    if word.lower() in {"true", "false"}:
        return tree.Truth(word.lower() == "true")
    if word.lower() in {"undefined", "null"}:
        return tree.Text("")
    return tree.Text(word)


def _unescaped(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])


_HAS: dict[str, tuple[int, str]] = {
    "contains": (3, "has"),
    "contain": (3, "has"),
    "*=": (3, "has"),
    "notcontains": (3, "has not"),
    "notcontain": (3, "has not"),
    "allof": (3, "has"),
}
_SAME: dict[str, str] = {
    "=": "==", "==": "==", "equal": "==", "equals": "==", "<>": "!=", "!=": "!=", "notequal": "!=",
    "notequals": "!=", "<": "<", "less": "<", "<=": "<=", "lessorequal": "<=", ">": ">",
    "greater": ">", ">=": ">=", "greaterorequal": ">=",
}  # fmt: skip
_POSTFIX: dict[str, Callable[[Tree], Tree]] = {
    "notempty": _answered,
    "empty": lambda of: tree.Not(_answered(of)),
}

GRAMMAR = tree.Grammar(
    tokens=_TOKENS,
    binary={
        "or": (1, "or"),
        "||": (1, "or"),
        "and": (2, "and"),
        "&&": (2, "and"),
        **_HAS,
        "anyof": (3, "any of"),
        **{sign: (3, said) for sign, said in _SAME.items()},
        **{sign: (4, sign) for sign in "+-"},
        **{sign: (5, sign) for sign in "*/%^"},
    },
    prefix={"!": (6, "not"), "not": (6, "not"), "negate": (6, "not"), "-": (6, "-")},
    text=_unescaped,
    name=lambda text: tree.Name(text[1:-1].strip().removeprefix("#")),
    word=_word,
    postfix=_POSTFIX,
)


def read(expression: str) -> Tree:
    """The tree of a SurveyJS condition. Raises NotUnderstood."""
    return _any_of(tree.read(expression, GRAMMAR))


def _any_of(of: Tree) -> Tree:
    """``{a} anyof [x, y]`` as one of them being chosen."""
    match of:
        case tree.Not(inner):
            return tree.Not(_any_of(inner))
        case tree.All(parts):
            return tree.All(tuple(map(_any_of, parts)))
        case tree.Any(parts):
            return tree.Any(tuple(map(_any_of, parts)))
        case tree.Call("any of", (of_, tree.Several(items))):
            return tree.Any(tuple(tree.Member(item, of_) for item in items))
    return of


def _quoted(text: str) -> str:
    return "'" + re.sub(r"(['\\])", r"\\\1", text) + "'"


def _atom(atom: Meaning) -> str:
    match atom:
        case m.Answered(target, negated):
            return f"{{{target}}} {'empty' if negated else 'notempty'}"
        case m.Is(target, operator, value, _):
            written = figure(value) if isinstance(value, Decimal) else _quoted(value)
            sign = {"==": "=", "!=": "<>"}.get(operator, operator)
            return f"{{{target}}} {sign} {written}"
        case m.Has(target, code, negated):
            return f"{{{target}}} {'notcontains' if negated else 'contains'} {_quoted(code)}"
        case m.Within(target, text, negated):
            return f"{{{target}}} {'notcontains' if negated else 'contains'} {_quoted(text)}"
    raise AssertionError(atom)


def write(meaning: Meaning) -> str:
    """``meaning`` as SurveyJS writes it."""
    return m.Dialect(_atom, " and ", " or ", "true", "false").write(meaning)
