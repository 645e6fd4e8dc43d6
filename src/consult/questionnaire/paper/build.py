"""A survey as a paper questionnaire: every question in the order as written, numbered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consult.questionnaire import languages
from consult.questionnaire.answers import BestWorst, Grid, Labels, Question, Statement
from consult.questionnaire.formats.outcome import Notebook
from consult.questionnaire.model import Page, Words
from consult.questionnaire.paper.blocks import Document, Form, Item, Paper
from consult.questionnaire.paper.conditions import Speaker
from consult.questionnaire.paper.forms import Forms
from consult.questionnaire.paper.prose import prose
from consult.questionnaire.paper.words import PaperWords
from consult.questionnaire.survey import Survey
from consult.questionnaire.wording import piped, plain, resolver

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def paper(survey: Survey, language: str) -> Paper:
    """``survey`` as a paper questionnaire in ``language``."""
    return _Maker(survey, language).paper()


@dataclass(frozen=True)
class _Written:
    """A written question and the numbers of what it asks: a set each, a row each."""

    question: Question
    asked: tuple[Question, ...]
    numbers: tuple[str, ...]


class _Maker:
    """One survey in one language."""

    def __init__(self, survey: Survey, language: str) -> None:
        self.survey, self.language = survey, language
        self.words = PaperWords(language)
        # Nothing is known of whoever holds the pen: pipes read as they do for no answer.
        self.resolve = resolver(survey, language, {})
        self.forms = Forms(survey, self.words)
        self.notes = Notebook()
        self.number: dict[str, str] = {}
        self.pages = self._numbered()
        self.speaker = Speaker(self.words, survey.questions, self.number, self._option)
        self.part: str | None = None
        self.section: str | None = None
        self.level = 1

    def paper(self) -> Paper:
        """All of it."""
        survey, own = self.survey, self._words()
        items = tuple(item for page, written in self.pages for item in self._page(page, written))
        if not self.words.known:
            why = f"Add paper/languages/{self.language}.json beside the others."
            self.notes.add(self.language, "what the form says of its own is in English", why)
        if not own.contact:
            why = "Give the survey a contact: an address to send forms to."
            self.notes.add("contact", "the form does not say how to return it", why)
        return Paper(
            language=self.language,
            direction=languages.direction(self.language),
            title=plain(own.title, self.resolve),
            body=survey.definition.body,
            slug=survey.slug,
            version=survey.content_hash[:12],
            words=self.words.all,
            deadlines=self._deadlines(),
            summary=prose(own.summary, self.resolve),
            contact=prose(own.contact, self.resolve, level=2),
            illustrative=own.illustrative,
            items=items,
            thanks=prose(own.thanks, self.resolve, level=2),
            notes=self.notes.notes,
        )

    # -- numbers -----------------------------------------------------------------------------------

    def _numbered(self) -> list[tuple[Page, list[_Written]]]:
        count, pages = 0, []
        for page, _ in self.survey.written():
            written = []
            for question in page.questions:
                asked = question.expand()
                if isinstance(question, Grid):
                    count += 1
                    numbers = tuple(_row(count, place) for place in range(len(asked)))
                elif isinstance(question, Statement):
                    numbers = ()
                else:
                    numbers = tuple(str(count + place + 1) for place in range(len(asked)))
                    count += len(asked)
                for each, number in zip(asked, numbers, strict=False):
                    own = (each, *each.companions())
                    self.number |= {known.id: number for known in own}
                written.append(_Written(question, asked, numbers))
            pages.append((page, written))
        return pages

    def _option(self, question: str, code: str) -> str:
        labels = self._labels(question)
        return labels.options.get(code, code)

    # -- pages -------------------------------------------------------------------------------------

    def _page(self, page: Page, written: Sequence[_Written]) -> Iterator[Item]:
        yield from self._opening(page)
        numbers = [number for each in written for number in each.numbers]
        whole = page.when
        if whole and len(written) > 1:
            yield Item("note", text=self._page_condition(page, numbers))
            whole = None
        for each in written:
            yield from self._written(each, whole)

    def _opening(self, page: Page) -> Iterator[Item]:
        """The headings of the part, the section and the page, where they change."""
        words = self._words()
        if page.part != self.part:
            self.part, self.section = page.part, None
            part = page.part or ""
            if words.parts.get(part):
                yield Item("heading", 1, text=words.parts[part])
            closes = [p.closes for p in self.survey.definition.parts if p.id == part]
            by = self.words.moment(closes[0] if closes else self.survey.closes)
            yield Item("note", text=self.words.say("answer_by", by) + ".")
        self.level = 2 if self.part and words.parts.get(self.part) else 1
        if page.section != self.section:
            self.section = page.section
            if words.sections.get(page.section or ""):
                yield Item("heading", self.level, text=words.sections[page.section or ""])
        self.level += bool(words.sections.get(self.section or ""))
        heading = self.survey.heading(page, self.language)
        if heading and len(page.questions) > 1:
            yield Item("heading", self.level, text=plain(heading, self.resolve))
            self.level += 1

    def _page_condition(self, page: Page, numbers: Sequence[str]) -> str:
        said = self._said(page.id, page.when or "")
        if not numbers:
            return self._only("read_only_if", "read_if_applies", said)
        first, last = numbers[0], numbers[-1]
        if first == last:
            return self._only("only_if", "if_applies", said)
        span = self.words.say("two" if len(numbers) == 2 else "range", first, last)
        if said is None:
            return self.words.say("many_if_applies", span)
        return self.words.say("only_if_many", span, said)

    def _said(self, where: str, condition: str) -> str | None:
        said = self.speaker.sentence(condition)
        if said is None:
            why = "The form says to answer if it applies."
            what = f"its condition cannot be said in plain words ({condition[:200]})"
            self.notes.add(where, what, why)
        return said

    def _only(self, key: str, otherwise: str, said: str | None) -> str:
        return self.words.say(otherwise) if said is None else self.words.say(key, said)

    def _condition(self, question: Question, page: str | None) -> str:
        both = [when for when in (page, question.when) if when]
        if not both:
            return ""
        whole = both[0] if len(both) == 1 else " && ".join(f"({when})" for when in both)
        said = self._said(question.id, whole)
        if isinstance(question, Statement):
            return self._only("read_only_if", "read_if_applies", said)
        return self._only("only_if", "if_applies", said)

    # -- questions ---------------------------------------------------------------------------------

    def _written(self, each: _Written, page: str | None) -> Iterator[Item]:
        question = each.question
        condition = self._condition(question, page)
        if isinstance(question, Statement):
            yield self._statement(question, condition)
        elif isinstance(question, Grid):
            labels = self._labels(question.id)
            form = self.forms.grid(question, labels, each.numbers)
            number = each.numbers[0].rstrip(_LETTERS).partition(".")[0]
            yield self._question(question, labels, number, condition, form)
        else:
            for asked, number in zip(each.asked, each.numbers, strict=True):
                labels = self._labels(asked.id)
                first = asked is each.asked[0] or not isinstance(question, BestWorst)
                body = labels if first else labels.model_copy(update={"body": ""})
                form = self.forms.form(asked, labels)
                yield self._question(asked, body, number, condition, form)

    def _question(
        self, question: Question, labels: Labels, number: str, condition: str, form: Form
    ) -> Item:
        columns = [name for name, _ in question.columns()] if question.takes_answer else []
        # What stands beside an option already: its own column, the words it wants.
        shown = {box.key for box in form.options + form.apart}
        shown |= {box.column for box in form.options + form.apart}
        columns += [name for made in question.companions() for name, _ in made.columns()]
        return Item(
            "question",
            self.level,
            number,
            labels.ask,
            hint=labels.hint,
            condition=condition,
            body=prose(labels.body, self.resolve, self.level),
            form=form,
            id=question.id,
            columns=tuple(name for name in columns if name not in shown),
        )

    def _statement(self, question: Statement, condition: str) -> Item:
        labels = self._labels(question.id)
        return Item(
            "statement",
            self.level,
            text=labels.ask,
            hint=labels.hint,
            condition=condition,
            body=prose(labels.body, self.resolve, self.level),
            id=question.id,
            documents=tuple(
                Document(labels.documents.get(linked.id, linked.id), linked.url, linked.url)
                for linked in question.documents
            ),
        )

    def _labels(self, question: str) -> Labels:
        return piped(self.survey.labels(question, self.language), self.resolve)

    def _words(self) -> Words:
        return self.survey.words[self.language]

    def _deadlines(self) -> tuple[str, ...]:
        definition = self.survey.definition
        named = [(part, self._words().parts.get(part.id)) for part in definition.parts]
        said = [
            self.words.say("part_by", name, self.words.moment(part.closes))
            for part, name in named
            if name
        ]
        if said:
            return tuple(said)
        return (self.words.say("answer_by", self.words.moment(self.survey.closes)),)


def _row(count: int, place: int) -> str:
    """The number of a row of a grid: 7a, and past the alphabet 7.27."""
    return f"{count}{_LETTERS[place]}" if place < len(_LETTERS) else f"{count}.{place + 1}"
