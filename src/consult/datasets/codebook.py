"""The data dictionary of a survey: all that ``analysis`` knows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from consult.consultations.store import Version
from consult.questionnaire.answers import Labels, Numeric, Optioned, Question, Scale
from consult.questionnaire.model import LONDON, Survey, london
from consult.questionnaire.wording import plain, resolver

FORMAT = 1
#: Columns of every dataset before those of the questions.
META = ("id", "channel", "language", "received_on", "survey_version")


def codebook(versions: Sequence[Version]) -> dict[str, Any]:
    """``codebook.json`` (format 1) of a survey, all its published versions, oldest first.

    Wording is the newest version's. Questions and options that only older versions have come
    after the others: what people answered then stays in the dataset.
    """
    newest = versions[-1]
    survey = newest.survey
    definition = survey.definition
    opens = definition.opens
    return {
        "format": FORMAT,
        "consultation": {
            "slug": newest.consultation,
            "title": {lang: words.title for lang, words in survey.words.items()},
            "body": definition.body,
            "mode": definition.mode,
            "opens": london(opens).astimezone(LONDON).date().isoformat() if opens else None,
            "closes": survey.closes.astimezone(LONDON).date().isoformat(),
        },
        "survey": {
            "slug": survey.slug,
            "version": newest.number,
            "content_hash": survey.content_hash,
        },
        "languages": list(survey.languages),
        "illustrative": list(survey.words[survey.languages[0]].illustrative),
        "disclosure": definition.disclosure.model_dump(),
        "headline": definition.headline,
        "questions": _questions(versions),
    }


def columns(book: Mapping[str, Any]) -> list[str]:
    """The columns of a dataset, in order."""
    return [*META, *(c["name"] for q in book["questions"] for c in q["columns"])]


def _questions(versions: Sequence[Version]) -> list[dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    for version in reversed(versions):
        for question in version.survey.questions.values():
            entry = _question(version.survey, question)
            newer = known.setdefault(question.id, entry)
            for key, name in (("options", "code"), ("columns", "name"), ("nets", "id")):
                have = {item[name] for item in newer[key]}
                newer[key] += [item for item in entry[key] if item[name] not in have]
    return list(known.values())


def _question(survey: Survey, question: Question) -> dict[str, Any]:
    page = next(page for page in survey.pages if question in page.questions)
    labels = {lang: survey.labels(question.id, lang) for lang in survey.languages}
    # Wording with an answer piped in differs by respondent; the dictionary holds what stands in
    # its place when nothing was answered, and the costs of the reference band.
    fill = {lang: resolver(survey, lang, {}) for lang in survey.languages}

    def each(say: Callable[[Labels], str]) -> dict[str, str]:
        return {lang: plain(say(labels[lang]), fill[lang]) for lang in survey.languages}

    def option(code: str) -> dict[str, str]:
        return each(lambda said: said.options.get(code, code))

    def net(name: str) -> dict[str, str]:
        return each(lambda said: said.nets.get(name, name))

    options = question.options if isinstance(question, Optioned) else ()
    nets = question.nets if isinstance(question, Scale) else {}
    numeric = question if isinstance(question, Numeric) else None
    return {
        "id": question.id,
        "type": question.type,
        "text": each(lambda said: said.ask),
        "short": each(lambda said: said.short or said.ask),
        "role": question.role,
        "required": question.required,
        "conditional": bool(page.when or question.when or page.part),
        "columns": [
            {"name": name} if code is None else {"name": name, "option": code}
            for name, code in question.columns()
        ],
        "options": [
            {
                "code": o.code,
                "label": option(o.code),
                "exclusive": o.exclusive,
                "not_in_population": o.not_in_population,
            }
            for o in options
        ],
        "nets": [{"id": n, "label": net(n), "codes": list(codes)} for n, codes in nets.items()],
        "minimum": float(numeric.minimum) if numeric and numeric.minimum is not None else None,
        "maximum": float(numeric.maximum) if numeric and numeric.maximum is not None else None,
    }
