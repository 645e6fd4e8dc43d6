"""The data dictionary of a survey: all that ``analysis`` knows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from consult.consultations.store import Version
from consult.questionnaire.answers import Labels, Numeric, OneOf, Optioned, Question
from consult.questionnaire.model import LONDON, london
from consult.questionnaire.survey import Survey
from consult.questionnaire.wording import plain, resolver
from consult.respond.flags import FLAGS

FORMAT = 1
#: Columns of every dataset before those of the questions.
META = (
    "id", "channel", "language", "received_on", "survey_version", "order_seed", "flags", "again",
)  # fmt: skip
#: The column of a dataset with strands, and its question in the codebook.
STRAND = "strand"


def codebook(versions: Sequence[Version], strands: Sequence[str] = ()) -> dict[str, Any]:
    """``codebook.json`` (format 1) of a survey, all its published versions, oldest first.

    Wording is the newest version's. Questions and options that only older versions have come
    after the others: what people answered then stays in the dataset, and so does what they
    answered to a question whose meaning has changed since, as a question of its own. ``strands``
    are those that people were invited for, as far as they may be named.
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
        "flags": [{"code": code, "label": {"en": says}} for code, says in FLAGS.items()],
        "questions": [*_questions(versions), *_strand(versions, strands)],
    }


def columns(book: Mapping[str, Any]) -> list[str]:
    """The columns of a dataset, in order."""
    return [*META, *(c["name"] for q in book["questions"] for c in q["columns"])]


def _strand(versions: Sequence[Version], strands: Sequence[str]) -> list[dict[str, Any]]:
    """The strands as a question to break others down by; nothing where none is named."""
    option = {"exclusive": False, "not_in_population": False}
    entry: dict[str, Any] = {
        "id": STRAND,
        "question": STRAND,
        "versions": [version.number for version in versions],
        "type": "choice",
        "asked_as": "choice",
        "part_of": None,
        "text": {"en": "The strand that their invitation was for"},
        "short": {"en": "Strand"},
        "role": "strand",
        "measure": None,
        "required": False,
        "conditional": False,
        "columns": [{"name": STRAND}],
        "options": [{"code": strand, "label": {"en": strand}, **option} for strand in strands],
        "nets": [],
        "minimum": None,
        "maximum": None,
    }
    return [entry] if strands else []


def _questions(versions: Sequence[Version]) -> list[dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    names = dataset_names(versions)
    for version in reversed(versions):
        for question in version.survey.questions.values():
            name = names[version.number, question.id]
            entry = _question(version.survey, question, name)
            newer = known.setdefault(name, entry)
            newer["versions"].insert(0, version.number)
            for key, identity in (("options", "code"), ("columns", "name"), ("nets", "id")):
                have = {item[identity] for item in newer[key]}
                newer[key] += [item for item in entry[key] if item[identity] not in have]
    return list(known.values())


def dataset_names(versions: Sequence[Version]) -> dict[tuple[int, str], str]:
    """What each version's questions are called in the dataset, by version number and id.

    The same wherever an answer still means the same. Where a version changed the meaning, what
    was answered before stands apart, as ``<id>__v<last version with that meaning>``.
    """
    names: dict[tuple[int, str], str] = {}
    later: dict[str, str] = {}
    for version in reversed(versions):
        for qid in version.survey.questions:
            names[version.number, qid] = later.setdefault(qid, qid)
            if qid in version.apart:
                later[qid] = f"{qid}__v{_before(versions, version.number)}"
    return names


def _before(versions: Sequence[Version], number: int) -> int:
    return max(version.number for version in versions if version.number < number)


def _question(survey: Survey, question: Question, name: str) -> dict[str, Any]:
    place = survey.place_of[question.id]
    labels = {lang: survey.labels(question.id, lang) for lang in survey.languages}
    # Wording with an answer piped in differs by respondent; the dictionary holds what stands in
    # its place when nothing was answered, and the costs of the reference band.
    fill = {lang: resolver(survey, lang, {}) for lang in survey.languages}

    def each(say: Callable[[Labels], str]) -> dict[str, str]:
        return {lang: plain(say(labels[lang]), fill[lang]) for lang in survey.languages}

    def option(code: str) -> dict[str, str]:
        return each(lambda said: said.options.get(code, code))

    def net(key: str) -> dict[str, str]:
        return each(lambda said: said.nets.get(key, key))

    options = question.options if isinstance(question, Optioned) else ()
    nets = question.nets if isinstance(question, OneOf) else {}
    numeric = question if isinstance(question, Numeric) else None
    companion = question.id != place.question.id
    when = (place.page.when, question.when, place.page.part)
    return {
        "id": name,
        "question": question.id,
        "versions": [],
        "type": question.kind,
        "asked_as": question.type,
        "part_of": place.written.id if place.written.id != question.id else None,
        "text": each(lambda said: f"{said.stem} {said.ask}" if said.stem else said.ask),
        "short": each(lambda said: said.short or said.ask),
        "role": question.role,
        "measure": question.measure.model_dump() if question.measure else None,
        "required": question.required,
        "conditional": companion or any(when),
        "columns": [
            {"name": name + column.removeprefix(question.id)}
            | ({} if code is None else {"option": code})
            for column, code in question.columns()
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
