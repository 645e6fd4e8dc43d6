"""Everything a tablet needs to ask a survey by itself: rules for its engine, pages as HTML.

Pages are rendered here, by the same components as the web's, with a mark in place of each piped
answer; the tablet fills the marks with text. What a page shows of the council tax band is
rendered once for each band.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any

from consult.arriving.shapes import sectors
from consult.consultations.store import Version
from consult.kiosk.conditions import compiled
from consult.questionnaire import languages
from consult.questionnaire.answers import (
    BestWorstSet,
    Choices,
    Consent,
    Date,
    Grid,
    LongText,
    Numeric,
    OneOf,
    Optioned,
    Points,
    Postcode,
    PreceptAmount,
    Question,
    Ranking,
    ShortText,
    Text,
)
from consult.questionnaire.model import Page, london
from consult.questionnaire.precept import NINTHS
from consult.questionnaire.survey import Place, Survey
from consult.questionnaire.wording import plain, rich
from consult.web.forms import Asking, Field, field
from consult.web.templating import render, translations

Json = dict[str, Any]
#: Around the name of what is to be piped in: private characters that no wording has.
OPEN, CLOSE = "\ue000", "\ue001"
#: Responses that a tablet holds before it must be connected.
MOST = 500
NEARLY = 450
#: What the engine says about answers: messages of ``answers/``, held to them by a property.
MESSAGES = (
    "Select an answer", "Enter an answer", "Tick the box if you agree",
    "Select one of the options", "Select from the options listed",
    "Select either the option that stands alone, or any of the others",
    "Select %(maximum)s options or fewer", "Select %(minimum)s options or more",
    "Enter a number, like %(example)s", "Enter a whole number, like %(example)s",
    "Enter a number with at most %(places)s decimals", "Enter %(minimum)s or more",
    "Enter %(maximum)s or less", "Enter an amount in steps of £%(step)s, like £%(example)s",
    "The date must include a day", "The date must include a month", "The date must include a year",
    "The year must have four numbers, like 2026", "Enter a real date, like 27 3 2026",
    "Enter a date on or after %(day)s", "Enter a date on or before %(day)s",
    "Your answer must be %(maximum)s characters or fewer; it has %(length)s",
    "Enter your answer in the form that is asked for",
    "Select a different answer for each place", "Fill the places in order, from the first",
    "Enter whole numbers from 0 to %(maximum)s",
    "Your points must add up to %(total)s; now they add up to %(together)s",
    "Select one for each of the two questions", "Select two different answers",
)  # fmt: skip


@dataclass(frozen=True)
class Blank(Asking):
    """A question as nobody has answered it, with marks for what is to be piped in."""

    of_band: str | None = None

    @property
    def resolve(self) -> Callable[[str], str]:
        return lambda name: f"{OPEN}{name}{CLOSE}"

    @property
    def band(self) -> str | None:
        return self.of_band


def bundle(version: Version) -> Json:
    """A version as a tablet asks it, in each of its languages."""
    return _bundle(version.survey.content_hash, version.number, Kept(version.survey))


@dataclass(frozen=True)
class Kept:
    """A survey as an argument of a cache: the same where its content is."""

    survey: Survey

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept) and other.survey.content_hash == self.survey.content_hash

    def __hash__(self) -> int:
        return hash(self.survey.content_hash)


@lru_cache(maxsize=8)
def _bundle(content_hash: str, number: int, kept: Kept) -> Json:
    survey = kept.survey
    return {
        "stamp": f"{content_hash[:16]}-{number}",
        "version": number,
        "languages": list(survey.languages),
        "most": MOST,
        "nearly": NEARLY,
        "rules": rules(survey),
        "words": {code: _words(survey, code) for code in survey.languages},
    }


# -- rules -----------------------------------------------------------------------------------------


def rules(survey: Survey) -> Json:
    """What the engine routes and judges by; nothing in it is wording."""
    definition = survey.definition
    opens = definition.opens
    looked_up = sectors(survey.questions)
    return {
        "survey": survey.slug,
        "opens": _milliseconds(london(opens)) if opens else None,
        "closes": _milliseconds(survey.closes),
        "parts": {part.id: _milliseconds(london(part.closes)) for part in definition.parts},
        "runs": _runs(survey),
        "shuffle_sections": list(definition.shuffle_sections),
        "pages": {page.id: _page(survey, page) for page in survey.pages},
        "questions": {
            name: _question(survey, q)
            for name, q in survey.questions.items()
            if name not in looked_up
        },
        "precept": _precept(survey),
    }


def _milliseconds(moment: Any) -> int:
    return int(moment.timestamp() * 1000)


def _runs(survey: Survey) -> list[Json]:
    """The pages as ``questionnaire/order.py`` moves them: sections of groups of a grid's rows."""
    shuffled = {section.id for section in survey.definition.sections if section.shuffle}
    first = {place.number: place for place in reversed(survey.places)}
    numbered = [(page, first[number]) for number, page in enumerate(survey.pages)]
    return [
        {"section": section, "shuffle": section in shuffled, "groups": _groups(run)}
        for section, run in groupby(numbered, key=lambda pair: pair[0].section)
    ]


