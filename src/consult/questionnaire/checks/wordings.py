"""What must hold between a survey and its wording in one language."""

from __future__ import annotations

from collections.abc import Iterator

from consult.questionnaire.answers import (
    BestWorst,
    Grid,
    Labels,
    OneOf,
    Optioned,
    Question,
    Statement,
)
from consult.questionnaire.checks.finding import Finding
from consult.questionnaire.model import Location, Words
from consult.questionnaire.survey import Survey
from consult.questionnaire.wording import pipes

#: Where names in braces are replaced: texts, and groups of texts, of a question.
PIPED = ("ask", "hint", "short", "body")
PIPED_GROUPS = ("options", "hints", "rows", "words")


def check(survey: Survey, language: str, words: Words) -> Iterator[Finding]:
    """Every problem of ``<language>.yaml``."""
    written = {q.id: q for page, _ in survey.written() for q in page.questions}
    for qid, question in written.items():
        labels = survey.own_labels(qid, language) or Labels()
        for key in _needed(question, labels):
            where: Location = ("questions", qid, *key.split(".")[:1])
            yield Finding(language, where, "wording-missing", {"key": f"questions.{qid}.{key}"})
        for group, codes in _worded(question).items():
            for code in getattr(labels, group):
                if code not in codes:
                    yield _unknown(language, ("questions", qid, group, code))
    yield from _headings(survey, language, words)
    groups = {
        "questions": written,
        "pages": {page.id for page, _ in survey.written()},
        "parts": {part.id for part in survey.definition.parts},
        "sections": {section.id for section in survey.definition.sections},
        "support": {support.id for support in survey.definition.support},
    }
    for name, known in groups.items():
        for key in getattr(words, name):
            if key not in known:
                yield _unknown(language, (name, key))
    yield from _pipes(survey, language)
    yield from _pipes_nowhere(language, words)


def _worded(question: Question) -> dict[str, set[str]]:
    """The codes that each group of a question's wording may speak of."""
    options = question.options if isinstance(question, Optioned | Grid) else ()
    codes = {option.code for option in options}
    wanting = {option.code for option in options if option.words}
    return {
        "options": codes,
        "hints": codes,
        "words": {"best", "worst"} if isinstance(question, BestWorst) else wanting,
        "nets": set(question.nets) if isinstance(question, OneOf | Grid) else set(),
        "rows": {row.code for row in question.rows} if isinstance(question, Grid) else set(),
        "documents": {document.id for document in question.documents}
        if isinstance(question, Statement)
        else set(),
    }


def _needed(question: Question, labels: Labels) -> Iterator[str]:
    """The keys of a question's wording that are not there."""
    first = "body" if isinstance(question, Statement) else "ask"
    if not getattr(labels, first):
        yield first
    known = _worded(question)
    for group in ("options", "rows", "documents", "nets"):
        for code in sorted(known[group]):
            if not getattr(labels, group).get(code):
                yield f"{group}.{code}"


def _headings(survey: Survey, language: str, words: Words) -> Iterator[Finding]:
    for part in survey.definition.parts:
        if part.id not in words.parts:
            yield Finding(language, ("parts",), "wording-missing", {"key": f"parts.{part.id}"})
    for section in survey.definition.sections:
        if section.id not in words.sections:
            params = {"key": f"sections.{section.id}"}
            yield Finding(language, ("sections",), "wording-missing", params)
    for support in survey.definition.support:
        if support.id not in words.support:
            params = {"key": f"support.{support.id}"}
            yield Finding(language, ("support",), "wording-missing", params)
    blocks = [block.words.get(language) for block in survey.blocks.values()]
    worded = {name for said in (words, *blocks) if said for name in said.pages}
    for page in survey.pages:
        if len(page.questions) > 1 and page.id not in worded:
            yield Finding(language, ("pages",), "wording-missing", {"key": f"pages.{page.id}"})


def _unknown(language: str, where: Location) -> Finding:
    return Finding(language, where, "wording-unknown", {"key": ".".join(map(str, where))})


def _pipes_nowhere(language: str, words: Words) -> Iterator[Finding]:
    """Names in braces where nothing replaces them."""
    texts: list[tuple[Location, str]] = [
        ((key,), getattr(words, key))
        for key in ("title", "summary", "thanks", "contact", "script", "staying_safe", "draw")
    ]
    for group in ("pages", "parts", "sections"):
        texts += [((group, name), text) for name, text in getattr(words, group).items()]
    for qid, labels in words.questions.items():
        texts += [(("questions", qid, k), getattr(labels, k)) for k in ("unanswered", "suffix")]
        for group in ("nets", "documents"):
            said = getattr(labels, group)
            texts += [(("questions", qid, group, name), text) for name, text in said.items()]
    for where, text in texts:
        for name in pipes(text):
            yield Finding(language, where, "pipe-nowhere", {"name": name})


def _pipes(survey: Survey, language: str) -> Iterator[Finding]:
    precept = survey.definition.precept
    figures = precept.names() if precept else set()
    told: set[str] = set()
    for place in survey.places:
        qid = place.written.id
        if qid in told:
            continue  # the rows of a grid share their wording
        told.add(qid)
        earlier: dict[str, Question] | None = None
        for where, text in _texts(qid, survey.own_labels(qid, language) or Labels()):
            for name in pipes(text):
                if earlier is None:
                    earlier = survey.before(place.number)
                if name in figures:
                    assert precept is not None  # noqa: S101  it gave the names
                    name = precept.band
                    if name in earlier:
                        continue  # an unknown band reads as the reference band
                if name not in survey.questions:
                    yield Finding(language, where, "pipe-unknown", {"name": name})
                elif name not in earlier:
                    yield Finding(language, where, "pipe-later", {"name": name})
                elif not survey.labels(name, language).unanswered:
                    yield Finding(language, where, "pipe-unanswered", {"name": name})


def _texts(qid: str, labels: Labels) -> Iterator[tuple[Location, str]]:
    for key in PIPED:
        yield ("questions", qid, key), getattr(labels, key)
    for group in PIPED_GROUPS:
        for code, text in getattr(labels, group).items():
            yield ("questions", qid, group, code), text
