"""A questionnaire, as frozen types: what ``survey.yaml`` and ``<lang>.yaml`` say once read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from consult.questionnaire.answers import AnyQuestion, Frozen, Labels, Question
from consult.questionnaire.answers.base import Identifier
from consult.questionnaire.precept import Precept

LONDON = ZoneInfo("Europe/London")
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Language = Literal["en", "cy"]


def _hour(value: Any) -> Any:
    """Refuse a day without its hour: it would be read as the midnight before."""
    day_alone = isinstance(value, str) and "T" not in value.upper() and ":" not in value
    if day_alone or isinstance(value, int | float):
        raise PydanticCustomError("datetime_hour", "should be a day and an hour")
    if isinstance(value, date) and not isinstance(value, datetime):
        raise PydanticCustomError("datetime_hour", "should be a day and an hour")
    return value


Moment = Annotated[datetime, BeforeValidator(_hour)]


class Part(Frozen):
    """A part of a consultation, with a deadline of its own (Europe/London)."""

    id: str = Field(pattern=Identifier)
    closes: Moment


class Page(Frozen):
    """Questions asked together; an entry of ``pages`` that is a question is a page of its own."""

    id: str = Field(pattern=Identifier)
    when: str | None = None
    part: str | None = None
    questions: tuple[AnyQuestion, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _question_alone(cls, data: Any) -> Any:
        if isinstance(data, dict) and "questions" not in data:
            question = {key: value for key, value in data.items() if key != "part"}
            return {"id": data.get("id"), "part": data.get("part"), "questions": [question]}
        return data


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
    pages: tuple[Page, ...] = Field(min_length=1)


class Words(Frozen):
    """``<lang>.yaml``: everything a respondent reads, in one language, by key."""

    title: str
    summary: str = Field(description="Markdown; what is proposed and why, on the start page.")
    thanks: str = Field(default="", description="Markdown; what happens next.")
    contact: str = Field(default="", description="Markdown; how else to answer or ask.")
    illustrative: tuple[str, ...] = Field(
        default=(), description="What in this survey is no official figure; the report says so."
    )
    pages: Mapping[str, str] = Field(default_factory=dict, description="Headings of pages.")
    parts: Mapping[str, str] = Field(default_factory=dict)
    questions: Mapping[str, Labels] = Field(default_factory=dict)


def london(moment: datetime) -> datetime:
    """``moment`` as written in a survey (Europe/London unless it says otherwise), in UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).astimezone(UTC)


Window = Literal["not_yet_open", "open", "grace", "closed"]


@dataclass(frozen=True)
class Survey:
    """A questionnaire: its definition, its wording by language, and its population margins.

    ``population`` is the text of ``population.csv``, empty where there is none. Two surveys are
    the same when their ``content_hash`` is.
    """

    definition: Definition
    words: Mapping[str, Words]
    population: str = ""

    @property
    def slug(self) -> str:
        return self.definition.survey

    @property
    def languages(self) -> tuple[Language, ...]:
        return self.definition.languages

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question that takes an answer, by id, in the order of the survey."""
        return {q.id: q for page in self.pages for q in page.questions if q.takes_answer}

    @property
    def pages(self) -> tuple[Page, ...]:
        return self.definition.pages

    @cached_property
    def page_by_id(self) -> Mapping[str, Page]:
        return {page.id: page for page in self.pages}

    def labels(self, question_id: str, language: str) -> Labels:
        """What a question is called in ``language``, in the first language where it has none."""
        for lang in (language, *self.languages):
            labels = self.words[lang].questions.get(question_id)
            if labels is not None:
                return labels
        return Labels()

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
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The survey that ``as_json`` wrote."""
        return cls(
            Definition.model_validate(data["definition"]),
            {lang: Words.model_validate(words) for lang, words in data["words"].items()},
            data["population"],
        )

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over the canonical JSON of the survey, in hex."""
        text = json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def places(self) -> Iterator[tuple[int, Page, Question]]:
        """Every question, statements too, with the number of its page."""
        for number, page in enumerate(self.pages):
            for question in page.questions:
                yield number, page, question
