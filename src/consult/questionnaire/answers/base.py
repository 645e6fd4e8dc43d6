"""What every question type shares: its definition, and the seven steps of an answer.

One class per answer type carries the definition as it stands in ``survey.yaml`` and all that can
happen to an answer of that type: gather (a form's fields to form text), parse (form text to value),
raw (back), store and restore (JSON), review (wording for check answers), columns and cells (dataset
and export), and its condition type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

Identifier = r"^[a-z][a-z0-9_]{0,63}$"
ConditionType = Literal["string", "list", "int", "double"]
Role = Literal["area", "age", "sex", "group", "strand", "tax_band", "equality"]
#: What the analysis can do with an answer: the types of codebook.json.
Kind = Literal[
    "choice", "choices", "scale", "number", "money", "date", "short_text", "long_text",
    "ranking", "points", "best_worst",
]  # fmt: skip

#: A typed answer: an option's code, several codes, a number, or text.
Value = Any
Json = str | int | list[str] | dict[str, int]
#: A form as it was sent: its fields' texts by name.
Form = Mapping[str, Sequence[str]]


class Frozen(BaseModel):
    """A definition: never changed once read, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Invalid(ValueError):
    """An answer that cannot be taken, with a message for the respondent.

    ``message`` is a gettext message id with ``%(name)s`` places filled from ``params``.
    """

    def __init__(self, message: str, **params: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


#: Nobody reads more than this in a question, and a slip of the clipboard has more.
Line = Annotated[str, Field(max_length=2_000)]
Prose = Annotated[str, Field(max_length=50_000)]
Lines = Mapping[str, Line]


class Labels(BaseModel):
    """What a question is called in one language (from ``<lang>.yaml``)."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    ask: Line = Field(default="", description="The question as the respondent reads it.")
    hint: Line = Field(default="", description="A sentence of help below the question.")
    short: Line = Field(default="", description="A few words for tables, charts and check answers.")
    body: Prose = Field(default="", description="Markdown shown above the question.")
    unanswered: Line = Field(default="", description="Said in place of a piped answer not given.")
    suffix: Line = Field(default="", description="A unit shown after a number.")
    options: Lines = Field(default_factory=dict)
    hints: Lines = Field(default_factory=dict, description="Hints by option code.")
    words: Lines = Field(
        default_factory=dict,
        description="What is asked of whoever picks an option that wants words.",
    )
    nets: Lines = Field(default_factory=dict)
    rows: Lines = Field(default_factory=dict, description="Rows of a grid.")
    documents: Lines = Field(default_factory=dict, description="Names of documents.")
    #: What a grid asks of each of its rows; made, never written.
    _stem: str = PrivateAttr(default="")

    @property
    def stem(self) -> str:
        """What a grid asks of all its rows."""
        return self._stem

    def under(self, stem: str, **said: object) -> Labels:
        """These labels with ``said`` in them, as one row under a grid's question."""
        made = self.model_copy(update=said)
        made._stem = stem
        return made


class Measure(Frozen):
    """What is tracked from wave to wave, and which way is better.

    Figures are percent of those who answered where a net is tracked, else in the question's unit.
    """

    direction: Literal["up", "down", "hold"] = Field(
        description="up: more is better; down: less is; hold: it should stay at the target."
    )
    net: str | None = Field(default=None, description="The net that is tracked.")
    baseline: float | None = Field(default=None, description="Where it stood: 62 is 62%.")
    baseline_error: float | None = Field(
        default=None, ge=0, description="The standard error of the baseline, where it is known."
    )
    baseline_when: str = Field(
        default="", max_length=60, coerce_numbers_to_str=True, description="Such as 2010/11."
    )
    baseline_channel: Literal["", "web", "paper", "telephone", "kiosk", "meeting", "letter"] = (
        Field(default="", description="How the baseline was asked.")
    )
    reworded: bool = Field(default=False, description="The baseline was asked in other words.")
    target: float | None = Field(default=None, description="Where it should be: 64 is 64%.")
    tolerance: float = Field(default=0, ge=0, description="How far hold may be from its target.")

    @property
    def stated(self) -> tuple[float, ...]:
        """The figures that are given."""
        return tuple(figure for figure in (self.baseline, self.target) if figure is not None)


class Question(Frozen):
    """A question of any type; its answer is a text unless its class says otherwise."""

    takes_answer: ClassVar[bool] = True
    kind: ClassVar[Kind]
    #: About how long an answer takes, beside the reading (``paths.py`` adds them up).
    seconds: ClassVar[float] = 5
    type: str = Field(description="Each class allows its own name alone.")
    id: str = Field(pattern=Identifier, description="Name used in conditions and exports.")
    required: bool = False
    when: str | None = Field(default=None, description="CEL condition on earlier answers.")
    role: Role | None = Field(default=None, description="What the answer says of the respondent.")
    measure: Measure | None = Field(default=None, description="Tracked from wave to wave.")

    # -- what is asked ---------------------------------------------------------------------------

    def expand(self) -> tuple[Question, ...]:
        """The questions this one stands for, each asked on a page of its own: itself alone."""
        return (self,)

    def companions(self) -> tuple[Question, ...]:
        """Questions asked in the same breath: "other, please say"."""
        return ()

    def wants(self, companion: Question, value: Value) -> bool:
        """Whether a companion is asked of who answered ``value``."""
        return True

    def labels_of(self, question: Question, labels: Labels) -> Labels:
        """The wording of one that ``expand`` or ``companions`` made, from this one's."""
        return labels

    # -- an answer -------------------------------------------------------------------------------

    @property
    def condition_type(self) -> ConditionType:
        """The type a condition sees."""
        return "string"

    def gather(self, form: Form) -> list[str]:
        """The form text of this question from a form's fields."""
        return [str(text) for text in form.get(self.id, ())]

    def parse(self, raw: Sequence[str]) -> Value | None:
        """The typed value of what a form sent, None if left empty. Raises Invalid."""
        raise NotImplementedError

    def raw(self, value: Value) -> list[str]:
        """The form text that parses to ``value``."""
        return [str(value)]

    def store(self, value: Value) -> Json:
        """``value`` as JSON can hold it without loss."""
        return str(value)

    def restore(self, stored: Json) -> Value:
        """The inverse of ``store``."""
        return str(stored)

    def review(self, value: Value, labels: Labels) -> str:
        """``value`` in words."""
        raise NotImplementedError

    def condition_value(self, value: Value) -> str | int | float | list[str]:
        """``value`` as a condition sees it."""
        return str(value)

    def columns(self) -> list[tuple[str, str | None]]:
        """Dataset columns as (name, option code or None)."""
        return [(self.id, None)]

    def cells(self, value: Value) -> dict[str, str]:
        """``value`` as cells of a dataset's row, by column name."""
        return {self.id: self.raw(value)[0]}

    def from_cells(self, cells: Mapping[str, str]) -> list[str]:
        """Form text from the cells of a row (the inverse of ``cells``). Raises Invalid."""
        cell = cells.get(self.id, "")
        return [cell] if cell else []


def first(raw: Sequence[str]) -> str:
    """The first text sent, stripped; empty where nothing was sent."""
    return raw[0].strip() if raw else ""


class InParts(Question):
    """A question whose form has several fields, ``<id>.<part>``; its form text is ``part=text``."""

    def parts(self) -> tuple[str, ...]:
        """The names of the parts, in order."""
        raise NotImplementedError

    def gather(self, form: Form) -> list[str]:
        sent = {part: first(form.get(f"{self.id}.{part}", ())) for part in self.parts()}
        return [f"{part}={text}" for part, text in sent.items() if text]

    def given(self, raw: Sequence[str]) -> dict[str, str]:
        """What was typed, by part. Raises Invalid for a part that is not asked for."""
        given: dict[str, str] = {}
        for entry in raw:
            part, _, text = entry.partition("=")
            if part not in self.parts():
                raise Invalid(N_("Select from the options listed"))
            if text.strip():
                given[part] = text.strip()
        return given

    def given_or_none(self, raw: Sequence[str]) -> dict[str, str]:
        """What was typed, to be shown again; nothing of what was not asked for."""
        try:
            return self.given(raw)
        except Invalid:
            return {}


def N_(message: str) -> str:  # noqa: N802  gettext's name for "to be translated later"
    """Mark a message for translation."""
    return message


def whole(text: str, highest: int) -> int:
    """A whole number from 0 to ``highest``. Raises Invalid."""
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(highest)):
        raise Invalid(N_("Enter whole numbers from 0 to %(maximum)s"), maximum=highest)
    if int(text) > highest:
        raise Invalid(N_("Enter whole numbers from 0 to %(maximum)s"), maximum=highest)
    return int(text)
