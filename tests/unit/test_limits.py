"""JSON from strangers takes no longer to refuse than to read."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache

import pytest

from consult.api.limits import DEEPEST, LONGEST, Unreadable, read

#: Bodies of a length, none of them JSON, that ask for more work than they look.
NASTY: dict[str, Callable[[int], bytes]] = {
    "quotes": lambda size: b'"' * size,
    "backslashes": lambda size: b"\\" * size,
    "escaped quotes, never closed": lambda size: b'"' + b'\\"' * (size // 2),
    "the same again and again": lambda size: b'"\\""\\' * (size // 5),
    "a text that never ends": lambda size: b'"' + b"x" * size,
    "opened": lambda size: b"[" * size,
    "opened and closed": lambda size: b"[]" * (size // 2),
    "in braces": lambda size: b'{"":' * (size // 4),
    "closed": lambda size: b"}" * size,
    "a number": lambda size: b"7" * size,
    "a broken number": lambda size: b"-." * (size // 2),
    "spaces": lambda size: b" " * size,
}
#: Times what a harmless body of that length takes; what grew with the square took thousands.
PATIENCE = 25


def took(body: bytes) -> float:
    """Seconds of a processor."""
    begun = time.process_time()
    with suppress(Unreadable):
        read(body)
    return time.process_time() - begun


@cache
def harmless(size: int) -> float:
    """What answers of that length take."""
    said = {"view": ["freeze", 'other \\ "said"']}
    body = json.dumps({f"question_{n}": said for n in range(size // 60)}).encode()
    assert size / 2 < len(body) < size * 2
    return max(took(body) for _ in range(3))


@pytest.mark.parametrize("size", [20_000, LONGEST])
@pytest.mark.parametrize("kind", NASTY)
def test_no_body_takes_long_to_refuse(kind: str, size: int) -> None:
    # Of what is over in a millisecond, a clock says too little.
    assert took(NASTY[kind](size)) < PATIENCE * max(harmless(size), 0.001)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": {"b": [["[[[[[[{{{{"]]}}',
        b'["\\"[[[[[[", "\\\\", "[[[[[\\\\\\"[[["]',
        b'{"\\\\": [1, 2.5, true, null, ""]}',
    ],
)
def test_brackets_in_words_are_no_depth(body: bytes) -> None:
    assert read(body) == json.loads(body)


@pytest.mark.parametrize(
    "body",
    [b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), b'["\\\\", {"a": {"a": {"a": {}}}}]', b"[" * 99],
)
def test_depth_is_refused_before_anything_is_built(body: bytes) -> None:
    with pytest.raises(Unreadable, match="nested"):
        read(body)
