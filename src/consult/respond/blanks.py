"""Question pages rendered once and filled for each respondent.

Rendering a page of GOV.UK components costs milliseconds, and ten thousand residents ask for the
same page. A page is rendered once per version, language and place on the path with nothing typed in
it (a *blank*); for a respondent only what they had typed there is put into its fields. What else
the page shows of them (a piped answer, the cost in their band) makes another blank where it is one
of a few options; where it is their own words the page is rendered for them alone, and not kept.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response
from markupsafe import escape

from consult.questionnaire import order
from consult.questionnaire.answers import InParts, OneOf, Postcode, Question, Value
from consult.questionnaire.routing import Step
from consult.questionnaire.survey import Survey
from consult.respond.journey import Journey
from consult.respond.rendering import progress, question_context
from consult.respond.visit import WHOSE, Visit
from consult.web.templating import render

#: Blanks kept in a process, of about 15 KB each.
MOST = 1_000
#: A control whose content depends on what was typed: where, its name, and the option it stands for.
_CONTROL = re.compile(r"<(input|textarea|option|select)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')

#: What a control without an answer says of its content; a text between tags says nothing.
_EMPTY = {"ticked": " checked", "selected": " selected", "value": ' value=""', "text": "\0"}
Key = tuple[object, ...]


@dataclass(frozen=True)
class Slot:
    """A place in a page: what is put there if ``name`` was answered."""

    kind: str
    name: str
    value: str = ""

    def fill(self, typed: Mapping[str, Sequence[str]]) -> str:
        """What belongs into the page here."""
        texts = typed.get(self.name, ())
        if self.kind == "ticked":
            return " checked" if self.value in texts else ""
        if self.kind == "selected":
            return " selected" if self.value in texts else ""
        text = texts[0] if texts else ""
        if self.kind == "text":
            return str(escape(text))
        return f' value="{escape(text)}"' if text else ""


@dataclass(frozen=True)
class Blank:
    """A page with nothing typed in it: texts, and between them the slots."""

    pieces: tuple[str | Slot, ...]

    def filled(self, typed: Mapping[str, Sequence[str]]) -> str:
        """The page with what was typed, by form field."""
        return "".join(
            piece if isinstance(piece, str) else piece.fill(typed) for piece in self.pieces
        )


def cut(html: str) -> Blank:
    """A page as a blank: our own templates' markup, in which every attribute is escaped."""
    pieces: list[str | Slot] = []
    end, select = 0, ""
    for match in _CONTROL.finditer(html):
        tag, attributes = match[1], dict(_ATTRIBUTE.findall(match[2]))
        if tag == "select":
            select = attributes.get("name", "")
            continue
        slot = _slot(tag, attributes, select)
        if slot is None:
            continue
        # Into the tag, or behind it where the text stands between tags; an empty value there would
        # come first, and the first is what a browser takes.
        at = match.end() if slot.kind == "text" else match.end() - 1
        tagged = html[match.start() : at].replace(_EMPTY[slot.kind], "")
        pieces += [html[end : match.start()] + tagged, slot]
        end = at
    return Blank((*pieces, html[end:]))


def _slot(tag: str, attributes: Mapping[str, str], select: str) -> Slot | None:
    name = attributes.get("name", "")
    value = _plain(attributes.get("value", ""))
    if tag == "option":
        return Slot("selected", select, value)
    if tag == "textarea":
        return Slot("text", name)
    kind = attributes.get("type", "text")
    if kind in {"radio", "checkbox"}:
        return Slot("ticked", name, value)
    return Slot("value", name) if kind == "text" or name == WHOSE else None


def _plain(text: str) -> str:
    return text.replace("&amp;", "&").replace("&#34;", '"').replace("&#39;", "'")


