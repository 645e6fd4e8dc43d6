"""Dates, in three fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from consult.questionnaire.answers.base import N_, InParts, Invalid, Json, Kind, Labels

WRITTEN = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)|(\d\d?)[/. -](\d\d?)[/. -](\d{4})")


class Date(InParts):
    """A day; conditions see it as text, ``2026-03-27``, which compares as dates do."""

    kind: ClassVar[Kind] = "date"
    seconds: ClassVar[float] = 12
    type: Literal["date"]
    minimum: date | None = None
    maximum: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minimum and self.maximum and self.minimum > self.maximum:
            raise ValueError("range")
        return self

    def parts(self) -> tuple[str, ...]:
        return ("day", "month", "year")

    def parse(self, raw: Sequence[str]) -> date | None:
        given = self.given(raw)
        if not given:
            return None
        missing = next((part for part in self.parts() if part not in given), None)
        if missing:
            raise Invalid(
                {
                    "day": N_("The date must include a day"),
                    "month": N_("The date must include a month"),
                    "year": N_("The date must include a year"),
                }[missing]
            )
        if not re.fullmatch(r"[0-9]{4}", given["year"]):
            raise Invalid(N_("The year must have four numbers, like 2026"))
        try:
            value = date(*(int(given[part]) for part in ("year", "month", "day")))
        except ValueError:
            raise Invalid(N_("Enter a real date, like 27 3 2026")) from None
        if self.minimum and value < self.minimum:
            raise Invalid(N_("Enter a date on or after %(day)s"), day=spoken(self.minimum))
        if self.maximum and value > self.maximum:
            raise Invalid(N_("Enter a date on or before %(day)s"), day=spoken(self.maximum))
        return value

    def raw(self, value: date) -> list[str]:
        return [f"day={value.day}", f"month={value.month}", f"year={value.year:04}"]

    def store(self, value: date) -> Json:
        return value.isoformat()

    def restore(self, stored: Json) -> date:
        return date.fromisoformat(str(stored))

    def review(self, value: date, labels: Labels) -> str:
        return spoken(value)

    def condition_value(self, value: date) -> str:
        return value.isoformat()

    def cells(self, value: date) -> dict[str, str]:
        return {self.id: value.isoformat()}

    def from_cells(self, cells: Mapping[str, str]) -> list[str]:
        cell = cells.get(self.id, "").strip()
        if not cell:
            return []
        # A spreadsheet adds an hour to a day, and writes it the British way round.
        found = WRITTEN.fullmatch(cell.removesuffix(" 00:00:00"))
        if not found:
            raise Invalid(N_("Write the date like 2026-03-27"))
        year, month, day = found[1] or found[6], found[2] or found[5], found[3] or found[4]
        return [f"day={int(day)}", f"month={int(month)}", f"year={year}"]


def spoken(day: date) -> str:
    """A day in figures: the same in every language."""
    return datetime.combine(day, datetime.min.time()).strftime("%d/%m/%Y")