def _groups(run: Iterable[tuple[Page, Place]]) -> list[Json]:
    made = []
    for _, together in groupby(run, key=lambda pair: (pair[1].where, pair[1].written.id)):
        found = list(together)
        written = found[0][1].written
        moves = isinstance(written, Grid) and written.shuffle
        pages = [page.id for page, _ in found]
        made.append({"name": written.id, "moves": moves, "pages": pages})
    return made


def _page(survey: Survey, page: Page) -> Json:
    return {
        "when": compiled(page.when, survey) if page.when else None,
        "part": page.part,
        "shuffle": page.shuffle,
        "questions": [
            {
                "id": question.id,
                "takes": question.takes_answer,
                "when": compiled(question.when, survey) if question.when else None,
            }
            for question in page.questions
        ],
    }


def _question(survey: Survey, question: Question) -> Json:
    made: Json = {
        "kind": _kind(question),
        "required": question.required,
        "companions": [
            {"id": companion.id, "code": question.code_of(companion)}
            for companion in companions(question)
            if isinstance(question, Optioned)
        ],
    }
    if isinstance(question, Optioned):
        made["codes"] = list(question.codes)
        moving = [o.code for o in question.options if not question.stays(o)]
        made["moving"] = moving if question.shuffle else []
    match question:
        case Choices():
            alone = [option.code for option in question.options if option.exclusive]
            made |= {"alone": alone, "minimum": question.minimum, "maximum": question.maximum}
        case Ranking():
            made["places"] = question.places
        case Points():
            made["total"] = question.total
        case Numeric():
            made |= _bounds(question)
        case Date():
            made |= {"minimum": _day(question.minimum), "maximum": _day(question.maximum)}
        case ShortText():
            made |= {"maximum": question.maximum, "pattern": question.pattern}
        case Text():
            made["maximum"] = question.maximum
    return made


def companions(question: Question) -> tuple[Question, ...]:
    """What is asked in the same breath on a tablet: no sector, for no postcode is looked up."""
    of_postcode = isinstance(question, Postcode)
    return tuple(
        made
        for made in question.companions()
        if not (of_postcode and made.id == f"{question.id}_sector")
    )


def _bounds(question: Numeric) -> Json:
    plain = question.plain
    low, high = question.minimum, question.maximum
    made: Json = {
        "places": question.places,
        "minimum": None if low is None else [str(low), plain(low)],
        "maximum": None if high is None else [str(high), plain(high)],
        "example": question._example,
    }
    if isinstance(question, PreceptAmount):
        example = f"{(question.minimum + question.step).normalize():f}"
        made["step"] = [str(question.step), f"{question.step.normalize():f}", example]
    return made


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


