"""What must hold between the parts of a survey, beyond the shape of each file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from consult.questionnaire import conditions
from consult.questionnaire.answers import Choices, Labels, Optioned, Question, Scale
from consult.questionnaire.model import Survey, Words, london
from consult.questionnaire.precept import NINTHS
from consult.questionnaire.wording import pipes

Location = tuple[str | int, ...]
#: Names of a dataset's own columns and of a form's own fields: no question may have one.
TAKEN = frozenset(
    {"id", "channel", "language", "received_on", "survey_version", "weight", "change", "answers"}
)


@dataclass(frozen=True)
class Finding:
    """A problem found: ``file`` is "" for survey.yaml, a language, or "population"."""

    file: str
    location: Location
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


def check(survey: Survey, folder: str) -> Iterator[Finding]:
    """Every problem of a survey whose files are each well formed."""
    if survey.slug != folder:
        yield Finding("", ("survey",), "slug-folder", {"slug": survey.slug, "folder": folder})
    yield from _names(survey)
    yield from _times(survey)
    yield from _references(survey)
    for number, page, question in survey.places():
        where = _where(survey, number, question)
        yield from _options(question, where)
        yield from _condition(survey, number, question.when, (*where, "when"))
        if page.questions[0] is question and page.when != question.when:
            yield from _condition(survey, number, page.when, ("pages", number, "when"))
    for language, words in survey.words.items():
        yield from _wording(survey, language, words)
        yield from _pipes(survey, language, words)
        yield from _pipes_nowhere(language, words)
    if survey.population:
        yield from _population(survey)


def _where(survey: Survey, number: int, question: Question) -> Location:
    """A question's place in survey.yaml: an entry of ``pages``, or inside one."""
    page = survey.pages[number]
    return ("pages", number, "questions", page.questions.index(question))


def _names(survey: Survey) -> Iterator[Finding]:
    seen: set[str] = set()
    pages: set[str] = set()
    for number, page, question in survey.places():
        where = (*_where(survey, number, question), "id")
        if question.id in seen:
            yield Finding("", where, "duplicate-id", {"what": "question", "given": question.id})
        if question.id in conditions.RESERVED | TAKEN:
            yield Finding("", where, "reserved-id", {"given": question.id})
        seen.add(question.id)
        if page.questions[0] is question:
            if page.id in pages:
                params = {"what": "page", "given": page.id}
                yield Finding("", ("pages", number, "id"), "duplicate-id", params)
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
    for number, page in enumerate(survey.pages):
        if page.part is not None and page.part not in parts:
            params = {"part": page.part, "known": ", ".join(parts) or "none"}
            yield Finding("", ("pages", number, "part"), "unknown-part", params)
    used = {page.part for page in survey.pages}
    for number, part in enumerate(parts):
        if part not in used:
            yield Finding("", ("parts", number), "unused-part", {"part": part})


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


def _options(question: Question, where: Location) -> Iterator[Finding]:
    if not isinstance(question, Optioned):
        return
    at = (*where, "options")
    known = ", ".join(question.codes)
    if len(question.options) < 2:
        yield Finding("", at, "too-few-options", {"name": question.id})
    for number, code in enumerate(question.codes):
        if code in question.codes[:number]:
            yield Finding("", (*at, number), "duplicate-option", {"code": code})
    if isinstance(question, Choices):
        if question.minimum and question.maximum and question.minimum > question.maximum:
            yield Finding("", (*where, "minimum"), "bounds", {"name": question.id})
        if all(option.exclusive for option in question.options):
            yield Finding("", at, "all-exclusive", {"name": question.id})
    if isinstance(question, Scale):
        groups = {"apart": question.apart, **question.nets}
        for key, codes in groups.items():
            for code in set(codes) - set(question.codes):
                params = {"key": key, "code": code, "name": question.id, "known": known}
                place = (*where, "apart") if key == "apart" else (*where, "nets", key)
                yield Finding("", place, "unknown-code", params)


def _condition(
    survey: Survey, number: int, expression: str | None, where: Location
) -> Iterator[Finding]:
    if expression is None:
        return
    before = {q.id: q for n, _, q in survey.places() if n < number and q.takes_answer}
    later = {qid: q for qid, q in survey.questions.items() if qid not in before}
    for code, params in conditions.check(expression, before, later):
        yield Finding("", where, code, params)


def _wording(survey: Survey, language: str, words: Words) -> Iterator[Finding]:
    everything = {q.id: q for _, _, q in survey.places()}
    for qid, question in everything.items():
        labels = words.questions.get(qid, Labels())
        needed = [("ask", labels.ask)] if question.takes_answer else [("body", labels.body)]
        if isinstance(question, Optioned):
            needed += [(f"options.{c}", labels.options.get(c, "")) for c in question.codes]
        if isinstance(question, Scale):
            needed += [(f"nets.{net}", labels.nets.get(net, "")) for net in question.nets]
        for key, text in needed:
            if not text:
                where: Location = ("questions", qid, *key.split(".")[:1])
                params = {"key": f"questions.{qid}.{key}"}
                yield Finding(language, where, "wording-missing", params)
        codes = question.codes if isinstance(question, Optioned) else ()
        for group in ("options", "hints"):
            for code in getattr(labels, group):
                if code not in codes:
                    yield _unknown(language, ("questions", qid, group, code))
        for net in labels.nets:
            if net not in (question.nets if isinstance(question, Scale) else ()):
                yield _unknown(language, ("questions", qid, "nets", net))
    for part in survey.definition.parts:
        if part.id not in words.parts:
            yield Finding(language, ("parts",), "wording-missing", {"key": f"parts.{part.id}"})
    for page in survey.pages:
        if len(page.questions) > 1 and page.id not in words.pages:
            yield Finding(language, ("pages",), "wording-missing", {"key": f"pages.{page.id}"})
    groups = {
        "questions": everything,
        "pages": survey.page_by_id,
        "parts": {part.id for part in survey.definition.parts},
    }
    for name, known in groups.items():
        for key in getattr(words, name):
            if key not in known:
                yield _unknown(language, (name, key))


