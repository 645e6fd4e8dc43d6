"""Languages by their code (ISO 639-1): what each calls itself, and which way it runs."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError


@cache
def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code) if len(code) == 2 and code.islower() else None
    except (UnknownLocaleError, ValueError):
        return None


def known(code: str) -> bool:
    """Whether there is a language of that code."""
    return _locale(code) is not None


def name(code: str) -> str:
    """What a language calls itself: Cymraeg."""
    locale = _locale(code)
    called = locale.get_display_name() if locale else None
    return called[:1].upper() + called[1:] if called else code


def direction(code: str) -> str:
    """``ltr`` or ``rtl``."""
    locale = _locale(code)
    return locale.text_direction if locale else "ltr"
