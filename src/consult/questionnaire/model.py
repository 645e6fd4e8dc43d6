"""A questionnaire, as frozen types: what ``survey.yaml`` and ``<lang>.yaml`` say once read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Discriminator, Field, Tag, model_validator

from consult.questionnaire.answers import AnyQuestion, Frozen, Grid, Labels, Question
from consult.questionnaire.answers.base import Identifier, Line, Lines, Prose
from consult.questionnaire.conditions import names
from consult.questionnaire.precept import Precept
from consult.questionnaire.scalars import Host, Language, Moment

LONDON = ZoneInfo("Europe/London")
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
#: A block of the bank: its name and version.
REFERENCE = r"^[a-z0-9]+(-[a-z0-9]+)*@[1-9][0-9]*$"
Location = tuple[str | int, ...]


class Part(Frozen):
    """A part of a consultation, with a deadline of its own (Europe/London)."""

    id: str = Field(pattern=Identifier)
    closes: Moment


class Page(Frozen):
    """Questions asked together; an entry of ``pages`` that is a question is a page of its own."""

    id: str = Field(pattern=Identifier)
    when: str | None = None
    part: str | None = None
    section: str | None = None
    shuffle: bool = Field(default=False, description="Questions in an order of chance.")
    questions: tuple[AnyQuestion, ...] = Field(min_length=1, max_length=100)

    @model_validator(mode="before")
    @classmethod
    def _question_alone(cls, data: Any) -> Any:
        if isinstance(data, dict) and "questions" not in data:
            own = {key: data[key] for key in ("part", "section") if key in data}
            question = {key: value for key, value in data.items() if key not in own}
            return {"id": data.get("id"), **own, "questions": [question]}
        return data


class Include(Frozen):
    """A block of the bank in place of a page."""

    include: str = Field(pattern=REFERENCE, description="Name and version: sex@1.")
    when: str | None = None
    part: str | None = None
    section: str | None = None


def _entry(data: Any) -> str:
    included = "include" in data if isinstance(data, dict) else isinstance(data, Include)
    return "include" if included else "page"


Entry = Annotated[
    Annotated[Page, Tag("page")] | Annotated[Include, Tag("include")], Discriminator(_entry)
]


class Section(Frozen):
    """Pages under one heading; ``shuffle`` puts them in an order of chance."""

    id: str = Field(pattern=Identifier)
    shuffle: bool = False


class Quota(Frozen):
    """How many responses of a kind a sample needs; who comes after is thanked."""

    id: str = Field(pattern=Identifier)
    when: str = Field(description="CEL condition: who counts.")
    limit: int = Field(ge=1)


class Support(Frozen):
    """Someone a respondent can turn to for help, shown to whoever asks for the help page."""

    id: str = Field(pattern=Identifier)
    phone: str | None = Field(default=None, max_length=30)
    text: str | None = Field(default=None, max_length=30, description="Number for text messages.")
    href: str | None = Field(default=None, pattern=r"^https://\S+$", max_length=500)
    areas: tuple[str, ...] = Field(
        default=(), description="Codes of areas it serves, of the question with role area; or all."
    )


Access = Literal["open", "soft", "invited", "signed_in"]
Offer = Literal["updates", "prize_draw"]


class Disclosure(Frozen):
    """How small a count may be published, and how counts are rounded."""

    suppress: int = Field(default=10, ge=0)
    round: int = Field(default=5, ge=1)


class Definition(Frozen):
    """``survey.yaml``."""

    survey: str = Field(pattern=SLUG, max_length=80, description="The folder's name.")
    body: str = Field(description="The organisation that consults.")
    languages: tuple[Language, ...] = Field(min_length=1)
    mode: Literal["open", "sample"] = Field(
        default="open", description="open: anyone may answer; sample: a probability sample."
    )
    opens: Moment | None = Field(default=None, description="Europe/London.")
    closes: Moment | None = Field(default=None, description="Europe/London; or use parts.")
    parts: tuple[Part, ...] = ()
    grace_minutes: int = Field(default=60, ge=0, le=1440)
    headline: str | None = Field(default=None, description="The question the report leads with.")
    disclosure: Disclosure = Disclosure()
    precept: Precept | None = None
    sections: tuple[Section, ...] = ()
    shuffle_sections: tuple[str, ...] = Field(
        default=(), description="Sections that come in an order of chance."
    )
    quotas: tuple[Quota, ...] = Field(default=(), description="In mode sample alone.")
    sensitive: bool = Field(
        default=False,
        description="Exit this page, a page on staying safe, titles that tell nothing.",
    )
    exit_to: str | None = Field(
        default=None,
        pattern=r"^https://\S+$",
        max_length=500,
        description="Where the exit button leads: a site that anyone might look at.",
    )
    support: tuple[Support, ...] = Field(default=(), max_length=100)
    anonymous: bool = Field(
        default=True, description="Nothing says who answered; kept so once a response exists."
    )
    access: Access = Field(
        default="open",
        description="open: by the link; soft: once from a browser, or again with a reason; "
        "invited: with a code that is used once; signed_in: with an email address that is checked.",
    )
    email_domains: tuple[str, ...] = Field(
        default=(), description="With access signed_in: whose addresses may sign in."
    )
    offers: tuple[Offer, ...] = Field(
        default=(), description="What contact details are asked for, apart from the answers."
    )
    embed_on: tuple[Host, ...] = Field(
        default=(),
        max_length=50,
        description="Sites that may show a survey of one page in a frame: www.example.org.",
    )
    pages: tuple[Entry, ...] = Field(min_length=1, max_length=1_000)


class SupportWords(Frozen):
    """What a support service is called, and what it does."""

    name: Line
    about: Line = ""


class Words(Frozen):
    """``<lang>.yaml``: everything a respondent reads, in one language, by key."""

    title: Line
    summary: Prose = Field(description="Markdown; what is proposed and why, on the start page.")
    thanks: Prose = Field(default="", description="Markdown; what happens next.")
    contact: Prose = Field(default="", description="Markdown; how else to answer or ask.")
    script: Prose = Field(
        default="", description="Markdown; what an interviewer says before the first question."
    )
    illustrative: tuple[Line, ...] = Field(
        default=(), description="What in this survey is no official figure; the report says so."
    )
    pages: Lines = Field(default_factory=dict, description="Headings of pages.")
    parts: Lines = Field(default_factory=dict)
    sections: Lines = Field(default_factory=dict)
    questions: Mapping[str, Labels] = Field(default_factory=dict)
    support: Mapping[str, SupportWords] = Field(default_factory=dict)
    staying_safe: Prose = Field(
        default="", description="Markdown; how to stay safe while answering, in place of ours."
    )
    draw: Prose = Field(default="", description="Markdown; the rules of the prize draw.")
    translated: Mapping[str, str] = Field(
        default_factory=dict, description="By key, the fingerprint of the text it translates."
    )


class BlockWords(Frozen):
    """A block's wording in one language."""

    title: str = Field(description="What the block is called in the designer.")
    about: str = Field(default="", description="When to use it, and where its wording is from.")
    pages: Mapping[str, str] = Field(default_factory=dict)
    questions: Mapping[str, Labels] = Field(default_factory=dict)


class Block(Frozen):
    """Pages that surveys include; a published version of a block never changes its wording."""

    block: str = Field(pattern=REFERENCE)
    pages: tuple[Page, ...] = Field(min_length=1)
    words: Mapping[Language, BlockWords] = Field(default_factory=dict)


def london(moment: datetime) -> datetime:
    """``moment`` as written in a survey (Europe/London unless it says otherwise), in UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).astimezone(UTC)


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
