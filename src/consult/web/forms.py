"""A question as a GOV.UK component: its wording, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from consult.questionnaire import order
from consult.questionnaire.answers import (
    BestWorstSet,
    Choice,
    Choices,
    Consent,
    Date,
    Form,
    Invalid,
    Labels,
    LongText,
    Numeric,
    OneOf,
    Optioned,
    Points,
    Postcode,
    PreceptAmount,
    Question,
    Ranking,
    Scale,
    ShortText,
    Statement,
    TaxBand,
    Value,
)
from consult.questionnaire.answers.people import typed as typed_postcode
from consult.questionnaire.precept import NINTHS, bill, sterling
from consult.questionnaire.survey import Survey
from consult.questionnaire.wording import piped, resolver, rich
from consult.web.templating import translations

LONG_TEXT_ROWS = 6
#: How many example amounts stand beside a precept, each with what it costs.
EXAMPLES = 5


@dataclass(frozen=True)
class Field:
    """A question ready for its template: which macro, and the macro's parameters."""

    macro: str
    params: Mapping[str, Any]
    body: Markup
    anchor: str
    error: str | None


@dataclass(frozen=True)
class Asking:
    """What a question is asked with: in which language, after which answers, typed how.

    ``raw`` is form text and ``errors`` what to say about it, by question; ``seed`` makes the
    orders of chance.
    """

    survey: Survey
    language: str
    answers: Mapping[str, Value]
    raw: Form
    errors: Mapping[str, str]
    seed: int | None = None

    @property
    def resolve(self) -> Callable[[str], str]:
        """What names between braces stand for."""
        return resolver(self.survey, self.language, self.answers)

    def labels(self, question: Question) -> Labels:
        """A question's wording, its pipes filled."""
        return piped(self.survey.labels(question.id, self.language), self.resolve)

    def say(self, text: str) -> str:
        """Interface wording in the respondent's language."""
        return translations(self.language).gettext(text)

    def typed(self, question: Question) -> Sequence[str]:
        """The form text of a question."""
        return self.raw.get(question.id, ())

    @property
    def band(self) -> str | None:
        """The council tax band that was given, if the survey has a precept."""
        precept = self.survey.definition.precept
        band = self.answers.get(precept.band) if precept else None
        return band if band in NINTHS else None


def message(invalid: Invalid, language: str) -> str:
    """What to tell the respondent, in their language."""
    return translations(language).gettext(invalid.message) % invalid.params


def field(question: Question, asking: Asking, *, alone: bool) -> Field:
    """The field for ``question``; ``alone`` makes its wording the page's heading."""
    written = asking.survey.labels(question.id, asking.language)
    body = rich(written.body, asking.resolve) if written.body else Markup()
    labels = asking.labels(question)
    if isinstance(question, Statement):
        documents = [
            {"text": labels.documents.get(document.id, document.id), "href": document.url}
            for document in question.documents
        ]
        return Field("documents", {"documents": documents}, body, question.id, None)
    size = "l" if alone else "m"
    wording = labels.ask + ("" if question.required else asking.say(" (optional)"))
    label: dict[str, Any] = {
        "text": wording, "isPageHeading": alone, "classes": f"govuk-label--{size}"
    }  # fmt: skip
    legend = {**label, "classes": f"govuk-fieldset__legend--{size}"}
    if labels.stem:
        legend |= {"html": _under(labels.stem, wording)}
    common: dict[str, Any] = {"idPrefix": question.id, "id": question.id, "name": question.id}
    if labels.hint:
        common["hint"] = {"text": labels.hint}
    error = asking.errors.get(question.id)
    if error:
        common["errorMessage"] = {"text": error, "visuallyHiddenText": asking.say("Error")}
    macro, params = _component(question, labels, asking)
    heading = {"fieldset": {"legend": legend}} if macro in GROUPED else {"label": label}
    anchor = params.pop("anchor", question.id)
    return Field(macro, {**common, **heading, **params}, body, anchor, error)


#: Macros whose wording is the legend of a fieldset.
GROUPED = {"radios", "checkboxes", "date", "ranking", "points", "sets", "postcode"}


def _under(stem: str, wording: str) -> Markup:
    """A grid's question above one of its rows, both read out as one legend."""
    return Markup('<span class="govuk-caption-l">{}</span> {}').format(stem, wording)