def typed_in(questions: Sequence[Question], raw: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Form text as the fields of a form hold it."""
    fields: dict[str, Any] = {}
    for question in questions:
        text = raw.get(question.id, ())
        if isinstance(question, InParts):
            given = question.given_or_none(text)
            fields |= {f"{question.id}.{part}": [said] for part, said in given.items()}
        else:
            fields[question.id] = text
    return fields


class Watched(Mapping[str, Value]):
    """Answers, and which of them somebody looked at."""

    def __init__(self, answers: Mapping[str, Value]) -> None:
        self._answers = answers
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Value:
        self.read.add(name)
        return self._answers[name]

    def __iter__(self) -> Iterator[str]:
        self.read.update(self._answers)
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)


_blanks: OrderedDict[Key, Blank] = OrderedDict()
#: By page, the answers that it shows something of.
_looks_at: OrderedDict[Key, frozenset[str]] = OrderedDict()


def filled(here: Visit, journey: Journey, step: Step, *, change: bool) -> Response[str]:
    """A question page for a respondent."""
    survey, language = here.version.survey, here.language
    asked = [made for q in step.questions for made in (q, *q.companions())]
    typed = {question.id: journey.raw.get(question.id, ()) for question in asked}
    postcode = any(isinstance(q, Postcode) and typed[q.id] for q in asked)
    page = (survey.content_hash, language, *(q.id for q in step.questions))
    looks_at = _looks_at.get(page)
    alone = looks_at is not None and not _few(survey, looks_at, journey)
    if postcode or alone or order.shuffled(step.page):
        return _rendered(here, journey, step, change=change)
    before = journey.route.before(step.page.id)
    place = (*page, before and before.page.id, change, progress(journey, step, language))
    blank = _blanks.get(_key(place, looks_at, journey)) if looks_at is not None else None
    if blank is None:
        blank, seen = _made(here, journey, step, asked, change=change)
        looks_at = seen | (looks_at or frozenset())
        _keep(_looks_at, page, looks_at)
        if _few(survey, looks_at, journey):
            _keep(_blanks, _key(place, looks_at, journey), blank)
    given = {**typed_in(asked, typed), WHOSE: [here.mark]}
    return Response(blank.filled(given), media_type="text/html")


def _few(survey: Survey, names: frozenset[str], journey: Journey) -> bool:
    """Whether what a page shows of a respondent is one of a few options, and no words of theirs."""
    given = (survey.questions[name] for name in names if name in journey.route.answers)
    return all(isinstance(question, OneOf) for question in given)


def _key(place: Key, looks_at: frozenset[str], journey: Journey) -> Key:
    answers = journey.route.answers
    return (*place, *((name, answers.get(name)) for name in sorted(looks_at)))


def _keep(kept: OrderedDict[Key, Any], key: Key, value: Any) -> None:
    kept[key] = value
    if len(kept) > MOST:
        kept.popitem(last=False)


def _made(
    here: Visit, journey: Journey, step: Step, asked: Sequence[Question], *, change: bool
) -> tuple[Blank, frozenset[str]]:
    """A blank of a page, and the answers that it shows something of."""
    watched = Watched(journey.route.answers)
    bare = {name: text for name, text in journey.raw.items() if name not in {q.id for q in asked}}
    empty = replace(journey, raw=bare)
    context = question_context(empty, step, here.language, {}, watched)
    context |= around(here, journey, step, change=change) | {"mark": ""}
    context = {**here.everywhere(context.pop("title")), **context}
    html = render("respond/question.html", here.language, **context)
    return cut(str(html)), frozenset(watched.read)


def _rendered(here: Visit, journey: Journey, step: Step, *, change: bool) -> Response[str]:
    context = question_context(journey, step, here.language, {})
    context |= around(here, journey, step, change=change)
    return here.show("question", context.pop("title"), **context)


def around(here: Visit, journey: Journey, step: Step, *, change: bool) -> dict[str, Any]:
    """What surrounds the questions of a page: where its buttons lead."""
    before = journey.route.before(step.page.id)
    back = f"{here.base}/q/{before.page.id}" if before else here.base
    return {
        "action": f"{here.base}/q/{step.page.id}",
        "back": f"{here.base}/check" if change else back,
        "change": change,
        "mark": here.mark,
        "unsaved": False,
    }
