"""What must hold between the parts of a survey, beyond the shape of each file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from consult.questionnaire import conditions
from consult.questionnaire.answers import BestWorst, Grid, Optioned
from consult.questionnaire.checks import equality, margins, questions, wordings
from consult.questionnaire.checks.finding import Finding
from consult.questionnaire.model import Location, london
from consult.questionnaire.precept import NINTHS
from consult.questionnaire.survey import Survey

#: What a dataset calls a question whose meaning has changed since: no question may end so.
OF_A_VERSION = re.compile(r"__v\d+$")
#: What may stand behind the @ of an address.
DOMAIN = re.compile(r"@?[a-z0-9-]+(\.[a-z0-9-]+)+")
#: Names of a dataset's own columns and of a form's own fields: no question may have one.
TAKEN = frozenset(
    {"id", "channel", "language", "received_on", "survey_version", "order_seed", "weight"}
    | {"flags", "again", "strand", "change", "answers"}
)


def check(survey: Survey, folder: str) -> Iterator[Finding]:
    """Every problem of a survey whose files are each well formed."""
    if survey.slug != folder:
        yield Finding("", ("survey",), "slug-folder", {"slug": survey.slug, "folder": folder})
    yield from _names(survey)
    yield from _times(survey)
    yield from _sections(survey)
    yield from _references(survey)
    yield from _embedding(survey)
    for page, where in survey.written():
        for index, question in enumerate(page.questions):
            at = (*where, "questions", index)
            yield from questions.check(survey, question, at)
            if len(page.questions) > 1 and isinstance(question, Grid | BestWorst):
                yield Finding("", at, "not-alone", {"name": question.id})
    yield from _conditions(survey)
    for language, words in survey.words.items():
        yield from wordings.check(survey, language, words)
    if survey.population:
        yield from margins.check(survey)


def _names(survey: Survey) -> Iterator[Finding]:
    seen: set[str] = set()
    for place in survey.places:
        made = (place.question, *place.question.companions())
        names = [question.id for question in made]
        if place.written is not place.question and place.written.id not in seen:
            names.insert(0, place.written.id)
        for name in names:
            where = (*place.where, "id")
            if name in seen:
                yield Finding("", where, "duplicate-id", {"what": "question", "given": name})
            if name in conditions.RESERVED | TAKEN or OF_A_VERSION.search(name):
                yield Finding("", where, "reserved-id", {"given": name})
            seen.add(name)
    pages: set[str] = set()
    first = {place.number: place for place in reversed(survey.places)}
    for number, page in enumerate(survey.pages):
        if page.id in pages:
            params = {"what": "page", "given": page.id}
            yield Finding("", (*first[number].where[:2], "id"), "duplicate-id", params)
        pages.add(page.id)


def _times(survey: Survey) -> Iterator[Finding]:
    definition = survey.definition
    parts = [part.id for part in definition.parts]
    if not parts and definition.closes is None:
        yield Finding("", (), "no-deadline")
    elif definition.opens:
        deadlines = [(("parts", n), p.closes) for n, p in enumerate(definition.parts)]
        if definition.closes:
            deadlines.append((("closes",), definition.closes))  # type: ignore[arg-type]
        for where, closes in deadlines:
            if london(closes) <= london(definition.opens):
                yield Finding("", where, "deadline-order")
    for number, entry in enumerate(definition.pages):
        if entry.part is not None and entry.part not in parts:
            params = {"part": entry.part, "known": ", ".join(parts) or "none"}
            yield Finding("", ("pages", number, "part"), "unknown-part", params)
    used = {entry.part for entry in definition.pages}
    for number, part in enumerate(parts):
        if part not in used:
            yield Finding("", ("parts", number), "unused-part", {"part": part})


def _sections(survey: Survey) -> Iterator[Finding]:
    definition = survey.definition
    known = [section.id for section in definition.sections]
    listed = ", ".join(known) or "none"
    left: set[str] = set()
    before: str | None = None
    for number, entry in enumerate(definition.pages):
        if entry.section is not None and entry.section not in known:
            params = {"section": entry.section, "known": listed}
            yield Finding("", ("pages", number, "section"), "unknown-section", params)
        if entry.section in left:
            params = {"section": str(entry.section)}
            yield Finding("", ("pages", number, "section"), "section-apart", params)
        if before is not None and entry.section != before:
            left.add(before)
        before = entry.section
    used = {entry.section for entry in definition.pages}
    for number, section in enumerate(known):
        if section not in used:
            yield Finding("", ("sections", number), "unused-section", {"section": section})
    for number, section in enumerate(definition.shuffle_sections):
        if section not in known:
            params = {"section": section, "known": listed}
            yield Finding("", ("shuffle_sections", number), "unknown-section", params)


def _references(survey: Survey) -> Iterator[Finding]:
    known = ", ".join(survey.questions)
    headline = survey.definition.headline
    if headline is not None and headline not in survey.questions:
        params = {"key": "headline", "name": headline, "known": known}
        yield Finding("", ("headline",), "unknown-question", params)
    precept = survey.definition.precept
    if precept is not None:
        question = survey.questions.get(precept.band)
        bands = list(NINTHS)[:8]
        if not isinstance(question, Optioned) or list(question.codes[:8]) != bands:
            yield Finding("", ("precept", "band"), "precept-band", {"name": precept.band})


def _embedding(survey: Survey) -> Iterator[Finding]:
    """A frame has no way back, nothing of a browser is known in it, and no key leaves it."""
    definition = survey.definition
    reasons = {
        "has more than one page": len(survey.pages) > 1,
        "is not open to everybody": definition.access != "open",
        "is sensitive": definition.sensitive,
    }
    for reason, holds in reasons.items():
        if definition.embed_on and holds:
            yield Finding("", ("embed_on",), "embed", {"reason": reason})


def _conditions(survey: Survey) -> Iterator[Finding]:
    seen: set[tuple[Location, str]] = set()
    first = {place.number: place for place in reversed(survey.places)}
    asked: list[tuple[int, Location, str | None]] = []
    for place in survey.places:
        own = place.question.when
        asked.append((place.number, (*place.where, "when"), own))
        if first[place.number] is place and place.page.when != own:
            asked.append((place.number, (*place.where[:2], "when"), place.page.when))
    for number, where, expression in asked:
        # A block's condition and the include's stand at one place; a grid's rows share theirs.
        if expression is None or (where, expression) in seen:
            continue
        seen.add((where, expression))
        before = survey.before(number)
        later = {qid: q for qid, q in survey.questions.items() if qid not in before}
        for code, params in conditions.check(expression, before, later):
            yield Finding("", where, code, params)
    yield from _support(survey)
    yield from equality.check(survey)
    yield from _access(survey)
    if survey.definition.quotas and survey.definition.mode != "sample":
        yield Finding("", ("quotas",), "quota-open")
    for number, quota in enumerate(survey.definition.quotas):
        for code, params in conditions.check(quota.when, survey.questions, {}):
            yield Finding("", ("quotas", number, "when"), code, params)


def _access(survey: Survey) -> Iterator[Finding]:
    definition = survey.definition
    if definition.access == "signed_in" and not definition.email_domains:
        yield Finding("", ("access",), "domains-missing")
    elif definition.email_domains and definition.access != "signed_in":
        yield Finding("", ("email_domains",), "domains-unused", {"access": definition.access})
    for number, domain in enumerate(definition.email_domains):
        if not DOMAIN.fullmatch(domain):
            yield Finding("", ("email_domains", number), "bad-domain", {"given": domain})


def _support(survey: Survey) -> Iterator[Finding]:
    """Services that help in an area which the survey's question about areas does not have."""
    areas = next((q for q in survey.questions.values() if q.role == "area"), None)
    known = areas.codes if isinstance(areas, Optioned) else ()
    for number, support in enumerate(survey.definition.support):
        for code in support.areas:
            if code not in known:
                params = {"code": code, "name": support.id, "known": ", ".join(known) or "none"}
                yield Finding("", ("support", number, "areas"), "support-area", params)
