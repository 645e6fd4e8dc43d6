"""A survey with everything looked up: what is asked, in which words, until when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, Literal, Self

from consult.questionnaire.answers import Grid, Labels, Question
from consult.questionnaire.conditions import names
from consult.questionnaire.model import Block, Definition, Location, Page, Words, london

Window = Literal["not_yet_open", "open", "grace", "closed"]


@dataclass(frozen=True)
class Place:
    """A question as it is asked: on which page (from 0), made from which written question, where.

    ``where`` is the place of the written question in survey.yaml, or of the include.
    """

    number: int
    page: Page
    question: Question
    written: Question
    where: Location

    @property
    def moves(self) -> bool:
        """Whether its page is one row of a grid whose rows come in an order of chance."""
        return isinstance(self.written, Grid) and self.written.shuffle


@dataclass(frozen=True)
class Survey:
    """A questionnaire: its definition, its wording by language, its population margins, its blocks.

    ``population`` is the text of ``population.csv``, empty where there is none; ``blocks`` are
    those of the bank that it includes, by reference. Two surveys are the same when their
    ``content_hash`` is.
    """

    definition: Definition
    words: Mapping[str, Words]
    population: str = ""
    blocks: Mapping[str, Block] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.definition.survey

    @property
    def languages(self) -> tuple[str, ...]:
        return self.definition.languages

    # -- what is asked ---------------------------------------------------------------------------

    def written(self) -> Iterator[tuple[Page, Location]]:
        """The pages as they are written, included blocks in their place, and where each stands."""
        for number, entry in enumerate(self.definition.pages):
            if isinstance(entry, Page):
                yield entry, ("pages", number)
                continue
            block = self.blocks.get(entry.include)
            for page in block.pages if block else ():
                met = [f"({when})" for when in (entry.when, page.when) if when]
                own = {"part": entry.part, "section": entry.section}
                own["when"] = " && ".join(met) or None
                yield page.model_copy(update=own), ("pages", number)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every question as it is asked, statements too: a grid is its rows, a page each."""
        found: list[Place] = []
        number = -1
        for page, where in self.written():
            own = isinstance(self.definition.pages[int(where[1])], Page)
            for index, written in enumerate(page.questions):
                at = (*where, "questions", index) if own else where
                for question in written.expand():
                    # What a grid is made of is asked under the grid's own condition.
                    made = question is not written
                    asked = question.model_copy(update={"when": written.when}) if made else question
                    number += made or index == 0
                    found.append(Place(number, page, asked, written, at))
        return tuple(found)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The pages as they are asked."""
        pages: list[Page] = []
        for _, places in groupby(self.places, key=lambda place: place.number):
            together = tuple(places)
            page, first = together[0].page, together[0]
            # A grid's rows are pages of their own: objectives_roads, objectives_burglary.
            name = page.id + first.question.id.removeprefix(first.written.id)
            asked = tuple(place.question for place in together)
            pages.append(page.model_copy(update={"id": name, "questions": asked}))
        return tuple(pages)

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question that takes an answer, by id, in the order of the survey."""
        found: dict[str, Question] = {}
        for place in self.places:
            if place.question.takes_answer:
                found[place.question.id] = place.question
                found |= {made.id: made for made in place.question.companions()}
        return found

    @cached_property
    def place_of(self) -> Mapping[str, Place]:
        """Where each question is asked; "other, please say" is asked with its question."""
        found: dict[str, Place] = {}
        for place in self.places:
            for question in (place.question, *place.question.companions()):
                found.setdefault(question.id, place)
        return found

    @cached_property
    def page_by_id(self) -> Mapping[str, Page]:
        return {page.id: page for page in self.pages}

    @cached_property
    def moves(self) -> bool:
        """Whether pages come in an order of chance."""
        sections = any(section.shuffle for section in self.definition.sections)
        rows = any(place.moves for place in self.places)
        return sections or rows or bool(self.definition.shuffle_sections)

    @cached_property
    def turns(self) -> Mapping[str, frozenset[str]]:
        """Pages that some never see, each with the questions whose answers decide that."""
        found: dict[str, frozenset[str]] = {}
        for page in self.pages:
            conditions = [page.when] if page.when else []
            if all(question.when for question in page.questions):
                conditions += [question.when for question in page.questions if question.when]
            if conditions:
                found[page.id] = frozenset(n for c in conditions for n in names(c))
        return found

    def before(self, number: int) -> dict[str, Question]:
        """Questions that are always asked before page ``number``, whatever order chance makes."""
        here = self.pages[number]
        return {
            qid: self.questions[qid]
            for qid, place in self.place_of.items()
            if place.number < number
            and qid in self.questions
            and not self._by_chance(place.page, here)
        }

    def _by_chance(self, one: Page, other: Page) -> bool:
        sections = {one.section, other.section}
        if len(sections) == 1:
            return any(s.id in sections and s.shuffle for s in self.definition.sections)
        return sections <= set(self.definition.shuffle_sections)

    # -- wording -----------------------------------------------------------------------------------

    def labels(self, question_id: str, language: str) -> Labels:
        """What a question is called in ``language``, in the first language where it has none."""
        place = self.place_of.get(question_id)
        written = place.written.id if place else question_id
        for lang in (language, *self.languages):
            labels = self.own_labels(written, lang)
            if labels is not None:
                return self._derived(place, question_id, labels) if place else labels
        return Labels()

    def own_labels(self, written: str, language: str) -> Labels | None:
        """The wording of a written question in one language: the survey's, else its block's."""
        own = self.words[language].questions.get(written)
        if own is not None:
            return own
        worded = (block.words.get(language) for block in self.blocks.values())
        return next((w.questions[written] for w in worded if w and written in w.questions), None)

    def _derived(self, place: Place, question_id: str, labels: Labels) -> Labels:
        if place.question.id != place.written.id:
            labels = place.written.labels_of(place.question, labels)
        if question_id != place.question.id:
            labels = place.question.labels_of(self.questions[question_id], labels)
        return labels

    def heading(self, page: Page, language: str) -> str:
        """The heading of a page of several questions."""
        for lang in (language, *self.languages):
            blocks = (block.words.get(lang) for block in self.blocks.values())
            for words in (self.words[lang], *blocks):
                if words and page.id in words.pages:
                    return words.pages[page.id]
        return ""

    # -- deadlines -------------------------------------------------------------------------------

    @property
    def closes(self) -> datetime:
        """When the last part closes (UTC)."""
        moments = [part.closes for part in self.definition.parts]
        if self.definition.closes:
            moments.append(self.definition.closes)
        return max(london(moment) for moment in moments)

    def window(self, now: datetime, begun: datetime | None = None) -> Window:
        """Whether a response may be sent at ``now``; ``begun`` is when its first page was opened.

        A response begun before the deadline may be sent until the survey's grace has passed.
        """
        if self.definition.opens and now < london(self.definition.opens):
            return "not_yet_open"
        return self._state(self.closes, now, begun)

    def closed_parts(self, now: datetime, begun: datetime | None = None) -> frozenset[str]:
        """Parts whose questions are no longer asked."""
        return frozenset(
            part.id
            for part in self.definition.parts
            if self._state(london(part.closes), now, begun) == "closed"
        )

    def _state(self, closes: datetime, now: datetime, begun: datetime | None) -> Window:
        if now < closes:
            return "open"
        grace = timedelta(minutes=self.definition.grace_minutes)
        return "grace" if begun and begun < closes and now < closes + grace else "closed"

    # -- a published version ---------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """All of the survey as JSON; ``from_json`` reads it back."""
        return {
            "definition": self.definition.model_dump(mode="json"),
            "words": {lang: words.model_dump(mode="json") for lang, words in self.words.items()},
            "population": self.population,
            "blocks": {name: block.model_dump(mode="json") for name, block in self.blocks.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The survey that ``as_json`` wrote."""
        return cls(
            Definition.model_validate(data["definition"]),
            {lang: Words.model_validate(words) for lang, words in data["words"].items()},
            data["population"],
            {name: Block.model_validate(block) for name, block in data["blocks"].items()},
        )

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over the canonical JSON of the survey, in hex."""
        text = json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
