"""A LimeSurvey survey as its two files both tell it, before it is made a form."""

from __future__ import annotations

from dataclasses import dataclass, field

from consult.questionnaire.formats.sketch import Texts


@dataclass
class Answer:
    """An answer option, or a subquestion; ``scale`` tells the two of a dual scale apart."""

    code: str
    label: Texts = field(default_factory=dict)
    scale: str = "0"
    relevance: str = ""
    default: str = ""


@dataclass
class LimeQuestion:
    """A question with all that hangs on it."""

    place: str
    code: str
    type: str
    ask: Texts = field(default_factory=dict)
    help: Texts = field(default_factory=dict)
    mandatory: str = ""
    other: bool = False
    relevance: str = ""
    validation: str = ""
    default: str = ""
    subquestions: list[Answer] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    attributes: dict[str, Texts] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)

    def attribute(self, name: str) -> str:
        """An attribute that has no language, or its first."""
        return next(iter(self.attributes.get(name, {}).values()), "").strip()


@dataclass
class LimeGroup:
    """A group of questions."""

    place: str
    id: str
    name: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    relevance: str = ""
    random: str = ""
    questions: list[LimeQuestion] = field(default_factory=list)


@dataclass
class LimeSurvey:
    """All of it; ``unread`` are parts of the file that hold something and are not read."""

    languages: list[str]
    settings: dict[str, str] = field(default_factory=dict)
    texts: dict[str, Texts] = field(default_factory=dict)
    groups: list[LimeGroup] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
