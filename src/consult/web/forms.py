"""A question as a GOV.UK component: its wording, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from consult.questionnaire.answers import (
    Choice,
    Choices,
    Invalid,
    Labels,
    LongText,
    Money,
    Number,
    Optioned,
    Question,
    Scale,
    Statement,
)
from consult.questionnaire.wording import piped, rich
from consult.web.templating import translations

#: A scale's or a list's options from here on are easier to read in a column than as prose.
LONG_TEXT_ROWS = 6


@dataclass(frozen=True)
class Field:
    """A question ready for its template: which macro, and the macro's parameters."""

    macro: str
    params: Mapping[str, Any]
    body: Markup
    anchor: str
    error: str | None


def message(invalid: Invalid, language: str) -> str:
    """What to tell the respondent, in their language."""
    return translations(language).gettext(invalid.message) % invalid.params


def field(
    question: Question,
    labels: Labels,
    raw: Sequence[str],
    error: str | None,
    resolve: Callable[[str], str],
    *,
    alone: bool,
    language: str,
) -> Field:
    """The field for ``question``; ``alone`` makes its wording the page's heading."""
    body = rich(labels.body, resolve) if labels.body else Markup()
    labels = piped(labels, resolve)
    if isinstance(question, Statement):
        return Field("", {}, body, question.id, None)
    size = "l" if alone else "m"
    optional = "" if question.required else translations(language).gettext(" (optional)")
    wording = labels.ask + optional
    label = {"text": wording, "isPageHeading": alone, "classes": f"govuk-label--{size}"}
    legend = {**label, "classes": f"govuk-fieldset__legend--{size}"}
    common: dict[str, Any] = {"idPrefix": question.id, "id": question.id, "name": question.id}
    if labels.hint:
        common["hint"] = {"text": labels.hint}
    if error:
        prefix = translations(language).gettext("Error")
        common["errorMessage"] = {"text": error, "visuallyHiddenText": prefix}
    macro, params = _component(question, labels, raw, language)
    grouped = isinstance(question, Optioned)
    heading = {"fieldset": {"legend": legend}} if grouped else {"label": label}
    return Field(macro, {**common, **heading, **params}, body, question.id, error)


def _component(
    question: Question,
    labels: Labels,
    raw: Sequence[str],
    language: str,
) -> tuple[str, dict[str, Any]]:
    """The macro and the parameters that differ by type."""
    match question:
        case Choice() | Scale():
            apart = set(question.apart) if isinstance(question, Scale) else set()
            return "radios", {"items": _items(question, labels, raw, language, apart)}
        case Choices():
            exclusive = {option.code for option in question.options if option.exclusive}
            return "checkboxes", {"items": _items(question, labels, raw, language, exclusive)}
        case Number() | Money():
            affix = {"prefix": {"text": "£"}} if isinstance(question, Money) else {}
            if labels.suffix:
                affix = {"suffix": {"text": labels.suffix}}
            return "input", {
                "value": raw[0] if raw else "",
                "inputmode": "decimal" if question.places else "numeric",
                "classes": "govuk-input--width-10",
                "spellcheck": False,
                **affix,
            }
        case LongText():
            return "textarea", {"value": raw[0] if raw else "", "rows": LONG_TEXT_ROWS}
    raise TypeError(f"no component for {type(question).__name__}")


def _items(
    question: Optioned,
    labels: Labels,
    raw: Sequence[str],
    language: str,
    set_apart: set[str],
) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for option in question.options:
        if option.code in set_apart and items and "divider" not in items[-1]:
            before = items[-1].get("value")
            if before not in set_apart:
                items.append({"divider": translations(language).gettext("or")})
        item: dict[str, Any] = {
            "value": option.code,
            "text": labels.options.get(option.code, option.code),
            "checked": option.code in raw,
        }
        if option.code in labels.hints:
            item["hint"] = {"text": labels.hints[option.code]}
        if isinstance(question, Choices) and option.exclusive:
            item["behaviour"] = "exclusive"
        items.append(item)
    return items
