"""JSON from strangers: read strictly, within limits, and with what is wrong said in a line."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

#: Bytes of a body. The longest answers a survey may ask for fit in it.
LONGEST = 1_000_000
#: An object of answers in an object, with a list or an object for an answer: nothing is deeper.
DEEPEST = 4
#: Digits of a whole number; no answer takes one as long.
DIGITS = 15
#: Escapes go first, so that a text ends at the next quotation mark. Neither expression ever turns
#: back: one for whole texts, escapes and all, took time with the square of one that never ends.
_ESCAPES = re.compile(rb"\\.", re.DOTALL)
_TEXTS = re.compile(rb'"[^"]*"?')
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Unreadable(ValueError):
    """A body that is no JSON we take; says why, and nothing of what is in it."""


def read(body: bytes) -> Any:
    """The JSON in ``body``. Raises Unreadable."""
    _refuse_depth(body)
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_refuse_constant,
            parse_int=_whole,
        )
    except UnicodeDecodeError:
        raise Unreadable("The body is not text in UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"The body is not JSON from {where} on.") from None
    except RecursionError:
        raise Unreadable(_TOO_DEEP) from None


_TOO_DEEP = f"The body is nested more than {DEEPEST} deep."


def _refuse_depth(body: bytes) -> None:
    """Before anything is built from it: a million brackets cost a reader its stack."""
    depth = 0
    bare = _TEXTS.sub(b"", _ESCAPES.sub(b"", body))
    for bracket in bare.translate(None, _ALL_BUT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise Unreadable(_TOO_DEEP)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Unreadable("A name stands twice in the same object; one of the two would be lost.")
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable("NaN and Infinity are no JSON.")


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise Unreadable(f"A whole number has more than {DIGITS} digits.")
    return int(digits)