#: The engine's name for each class; the first that fits.
_KINDS: tuple[tuple[type[Question], str], ...] = (
    (Consent, "consent"), (OneOf, "one"), (Choices, "several"), (Ranking, "ranking"),
    (Points, "points"), (BestWorstSet, "pair"), (Numeric, "number"), (Date, "date"),
    (ShortText, "line"), (LongText, "lines"),
)  # fmt: skip


def _kind(question: Question) -> str:
    return next(name for kinds, name in _KINDS if isinstance(question, kinds))


def _precept(survey: Survey) -> Json | None:
    precept = survey.definition.precept
    if precept is None:
        return None
    return {
        "band": precept.band,
        "values": {
            name: {band: precept.value(name, band or None) for band in ("", *NINTHS)}
            for name in sorted(precept.names())
        },
    }


# -- words -----------------------------------------------------------------------------------------


def _words(survey: Survey, language: str) -> Json:
    words = survey.words[language]
    say = translations(language).gettext
    return {
        "name": languages.name(language),
        "direction": languages.direction(language),
        "screens": str(
            render(
                "kiosk/screens.html",
                language,
                survey=survey,
                words=words,
                summary=rich(words.summary, lambda name: ""),
                thanks=rich(words.thanks, lambda name: ""),
            )
        ),
        "messages": {text: say(text) for text in MESSAGES},
        "error": say("Error"),
        "pages": {page.id: _shown(survey, page, language) for page in survey.pages},
        "questions": {
            name: labels_for(survey, question, language)
            for name, question in survey.questions.items()
        },
    }


def labels_for(survey: Survey, question: Question, language: str) -> Json:
    """What a question and its answers are called where they are piped in or looked through."""
    labels = survey.labels(question.id, language)
    made = replace_pipes({"short": labels.short or labels.ask})
    made |= {"unanswered": labels.unanswered, "suffix": labels.suffix}
    if isinstance(question, Optioned):
        options = {code: labels.options.get(code, code) for code in question.codes}
        made["options"] = replace_pipes(options)
    made["money"] = question.kind == "money" if isinstance(question, Numeric) else False
    return made


def replace_pipes(texts: dict[str, str]) -> Json:
    """Texts with marks in place of their pipes."""
    return {key: plain(text, lambda name: f"{OPEN}{name}{CLOSE}") for key, text in texts.items()}


def _shown(survey: Survey, page: Page, language: str) -> Json:
    """A page's fields as HTML, by question; by band where they tell costs."""
    heading = survey.heading(page, language)
    alone = not heading and len(page.questions) == 1
    return {
        "heading": heading,
        "alone": alone and page.questions[0].takes_answer,
        "fields": {
            question.id: {
                band: field_html(survey, question, language, band, alone)
                for band in (("", *NINTHS) if isinstance(question, PreceptAmount) else ("",))
            }
            for question in page.questions
        },
    }


def field_html(survey: Survey, question: Question, language: str, band: str, alone: bool) -> str:
    asking = Blank(survey, language, {}, {}, {}, None, band or None)
    shown = field(question, asking, alone=alone and question.takes_answer)
    return str(render("kiosk/field.html", language, f=_offline(question, shown)))


def _offline(question: Question, shown: Field) -> Field:
    """A field without what needs a connection: postcodes are looked up, so the area is picked."""
    if not isinstance(question, Postcode):
        return shown
    params = {key: value for key, value in shown.params.items() if key != "postcode"}
    return replace(shown, macro="radios", params=params, anchor=question.id)


def limits_of(survey: Survey) -> list[str]:
    """What a tablet cannot do with this survey, said to whoever sets one up."""
    said = []
    for name, question in survey.questions.items():
        if isinstance(question, Postcode):
            said.append(f"'{name}': no postcode is looked up; people pick their area.")
        if isinstance(question, ShortText) and question.pattern:
            said.append(f"'{name}': its pattern is checked only when the response arrives here.")
    if survey.definition.quotas:
        said.append("Quotas: a response beyond a full one is kept aside for you to decide.")
    if survey.definition.sensitive:
        said.append(
            "The survey is sensitive: at an event others stand near. Think about where it stands."
        )
    return said
