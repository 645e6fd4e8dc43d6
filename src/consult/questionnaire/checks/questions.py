"""What must hold inside one question."""

from __future__ import annotations

from collections.abc import Iterator

from consult.questionnaire.answers import (
    BestWorst,
    Choice,
    Choices,
    Consent,
    Grid,
    Measure,
    Numeric,
    OneOf,
    Optioned,
    PreceptAmount,
    Question,
    Statement,
)
from consult.questionnaire.checks.finding import Finding
from consult.questionnaire.model import Location
from consult.questionnaire.survey import Survey


def check(survey: Survey, question: Question, where: Location) -> Iterator[Finding]:
    """Every problem of a written question that stands at ``where``."""
    if isinstance(question, Optioned | Grid):
        yield from _options(question, where)
    if isinstance(question, OneOf | Grid):
        yield from _nets(question, where)
    elif question.measure and question.measure.net:
        params = {"name": question.id, "net": question.measure.net, "known": "none"}
        yield Finding("", (*where, "measure"), "measure-net", params)
    if question.measure:
        yield from _measure(question, question.measure, (*where, "measure"))
    if isinstance(question, BestWorst):
        yield from _design(question, where)
    if isinstance(question, PreceptAmount) and survey.definition.precept is None:
        yield Finding("", (*where, "type"), "precept-missing", {"name": question.id})
    if isinstance(question, Statement):
        yield from _twice([document.id for document in question.documents], (*where, "documents"))
    if isinstance(question, Grid):
        yield from _twice([row.code for row in question.rows], (*where, "rows"))


def _twice(codes: list[str], where: Location) -> Iterator[Finding]:
    for number, code in enumerate(codes):
        if code in codes[:number]:
            yield Finding("", (*where, number), "duplicate-option", {"code": code})


def _options(question: Optioned | Grid, where: Location) -> Iterator[Finding]:
    at = (*where, "options")
    if len(question.options) < 2 and not isinstance(question, Consent):
        yield Finding("", at, "too-few-options", {"name": question.id})
    yield from _twice([option.code for option in question.options], at)
    if isinstance(question, Choices):
        if question.minimum and question.maximum and question.minimum > question.maximum:
            yield Finding("", (*where, "minimum"), "bounds", {"name": question.id})
        if all(option.exclusive for option in question.options):
            yield Finding("", at, "all-exclusive", {"name": question.id})
    if not isinstance(question, Choice | Choices):
        for number, option in enumerate(question.options):
            if option.words:
                params = {"code": option.code, "name": question.id}
                yield Finding("", (*at, number), "words-nowhere", params)


def _nets(question: OneOf | Grid, where: Location) -> Iterator[Finding]:
    codes = [option.code for option in question.options]
    apart = getattr(question, "apart", ())
    for key, group in {"apart": apart, **question.nets}.items():
        for code in dict.fromkeys(group):
            if code not in codes:
                known = ", ".join(codes)
                params = {"key": key, "code": code, "name": question.id, "known": known}
                place = (*where, "apart") if key == "apart" else (*where, "nets", key)
                yield Finding("", place, "unknown-code", params)
    net = question.measure.net if question.measure else None
    if net is not None and net not in question.nets:
        params = {"name": question.id, "net": net, "known": ", ".join(question.nets) or "none"}
        yield Finding("", (*where, "measure"), "measure-net", params)


def _measure(question: Question, measure: Measure, where: Location) -> Iterator[Finding]:
    name = {"name": question.id}
    if measure.stated and isinstance(question, Grid):
        yield Finding("", where, "measure-rows", name)
    elif measure.stated and measure.net is None and not isinstance(question, Numeric):
        yield Finding("", where, "measure-figure", name)
    if measure.net is not None:
        for figure in measure.stated:
            if not 0 <= figure <= 100 or 0 < figure < 1:
                given = {"given": f"{figure:g}", "percent": f"{figure * 100:g}"}
                yield Finding("", where, "measure-percent", name | given)
    if measure.direction == "hold" and measure.target is None:
        yield Finding("", where, "measure-hold", name)


def _design(question: BestWorst, where: Location) -> Iterator[Finding]:
    at = (*where, "design")
    if not question.design:
        yield Finding("", where, "design-missing", {"name": question.id})
    for number, codes in enumerate(question.design):
        unknown = [code for code in codes if code not in question.codes]
        repeated = len(set(codes)) < len(codes)
        if unknown or repeated or len(codes) != question.size:
            params = {"set": str(number + 1), "size": str(question.size), "name": question.id}
            yield Finding("", (*at, number), "design-set", params)
    shown = {code for codes in question.design for code in codes}
    for number, code in enumerate(question.codes):
        if question.design and code not in shown:
            params = {"code": code, "name": question.id}
            yield Finding("", (*where, "options", number), "design-unshown", params)