def _component(question: Question, labels: Labels, asking: Asking) -> tuple[str, dict[str, Any]]:
    """The macro and the parameters that differ by type."""
    raw = asking.typed(question)
    match question:
        case Choice(autocomplete=True):
            return "select", _select(question, labels, raw, asking)
        case Consent() | Choices():
            items = _items(question, labels, raw, asking, _alone(question))
            return "checkboxes", {"items": items}
        case Postcode():
            return "postcode", {
                "items": _items(question, labels, raw, asking, set()),
                "postcode": typed_postcode(raw),
                "anchor": f"{question.id}-postcode",
            }
        case OneOf():
            apart = set(question.apart) if isinstance(question, Scale) else set()
            items = _items(question, labels, raw, asking, apart)
            return "radios", {"items": items}
        case Numeric():
            return _numeric(question, labels, raw, asking)
        case ShortText():
            return "input", {"value": raw[0] if raw else "", "classes": _width(question.maximum)}
        case LongText():
            typed = {"value": raw[0] if raw else "", "rows": LONG_TEXT_ROWS}
            return "textarea", {**typed, **_counter(question, asking)}
        case Date():
            return "date", _date(question, raw, asking)
        case Ranking():
            places = _places(question, labels, raw, asking)
            return "ranking", {"places": places, "anchor": places[0]["id"]}
        case Points():
            given = question.given_or_none(raw)
            items = [
                {"id": f"{question.id}-{o.code}", "name": f"{question.id}.{o.code}",
                 "text": labels.options.get(o.code, o.code), "value": given.get(o.code, "")}
                for o in order.options(question, asking.seed)
            ]  # fmt: skip
            return "points", {"items": items, "total": question.total, "anchor": items[0]["id"]}
        case BestWorstSet():
            return "sets", _set(question, labels, raw, asking)
    raise TypeError(f"no component for {type(question).__name__}")


def _width(maximum: int) -> str:
    fitting = next((width for width in (5, 10, 20) if maximum <= width), None)
    return f"govuk-input--width-{fitting}" if fitting else ""


def _alone(question: Optioned) -> set[str]:
    return {option.code for option in question.options if option.exclusive}


def _items(
    question: Optioned, labels: Labels, raw: Sequence[str], asking: Asking, apart: Collection[str]
) -> list[dict[str, Any]]:
    """The options of a list of radios or checkboxes."""
    items: list[dict[str, Any]] = []
    companions = {made.id: made for made in question.companions()}
    for option in order.options(question, asking.seed):
        # One "or" before the options that stand apart.
        if option.code in apart and items and items[-1]["value"] not in apart:
            items.append({"divider": asking.say("or")})
        item: dict[str, Any] = {
            "value": option.code,
            "text": labels.options.get(option.code, option.code),
            "checked": option.code in raw,
        }
        hint = labels.hints.get(option.code) or _cost(question, option.code, asking)
        if hint:
            item["hint"] = {"text": hint}
        if isinstance(question, Choices) and option.exclusive:
            item["behaviour"] = "exclusive"
        if option.words:
            made = next(c for c in companions.values() if question.code_of(c) == option.code)
            item["companion"] = _companion(made, asking)
        items.append(item)
    return items


def _companion(question: Question, asking: Asking) -> dict[str, Any]:
    """The text field inside an option that asks for words."""
    raw = asking.typed(question)
    labels = asking.labels(question)
    params: dict[str, Any] = {
        "id": question.id,
        "name": question.id,
        "label": {"text": labels.ask},
        "value": raw[0] if raw else "",
    }
    if question.id in asking.errors:
        prefix = asking.say("Error")
        params["errorMessage"] = {"text": asking.errors[question.id], "visuallyHiddenText": prefix}
    return params


def _cost(question: Question, code: str, asking: Asking) -> str:
    """What a council tax band pays now, beside the band."""
    precept = asking.survey.definition.precept
    if not isinstance(question, TaxBand) or precept is None or code not in NINTHS:
        return ""
    return asking.say("Pays %(year)s a year now") % {"year": sterling(bill(precept.band_d, code))}


def _select(question: Choice, labels: Labels, raw: Sequence[str], asking: Asking) -> dict[str, Any]:
    items = [{"value": "", "text": asking.say("Select an answer"), "selected": not raw}]
    for option in order.options(question, asking.seed):
        text = labels.options.get(option.code, option.code)
        items.append({"value": option.code, "text": text, "selected": option.code in raw})
    return {
        "items": items,
        "attributes": {"data-consult-list": ""},
        # A list cannot open a field under one of its options: it stands below, for who needs it.
        "companions": [_companion(made, asking) for made in question.companions()],
    }


