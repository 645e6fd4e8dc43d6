"""The columns of an XLSForm's question, as keys of ours."""

from __future__ import annotations

from decimal import Decimal

from consult.questionnaire.formats import constraints, xpath
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.formats.outcome import FormatError
from consult.questionnaire.formats.sketch import Asked
from consult.questionnaire.formats.workbook import Row
from consult.questionnaire.formats.xlsform_tables import NO, YES, Tables
from consult.questionnaire.formats.xlsform_types import (
    HARMLESS_COLUMNS,
    canonical_column,
    parameters,
)


class Columns(Tables):
    """A method for each column beside type, name and wording."""

    def _looks(self, row: Row, asked: Asked) -> None:
        looks = set(row.get("appearance").lower().split())
        if asked.type == "choice":
            if "likert" in looks:
                asked.type = "scale"
            elif looks & {"autocomplete", "search"}:
                asked.keys["autocomplete"] = True
        if asked.type == "short_text" and "multiline" in looks:
            asked.type = "long_text"

    def _parameters(self, row: Row, asked: Asked) -> None:
        for key, value in parameters(row.get("parameters")).items():
            if key == "randomize" and asked.options:
                if value.lower() == "true":
                    asked.keys["shuffle"] = True
            elif row.get("type").lower().startswith("range") and key in {"start", "end", "step"}:
                self._range(row, asked, key, value)
            else:
                self.notebook.add(
                    row.place,
                    f"the parameter '{key}={value}' is not carried over",
                    "There is none like it here.",
                )

    def _range(self, row: Row, asked: Asked, key: str, value: str) -> None:
        try:
            number = Decimal(value)
        except ArithmeticError:
            raise FormatError(
                row.place, f"'{key}={value}' is no number", "Mend the cell."
            ) from None
        places = max(0, -int(number.normalize().as_tuple().exponent)) if number.is_finite() else 0
        if places:
            asked.keys["decimals"] = max(places, asked.keys.get("decimals", 0))
        if key == "step":
            if number not in {Decimal(1).scaleb(-n) for n in range(7)}:
                self.notebook.add(
                    row.place,
                    f"the step of {value} is not carried over",
                    "Any number within the bounds can be given.",
                )
        else:
            asked.keys["minimum" if key == "start" else "maximum"] = constraints.number(number)

    def _required(self, row: Row, asked: Asked) -> None:
        text = row.get("required")
        if text.lower() in YES and asked.type != "statement":
            asked.keys["required"] = True
        elif text.lower() not in NO | YES:
            self.notebook.add(
                row.place,
                f"'{asked.name}' is required under a condition: {text[:200]}",
                "It can be left out now; make it 'required', or ask it under that condition.",
            )

    def _constraint(self, row: Row, asked: Asked) -> None:
        text = row.get("constraint")
        if not text:
            return
        try:
            found = constraints.read(
                xpath.read(text), asked.type, int(asked.keys.get("decimals", 0))
            )
            unknown = set(found.exclusive) - {option.name for option in asked.options}
            if unknown:
                raise NotUnderstood(f"'{unknown.pop()}' is no option")
        except NotUnderstood as error:
            self.notebook.add(
                row.place,
                f"the constraint of '{asked.name}' is not carried over: {error}",
                f"Any answer of that type is taken. It said: {text[:200]}",
            )
            return
        asked.keys |= found.keys
        for option in asked.options:
            option.exclusive = option.name in found.exclusive
        if row.get("constraint_message") or any(
            h.startswith("constraint_message") for h in row.cells
        ):
            self.lost.setdefault("messages are our own, in every language", []).append(
                f"constraint_message of {asked.name}"
            )

    def _other_columns(self, row: Row, mapped: set[str]) -> None:
        for heading, text in row.cells.items():
            column = canonical_column(heading.partition("::")[0])
            if column in mapped | HARMLESS_COLUMNS or not text:
                continue
            if column == "constraint_message":
                continue
            self.notebook.add(
                row.place,
                f"'{heading}' of '{row.get('name')}' is not carried over",
                f"There is nothing like it here. It said: {text[:120]}",
            )
