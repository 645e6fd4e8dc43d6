"""What every question type shares: its definition, and the seven steps of an answer.

One class per answer type carries the definition as it stands in ``survey.yaml`` and all that can
happen to an answer of that type: parse (form text to value), raw (back), store and restore (JSON),
review (wording for check answers), columns and cells (dataset and export), and its condition type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Identifier = r"^[a-z][a-z0-9_]{0,63}$"
ConditionType = Literal["string", "list", "int", "double"]
Role = Literal["area", "age", "sex", "group", "tax_band", "equality"]

#: A typed answer: an option's code, several codes, a number, or text.
Value = Any
Json = str | int | list[str]


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


class Labels(BaseModel):
    """What a question is called in one language (from ``<lang>.yaml``)."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    ask: str = Field(default="", description="The question as the respondent reads it.")
    hint: str = Field(default="", description="A sentence of help below the question.")
    short: str = Field(default="", description="A few words for tables, charts and check answers.")
    body: str = Field(default="", description="Markdown shown above the question.")
    unanswered: str = Field(default="", description="Said in place of a piped answer not given.")
    suffix: str = Field(default="", description="A unit shown after a number.")
    options: Mapping[str, str] = Field(default_factory=dict)
    hints: Mapping[str, str] = Field(default_factory=dict, description="Hints by option code.")
    nets: Mapping[str, str] = Field(default_factory=dict)


class Question(Frozen):
    """A question of any type; its answer is a text unless its class says otherwise."""

    takes_answer: ClassVar[bool] = True
    type: str = Field(description="Each class allows its own name alone.")
    id: str = Field(pattern=Identifier, description="Name used in conditions and exports.")
    required: bool = False
    when: str | None = Field(default=None, description="CEL condition on earlier answers.")
    role: Role | None = Field(default=None, description="What the answer says of the respondent.")

    @property
    def condition_type(self) -> ConditionType:
        """The type a condition sees."""
        return "string"

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