def _numeric(
    question: Numeric, labels: Labels, raw: Sequence[str], asking: Asking
) -> tuple[str, dict[str, Any]]:
    affix: dict[str, Any] = {}
    if question.kind == "money":
        affix = {"prefix": {"text": "£"}}
    elif labels.suffix:
        affix = {"suffix": {"text": labels.suffix}}
    params = {
        "value": raw[0] if raw else "",
        "inputmode": "decimal" if question.places else "numeric",
        "classes": "govuk-input--width-10",
        "spellcheck": False,
        **affix,
    }
    if isinstance(question, PreceptAmount):
        return "precept", {**params, **_precept(question, asking)}
    return "input", params


def _precept(question: PreceptAmount, asking: Asking) -> dict[str, Any]:
    """A slider's range, and what amounts cost in the band that was given (else band D)."""
    precept = asking.survey.definition.precept
    assert precept is not None  # noqa: S101  a check of the survey
    band = asking.band or "d"
    steps = int((question.maximum - question.minimum) / question.step)
    marks = sorted({round(steps * n / (EXAMPLES - 1)) for n in range(EXAMPLES)})
    amounts = [question.minimum + question.step * mark for mark in marks]
    now = bill(precept.band_d, band)
    rows = []
    for amount in amounts:
        year = bill(precept.band_d + amount, band) - now
        month = sterling((year / 12).quantize(now))
        rows.append({"amount": sterling(amount), "year": sterling(year), "month": month})
    return {
        "slider": {
            "min": str(question.minimum), "max": str(question.maximum), "step": str(question.step),
            "band_d": str(precept.band_d), "ninths": NINTHS[band],
        },
        "band": band.upper(),
        "known": asking.band is not None,
        "now": sterling(now),
        "costs": rows,
    }  # fmt: skip


def _counter(question: LongText, asking: Asking) -> dict[str, Any]:
    """Words for the counter of characters; without a script the limit is said once."""
    say = asking.say
    return {
        "maxlength": question.maximum,
        "threshold": 75,
        "textareaDescriptionText": say("You can enter up to %{count} characters"),
        "charactersUnderLimitText": {
            "one": say("You have %{count} character left"),
            "other": say("You have %{count} characters left"),
        },
        "charactersAtLimitText": say("You have no characters left"),
        "charactersOverLimitText": {
            "one": say("You have %{count} character too many"),
            "other": say("You have %{count} characters too many"),
        },
    }


def _date(question: Date, raw: Sequence[str], asking: Asking) -> dict[str, Any]:
    given = question.given_or_none(raw)
    wrong = " govuk-input--error" if question.id in asking.errors else ""
    names = {"day": asking.say("Day"), "month": asking.say("Month"), "year": asking.say("Year")}
    items = [
        {
            "id": f"{question.id}-{part}",
            "name": f"{question.id}.{part}",
            "label": label,
            "value": given.get(part, ""),
            "classes": f"govuk-input--width-{4 if part == 'year' else 2}{wrong}",
        }
        for part, label in names.items()
    ]
    return {"items": items, "anchor": f"{question.id}-day"}


def _places(
    question: Ranking, labels: Labels, raw: Sequence[str], asking: Asking
) -> list[dict[str, Any]]:
    """A list for each place of a ranking."""
    given = question.given_or_none(raw)
    options = order.options(question, asking.seed)
    places = []
    for place in question.parts():
        chosen = given.get(place, "")
        items = [{"value": "", "text": asking.say("Select an answer"), "selected": not chosen}]
        for option in options:
            text = labels.options.get(option.code, option.code)
            items.append({"value": option.code, "text": text, "selected": option.code == chosen})
        label = {"text": asking.say("Place %(place)s") % {"place": place}}
        name = f"{question.id}.{place}"
        identity = {"id": f"{question.id}-{place}", "name": name}
        places.append({**identity, "label": label, "items": items})
    return places


def _set(
    question: BestWorstSet, labels: Labels, raw: Sequence[str], asking: Asking
) -> dict[str, Any]:
    """The two questions of a best–worst set."""
    given = question.given_or_none(raw)
    asked = {"best": asking.say("Most important"), "worst": asking.say("Least important")}
    options = order.options(question, asking.seed)
    groups = [
        {
            "idPrefix": f"{question.id}-{part}",
            "name": f"{question.id}.{part}",
            "fieldset": {
                "legend": {
                    "text": labels.words.get(part, wording),
                    "classes": "govuk-fieldset__legend--s",
                }
            },
            "items": [
                {
                    "value": option.code,
                    "text": labels.options.get(option.code, option.code),
                    "checked": option.code == given.get(part),
                }
                for option in options
            ],
        }
        for part, wording in asked.items()
    ]
    return {"groups": groups, "anchor": f"{question.id}-best"}
