"""Conditions as JSON that a tablet can work out: the project's one tree of two-valued atoms."""

from __future__ import annotations

from typing import Any

from consult.questionnaire.formats import cel
from consult.questionnaire.formats import meaning as m
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.formats.meaning import Meaning
from consult.questionnaire.survey import Survey

Json = dict[str, Any]


def compiled(condition: str, survey: Survey) -> Json:
    """A condition for ``kiosk-engine.js``. Raises NotUnderstood for what it cannot work out."""
    return _json(cel.read(condition, cel.targets(survey.questions)))


def _json(meaning: Meaning) -> Json:
    match meaning:
        case m.Whole(every, parts):
            return {"every": every, "of": [_json(part) for part in parts]}
        case m.Answered(target, negated):
            return {"answered": target, "not": negated}
        case m.Has(target, code, negated):
            return {"has": target, "code": code, "not": negated}
        case m.Within(target, text, negated):
            return {"within": target, "text": text, "not": negated}
        case m.Is(target, operator, value, kind):
            number = kind in {"int", "double"}
            return {"is": target, "op": operator, "value": str(value), "number": number}
    raise AssertionError(meaning)


def not_understood(survey: Survey) -> list[str]:
    """The conditions of a survey that a tablet cannot work out, each with its reason."""
    found: dict[str, None] = {}
    for page in survey.pages:
        for condition in (page.when, *(question.when for question in page.questions)):
            if condition is None:
                continue
            try:
                compiled(condition, survey)
            except NotUnderstood as reason:
                found[f"{condition}: {reason}"] = None
    return list(found)