def _unknown(language: str, where: Location) -> Finding:
    params = {"key": ".".join(map(str, where))}
    return Finding(language, where, "wording-unknown", params)


def _pipes_nowhere(language: str, words: Words) -> Iterator[Finding]:
    """Names in braces where nothing replaces them."""
    texts: list[tuple[Location, str]] = [
        ((key,), getattr(words, key)) for key in ("title", "summary", "thanks", "contact")
    ]
    for group in ("pages", "parts"):
        texts += [((group, name), text) for name, text in getattr(words, group).items()]
    for qid, labels in words.questions.items():
        texts += [(("questions", qid, k), getattr(labels, k)) for k in ("unanswered", "suffix")]
        texts += [(("questions", qid, "nets", net), text) for net, text in labels.nets.items()]
    for where, text in texts:
        for name in pipes(text):
            yield Finding(language, where, "pipe-nowhere", {"name": name})


def _pipes(survey: Survey, language: str, words: Words) -> Iterator[Finding]:
    precept = survey.definition.precept
    figures = precept.names() if precept else set()
    page_of = {q.id: number for number, _, q in survey.places()}
    for number, _, question in survey.places():
        labels = words.questions.get(question.id, Labels())
        texts: list[tuple[Location, str]] = [
            (("questions", question.id, key), getattr(labels, key))
            for key in ("ask", "hint", "short", "body")
        ]
        for group in ("options", "hints"):
            for code, text in getattr(labels, group).items():
                texts.append((("questions", question.id, group, code), text))
        for where, text in texts:
            for name in pipes(text):
                if name in figures:
                    assert precept is not None  # noqa: S101  it gave the names
                    name = precept.band
                    if page_of.get(name, -1) < number:
                        continue  # an unknown band reads as the reference band
                if name not in survey.questions:
                    yield Finding(language, where, "pipe-unknown", {"name": name})
                elif page_of[name] >= number:
                    yield Finding(language, where, "pipe-later", {"name": name})
                elif not survey.labels(name, language).unanswered:
                    yield Finding(language, where, "pipe-unanswered", {"name": name})


def _population(survey: Survey) -> Iterator[Finding]:
    try:
        rows = list(csv.reader(io.StringIO(survey.population, newline="")))
    except csv.Error as error:
        yield Finding("population", (1,), "population-table", {"reason": str(error)})
        return
    if rows[0][:3] != ["margin", "category", "population"]:
        params = {"reason": "its first line is not margin,category,population"}
        yield Finding("population", (1,), "population-table", params)
        return
    totals: Counter[str] = Counter()
    given: dict[str, set[str]] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        try:
            margin, category, count = row[0], row[1], Decimal(row[2])
        except (IndexError, InvalidOperation):
            params = {"reason": "a row has no figure in its third column (no commas in it)"}
            yield Finding("population", (line,), "population-table", params)
            continue
        if category in given.setdefault(margin, set()):
            params = {"reason": f"'{category}' of '{margin}' stands twice"}
            yield Finding("population", (line,), "population-table", params)
        given[margin].add(category)
        if count.is_finite():
            totals[margin] += count  # type: ignore[assignment]
        yield from _population_row(survey, margin, category, count, line)
    for margin, categories in given.items():
        question = survey.questions.get(margin)
        for option in question.options if isinstance(question, Optioned) else ():
            if option.code not in categories and not option.not_in_population:
                params = {"margin": margin, "code": option.code}
                yield Finding("population", (), "population-missing", params)
    first = next(iter(totals), "")
    for margin, total in totals.items():
        if total != totals[first]:
            params = {"margin": margin, "total": f"{total:,}"}
            params |= {"other": first, "other_total": f"{totals[first]:,}"}
            yield Finding("population", (), "population-totals", params)


def _population_row(
    survey: Survey, margin: str, category: str, count: Decimal, line: int
) -> Iterator[Finding]:
    if not count.is_finite() or count <= 0:
        params = {"reason": "a figure is not above zero"}
        yield Finding("population", (line,), "population-table", params)
    names, codes = margin.split("*"), category.split("*")
    questions = [survey.questions.get(name) for name in names]
    for name, question in zip(names, questions, strict=True):
        if not isinstance(question, Optioned) or isinstance(question, Choices):
            params = {"what": "margin", "name": name}
            yield Finding("population", (line,), "population-unknown", params)
    if len(names) != len(codes):
        params = {"what": "category", "name": category}
        yield Finding("population", (line,), "population-unknown", params)
        return
    for question, code in zip(questions, codes, strict=True):
        if isinstance(question, Optioned) and code not in question.codes:
            params = {"what": "category", "name": code}
            yield Finding("population", (line,), "population-unknown", params)
