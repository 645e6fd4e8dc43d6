"""Choices among options: one (choice, scale) or several (choices)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from consult.questionnaire.answers.base import (
    N_,
    ConditionType,
    Frozen,
    Invalid,
    Json,
    Kind,
    Labels,
    Question,
    Value,
)
from consult.questionnaire.answers.text import ShortText

CODE = r"^[a-z0-9][a-z0-9_-]{0,63}$"


class Option(Frozen):
    """An option of a question; written as its code alone where it has no settings."""

    code: str = Field(pattern=CODE)
    exclusive: bool = Field(default=False, description="Excludes every other option.")
    not_in_population: bool = Field(
        default=False, description="Has no population figure: counts as missing when weighting."
    )
    words: bool = Field(default=False, description="Asks for words: other, please say.")
    fixed: bool = Field(default=False, description="Keeps its place where options are shuffled.")

    @model_validator(mode="before")
    @classmethod
    def _code_alone(cls, data: Any) -> Any:
        if isinstance(data, dict | Option):
            return data
        if not isinstance(data, str):
            raise PydanticCustomError("option_type", "should be text")
        return {"code": data}


class Optioned(Question):
    """A question with a list of options."""

    options: tuple[Option, ...] = Field(max_length=5_000)
    shuffle: bool = Field(default=False, description="Options in an order of chance.")

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Option codes in the order they are shown."""
        return tuple(option.code for option in self.options)

    def stays(self, option: Option) -> bool:
        """Whether an option keeps its place when the others are shuffled."""
        return option.fixed or option.exclusive or option.words

    def companions(self) -> tuple[Question, ...]:
        return self._companions

    @cached_property
    def _companions(self) -> tuple[Question, ...]:
        return tuple(
            ShortText(type="short_text", id=f"{self.id}_{o.code.replace('-', '_')}"[:64])
            for o in self.options
            if o.words
        )

    def wants(self, companion: Question, value: Value) -> bool:
        chosen = (value,) if isinstance(value, str) else value
        return self.code_of(companion) in chosen

    def labels_of(self, question: Question, labels: Labels) -> Labels:
        code = self.code_of(question)
        option = labels.options.get(code, code)
        short = f"{labels.short or labels.ask} – {option}"
        return Labels(ask=labels.words.get(code, option), short=short)

    def code_of(self, companion: Question) -> str:
        """The option whose words ``companion`` takes."""
        wanting = (option.code for option in self.options if option.words)
        return next(
            c for c, made in zip(wanting, self.companions(), strict=True) if made.id == companion.id
        )


class OneOf(Optioned):
    """A question answered by one option."""

    kind: ClassVar[Kind] = "choice"
    seconds: ClassVar[float] = 4
    nets: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Codes counted together, such as top two."
    )

    def parse(self, raw: Sequence[str]) -> str | None:
        chosen = [code for code in raw if code]
        if not chosen:
            return None
        if len(set(chosen)) > 1 or chosen[0] not in self.codes:
            raise Invalid(N_("Select one of the options"))
        return chosen[0]

    def review(self, value: str, labels: Labels) -> str:
        return labels.options.get(value, value)


class Choice(OneOf):
    """One option of several: radios, or a list to type into where there are many."""

    type: Literal["choice"]
    autocomplete: bool = Field(default=False, description="A list to type into, for many options.")


class Scale(OneOf):
    """One point of an ordered scale; options listed as ``apart`` stand outside it."""

    kind: ClassVar[Kind] = "scale"
    type: Literal["scale"]
    apart: tuple[str, ...] = Field(default=(), description="Codes outside the scale: don't know.")

    def stays(self, option: Option) -> bool:
        return option.code in self.apart or super().stays(option)


class Choices(Optioned):
    """Any number of options (checkboxes)."""

    kind: ClassVar[Kind] = "choices"
    seconds: ClassVar[float] = 8
    type: Literal["choices"]
    minimum: int | None = Field(default=None, ge=1)
    maximum: int | None = Field(default=None, ge=1)

    @property
    def condition_type(self) -> ConditionType:
        return "list"

    def parse(self, raw: Sequence[str]) -> tuple[str, ...] | None:
        chosen = {code for code in raw if code}
        if not chosen:
            return None
        if not chosen <= set(self.codes):
            raise Invalid(N_("Select from the options listed"))
        alone = {option.code for option in self.options if option.exclusive} & chosen
        if alone and len(chosen) > 1:
            raise Invalid(N_("Select either the option that stands alone, or any of the others"))
        if self.maximum and len(chosen) > self.maximum:
            raise Invalid(N_("Select %(maximum)s options or fewer"), maximum=self.maximum)
        if self.minimum and len(chosen) < self.minimum and not alone:
            raise Invalid(N_("Select %(minimum)s options or more"), minimum=self.minimum)
        return tuple(code for code in self.codes if code in chosen)

    def raw(self, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def store(self, value: tuple[str, ...]) -> Json:
        return list(value)

    def restore(self, stored: Json) -> tuple[str, ...]:
        assert isinstance(stored, list)  # noqa: S101  what store() made
        return tuple(stored)

    def review(self, value: tuple[str, ...], labels: Labels) -> str:
        return "\n".join(labels.options.get(code, code) for code in value)

    def condition_value(self, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def columns(self) -> list[tuple[str, str | None]]:
        return [(f"{self.id}.{code}", code) for code in self.codes]

    def cells(self, value: tuple[str, ...]) -> dict[str, str]:
        return {f"{self.id}.{code}": "1" if code in value else "0" for code in self.codes}

    def from_cells(self, cells: Mapping[str, str]) -> list[str]:
        chosen = []
        for name, code in self.columns():
            cell = cells.get(name, "").strip()
            if cell not in {"", "0", "1"}:
                raise Invalid(N_("Write 1 for chosen, 0 for not chosen, or leave the cell empty"))
            if cell == "1" and code:
                chosen.append(code)
        return chosen
