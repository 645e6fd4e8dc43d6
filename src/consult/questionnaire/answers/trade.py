"""Questions that make people trade one thing for another: ranking, points, best and worst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from consult.questionnaire.answers.base import (
    N_,
    ConditionType,
    InParts,
    Invalid,
    Json,
    Kind,
    Labels,
    Question,
    whole,
)
from consult.questionnaire.answers.choice import Option, Optioned, Scale


class Ranking(InParts, Optioned):
    """Options put in order, the most important first; only the first ``top`` where that is set."""

    kind: ClassVar[Kind] = "ranking"
    seconds: ClassVar[float] = 25
    type: Literal["ranking"]
    top: int | None = Field(default=None, ge=1, description="How many places there are to fill.")

    @property
    def places(self) -> int:
        """How many places there are."""
        return min(self.top or len(self.options), len(self.options))

    @property
    def condition_type(self) -> ConditionType:
        return "list"

    def parts(self) -> tuple[str, ...]:
        return tuple(str(place) for place in range(1, self.places + 1))

    def parse(self, raw: Sequence[str]) -> tuple[str, ...] | None:
        given = self.given(raw)
        if not given:
            return None
        chosen = [given.get(place, "") for place in self.parts()]
        filled = [code for code in chosen if code]
        if not set(filled) <= set(self.codes):
            raise Invalid(N_("Select from the options listed"))
        if len(set(filled)) < len(filled):
            raise Invalid(N_("Select a different answer for each place"))
        if chosen[: len(filled)] != filled:
            raise Invalid(N_("Fill the places in order, from the first"))
        return tuple(filled)

    def raw(self, value: tuple[str, ...]) -> list[str]:
        return [f"{place}={code}" for place, code in enumerate(value, start=1)]

    def store(self, value: tuple[str, ...]) -> Json:
        return list(value)

    def restore(self, stored: Json) -> tuple[str, ...]:
        assert isinstance(stored, list)  # noqa: S101  what store() made
        return tuple(stored)

    def review(self, value: tuple[str, ...], labels: Labels) -> str:
        named = [labels.options.get(code, code) for code in value]
        return "\n".join(f"{place}. {name}" for place, name in enumerate(named, start=1))

    def condition_value(self, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def columns(self) -> list[tuple[str, str | None]]:
        return [(f"{self.id}.{code}", code) for code in self.codes]

    def cells(self, value: tuple[str, ...]) -> dict[str, str]:
        place = {code: str(number) for number, code in enumerate(value, start=1)}
        return {f"{self.id}.{code}": place.get(code, "") for code in self.codes}

    def from_cells(self, cells: Mapping[str, str]) -> list[str]:
        found = {code: cells.get(name, "").strip() for name, code in self.columns() if code}
        return sorted(
            f"{whole(place, self.places)}={code}" for code, place in found.items() if place
        )


class Points(InParts, Optioned):
    """A number of points shared out among the options; an option left empty has none."""

    kind: ClassVar[Kind] = "points"
    seconds: ClassVar[float] = 30
    type: Literal["points"]
    total: int = Field(default=100, ge=1, le=10_000, description="Points to share out.")

    @property
    def condition_type(self) -> ConditionType:
        return "list"

    def parts(self) -> tuple[str, ...]:
        return self.codes

    def parse(self, raw: Sequence[str]) -> dict[str, int] | None:
        given = self.given(raw)
        if not given:
            return None
        shared = {code: whole(given.get(code, "0"), self.total) for code in self.codes}
        together = sum(shared.values())
        if together != self.total:
            raise Invalid(
                N_("Your points must add up to %(total)s; now they add up to %(together)s"),
                total=self.total,
                together=together,
            )
        return shared

    def raw(self, value: dict[str, int]) -> list[str]:
        return [f"{code}={points}" for code, points in value.items()]

    def store(self, value: dict[str, int]) -> Json:
        return dict(value)

    def restore(self, stored: Json) -> dict[str, int]:
        assert isinstance(stored, dict)  # noqa: S101  what store() made
        return {code: stored.get(code, 0) for code in self.codes}

    def review(self, value: dict[str, int], labels: Labels) -> str:
        shared = [(code, points) for code, points in value.items() if points]
        return "\n".join(f"{labels.options.get(code, code)}: {points}" for code, points in shared)

    def condition_value(self, value: dict[str, int]) -> list[str]:
        return [code for code, points in value.items() if points]

    def columns(self) -> list[tuple[str, str | None]]:
        return [(f"{self.id}.{code}", code) for code in self.codes]

    def cells(self, value: dict[str, int]) -> dict[str, str]:
        return {f"{self.id}.{code}": str(points) for code, points in value.items()}

    def from_cells(self, cells: Mapping[str, str]) -> list[str]:
        found = {code: cells.get(name, "").strip() for name, code in self.columns() if code}
        return [f"{code}={points}" for code, points in found.items() if points]


class BestWorstSet(InParts, Optioned):
    """One set of a best–worst question: which of these matters most, which least."""

    kind: ClassVar[Kind] = "best_worst"
    seconds: ClassVar[float] = 15
    type: Literal["best_worst_set"]

    @property
    def condition_type(self) -> ConditionType:
        return "list"

    def parts(self) -> tuple[str, ...]:
        return ("best", "worst")

    def parse(self, raw: Sequence[str]) -> tuple[str, str] | None:
        given = self.given(raw)
        if not given:
            return None
        if not set(given.values()) <= set(self.codes):
            raise Invalid(N_("Select from the options listed"))
        if len(given) < 2:
            raise Invalid(N_("Select one for each of the two questions"))
        if given["best"] == given["worst"]:
            raise Invalid(N_("Select two different answers"))
        return given["best"], given["worst"]

    def raw(self, value: tuple[str, str]) -> list[str]:
        return [f"best={value[0]}", f"worst={value[1]}"]

    def store(self, value: tuple[str, str]) -> Json:
        return list(value)

    def restore(self, stored: Json) -> tuple[str, str]:
        assert isinstance(stored, list)  # noqa: S101  what store() made
        best, worst = stored
        return best, worst

    def review(self, value: tuple[str, str], labels: Labels) -> str:
        named = [labels.options.get(code, code) for code in value]
        return "\n".join(f"{mark} {name}" for mark, name in zip("+−", named, strict=True))

    def condition_value(self, value: tuple[str, str]) -> list[str]:
        return list(value)

    def columns(self) -> list[tuple[str, str | None]]:
        return [(f"{self.id}.{part}", part) for part in self.parts()]

    def cells(self, value: tuple[str, str]) -> dict[str, str]:
        return {f"{self.id}.best": value[0], f"{self.id}.worst": value[1]}

    def from_cells(self, cells: Mapping[str, str]) -> list[str]:
        found = {part: cells.get(name, "").strip() for name, part in self.columns()}
        return [f"{part}={code}" for part, code in found.items() if code]


class BestWorst(Optioned):
    """Best–worst scaling (MaxDiff; Finn and Louviere 1992): sets of options, asked one by one.

    ``design`` holds the options of every set; ``questionnaire/maxdiff.py`` makes a balanced one,
    and it is stored, so that everybody is shown the same sets.
    """

    takes_answer: ClassVar[bool] = False
    type: Literal["best_worst"]
    size: int = Field(default=4, ge=3, le=8, description="Options in a set.")
    sets: int | None = Field(default=None, ge=1, le=40, description="How many sets.")
    design: tuple[tuple[str, ...], ...] = Field(default=(), description="The options of each set.")

    def expand(self) -> tuple[Question, ...]:
        known = {option.code: option for option in self.options}
        return tuple(
            BestWorstSet(
                type="best_worst_set",
                id=f"{self.id}_{number}",
                required=self.required,
                options=tuple(known.get(code) or Option(code=code) for code in codes),
                shuffle=self.shuffle,
            )
            for number, codes in enumerate(self.design, start=1)
        )

    def labels_of(self, question: Question, labels: Labels) -> Labels:
        number = question.id.removeprefix(f"{self.id}_")
        return labels.model_copy(update={"short": f"{labels.short or labels.ask} ({number})"})


class Grid(Question):
    """Several things rated on one scale; each row is a question on a page of its own.

    A table of bare radio buttons is what screen readers and phones cannot use.
    """

    takes_answer: ClassVar[bool] = False
    type: Literal["grid"]
    rows: tuple[Option, ...] = Field(min_length=1)
    options: tuple[Option, ...]
    apart: tuple[str, ...] = Field(default=(), description="Codes outside the scale: don't know.")
    nets: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    shuffle: bool = Field(default=False, description="Rows in an order of chance.")

    @model_validator(mode="after")
    def _short_rows(self) -> Self:
        for row in self.rows:
            if "-" in row.code:
                raise ValueError("row")
        return self

    def expand(self) -> tuple[Question, ...]:
        return tuple(
            Scale(
                type="scale",
                id=f"{self.id}_{row.code}",
                required=self.required,
                options=self.options,
                apart=self.apart,
                nets=self.nets,
                measure=self.measure,
                role=self.role,
            )
            for row in self.rows
        )

    def labels_of(self, question: Question, labels: Labels) -> Labels:
        row = question.id.removeprefix(f"{self.id}_")
        text = labels.rows.get(row, row)
        return labels.under(labels.ask, ask=text, short=text)
