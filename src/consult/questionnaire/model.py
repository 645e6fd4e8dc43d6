"""A questionnaire, as frozen types: what ``survey.yaml`` and ``<lang>.yaml`` say once read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Discriminator, Field, Tag, model_validator

from consult.questionnaire.answers import AnyQuestion, Frozen, Labels
from consult.questionnaire.answers.base import Identifier, Line, Lines, Prose
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
