"""The time. One function, so that tests can set it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from consult.questionnaire.model import LONDON


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def today(moment: datetime) -> date:
    """The day of ``moment`` where the respondents live: all that is kept of a response's time."""
    return moment.astimezone(LONDON).date()


def day(when: date, language: str = "en") -> str:
    """``when`` in words: 10 January 2025."""
    from babel.dates import format_date

    # Not CLDR's English, which puts the month first; its order is right in 中文 and português.
    written = "d MMMM y" if language == "en" else "long"
    return str(format_date(when, written, locale=language))


def spoken(moment: datetime, language: str = "en") -> str:
    """``moment`` as a deadline is written on a page: 5pm on Friday 10 January 2025."""
    from babel.dates import format_date, format_time

    local = moment.astimezone(LONDON)
    if language not in {"en", "cy"}:
        day = format_date(local, "full", locale=language)
        comma = {"ar": "، ", "ur": "، ", "zh": " "}.get(language, ", ")
        return f"{day}{comma}{format_time(local, 'short', locale=language)}"
    day = format_date(local, "EEEE d MMMM y", locale=language)
    minutes = f":{local.minute:02}" if local.minute else ""
    hour = f"{local.hour % 12 or 12}{minutes}"
    half = "am" if local.hour < 12 else "pm"
    if local.hour in (0, 12) and not local.minute:
        words = {"en": ("midnight", "midday"), "cy": ("hanner nos", "hanner dydd")}
        return f"{words[language][local.hour // 12]}, {day}"
    if language == "cy":
        return f"{hour}{half}, {day}"
    return f"{hour}{half} on {day}"
