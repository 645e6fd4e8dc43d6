"""Numbers and sums of money."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from consult.questionnaire.answers.base import (
    N_,
    ConditionType,
    Invalid,
    Json,
    Kind,
    Labels,
    Question,
    first,
)

#: A number longer than this is a slip of the hand, and no figure anyone could mean.
LONGEST = 15
THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")


class Numeric(Question):
    """A number within bounds, with a fixed number of decimals."""

    kind: ClassVar[Kind] = "number"
    seconds: ClassVar[float] = 8
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def places(self) -> int:
        """How many decimals an answer may have."""
        raise NotImplementedError

    @property
    def condition_type(self) -> ConditionType:
        return "double" if self.places else "int"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("range")
        return self

    def parse(self, raw: Sequence[str]) -> Decimal | None:
        text = first(raw).replace("£", "").strip()
        if not text:
            return None
        try:
            # Commas part thousands; "12,50" is a slip, and no 1,250.
            value = Decimal(text.replace(",", "") if THOUSANDS.fullmatch(text) else text)
        except InvalidOperation:
            raise Invalid(N_("Enter a number, like %(example)s"), example=self._example) from None
        if not value.is_finite() or len(text) > LONGEST or "e" in text.lower():
            raise Invalid(N_("Enter a number, like %(example)s"), example=self._example)
        if value != round(value, self.places):
            if self.places == 0:
                raise Invalid(N_("Enter a whole number, like %(example)s"), example=self._example)
            raise Invalid(N_("Enter a number with at most %(places)s decimals"), places=self.places)
        if self.minimum is not None and value < self.minimum:
            raise Invalid(N_("Enter %(minimum)s or more"), minimum=self.plain(self.minimum))
        if self.maximum is not None and value > self.maximum:
            raise Invalid(N_("Enter %(maximum)s or less"), maximum=self.plain(self.maximum))
        return self._quantised(value)

    def _quantised(self, value: Decimal) -> Decimal:
        # "-0" would come back as "0" from a spreadsheet, so there is no minus zero here.
        return value.quantize(Decimal(1).scaleb(-self.places)) + Decimal(0)

    @property
    def _example(self) -> str:
        return self.plain(self.minimum if self.minimum else Decimal(12))

    def plain(self, value: Decimal) -> str:
        """``value`` with this question's decimals and no thousands separator."""
        return f"{value:.{self.places}f}"

    def raw(self, value: Decimal) -> list[str]:
        return [self.plain(value)]

    def store(self, value: Decimal) -> Json:
        # As text: a JSON number would pass through floating point.
        return self.plain(value)

    def restore(self, stored: Json) -> Decimal:
        return self._quantised(Decimal(str(stored)))

    def review(self, value: Decimal, labels: Labels) -> str:
        suffix = f" {labels.suffix}" if labels.suffix else ""
        return f"{value:,.{self.places}f}{suffix}"

    def condition_value(self, value: Decimal) -> int | float:
        return int(value) if self.places == 0 else float(value)


class Number(Numeric):
    """A number; whole unless ``decimals`` says otherwise."""

    type: Literal["number"]
    decimals: int = Field(default=0, ge=0, le=6)

    @property
    def places(self) -> int:
        return self.decimals


class Money(Numeric):
    """A sum in pounds and pence."""

    kind: ClassVar[Kind] = "money"
    type: Literal["money"]

    @property
    def places(self) -> int:
        return 2

    def review(self, value: Decimal, labels: Labels) -> str:
        return f"{'-' if value < 0 else ''}£{abs(value):,.2f}"


class PreceptAmount(Numeric):
    """A rise in the precept, in pounds a year for band D; what it costs is shown for the own band.

    A slider where the browser can, a number field where not.
    """

    kind: ClassVar[Kind] = "money"
    seconds: ClassVar[float] = 15
    type: Literal["precept_amount"]
    minimum: Decimal = Decimal(0)
    maximum: Decimal
    step: Decimal = Field(default=Decimal(1), gt=0, description="Amounts are this far apart.")

    @property
    def places(self) -> int:
        return 2

    def parse(self, raw: Sequence[str]) -> Decimal | None:
        value = super().parse(raw)
        if value is not None and (value - self.minimum) % self.step:
            raise Invalid(
                N_("Enter an amount in steps of £%(step)s, like £%(example)s"),
                step=f"{self.step.normalize():f}",
                example=f"{(self.minimum + self.step).normalize():f}",
            )
        return value

    def review(self, value: Decimal, labels: Labels) -> str:
        return f"{'-' if value < 0 else ''}£{abs(value):,.2f}"
