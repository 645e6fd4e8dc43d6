"""Codes that people write down or say over a phone.

Letters and digits that are hard to confuse, in groups of four; read in any case, with or without
hyphens, an O as a 0 and an I or L as a 1.
"""

from __future__ import annotations

#: Crockford's letters: none is taken for another when read out.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
GROUP = 4


def spell(number: int, letters: int) -> str:
    """``number`` (5 bits a letter) in groups of four."""
    text = "".join(LETTERS[(number >> 5 * place) & 31] for place in reversed(range(letters)))
    return "-".join(text[start : start + GROUP] for start in range(0, letters, GROUP))


def spelt(text: str, letters: int) -> int | None:
    """The number that a person typed, None where it can be none."""
    typed = "".join(char for char in text.upper() if char.isalnum()).translate(_MISREAD)
    if len(typed) != letters or any(char not in LETTERS for char in typed):
        return None
    number = 0
    for char in typed:
        number = number << 5 | LETTERS.index(char)
    return number
