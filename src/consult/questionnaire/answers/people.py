"""What only a public body asks: the council tax band, the area of a postcode, consent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from consult.questionnaire.answers.base import N_, Form, Invalid, Labels, Question, Value, first
from consult.questionnaire.answers.choice import OneOf, Option
from consult.questionnaire.answers.text import ShortText

#: Every shape of a British postcode, or its sector (outward part, a space, one digit).
POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9])([A-Z]{2})")
TYPED = "postcode="


class TaxBand(OneOf):
    """A council tax band; beside each stands what it pays, where the survey has a precept."""

    type: Literal["tax_band"]
    options: tuple[Option, ...] = tuple(
        Option(code=code) for code in (*"abcdefgh", "dont_know", "no_council_tax")
    )


class Consent(OneOf):
    """Agreement, given by ticking one box."""

    type: Literal["consent"]
    options: tuple[Option, ...] = (Option(code="yes"),)


class Postcode(OneOf):
    """The area somebody lives in, found by their postcode or picked from the list.

    A postcode is looked up as soon as it is sent (``respond``) and never stored: form text is
    the area's code, or ``postcode=…`` for one that could not be found.
    """

    seconds: ClassVar[float] = 8
    type: Literal["postcode"]
    lookup: str = Field(default="areas", description="The lookup file that was loaded.")
    keeps: Literal["area", "sector"] = Field(
        default="area", description="sector: the first part and one digit is kept as well."
    )

    def companions(self) -> tuple[Question, ...]:
        sector = ShortText(type="short_text", id=f"{self.id}_sector"[:64], maximum=10)
        return (*super().companions(), *((sector,) if self.keeps == "sector" else ()))

    def wants(self, companion: Question, value: Value) -> bool:
        return companion.id == f"{self.id}_sector" or super().wants(companion, value)

    def labels_of(self, question: Question, labels: Labels) -> Labels:
        if question.id == f"{self.id}_sector":
            return Labels(ask=labels.ask, short=f"{labels.short or labels.ask} (sector)")
        return super().labels_of(question, labels)

    def gather(self, form: Form) -> list[str]:
        text = first(form.get(f"{self.id}.postcode", ()))
        return [f"{TYPED}{text}"] if text else super().gather(form)

    def parse(self, raw: Sequence[str]) -> str | None:
        if typed(raw):
            if normal(typed(raw)) is None:
                raise Invalid(N_("Enter a full postcode, like CV21 1AA, or select your area"))
            raise Invalid(N_("We do not know this postcode. Select your area instead"))
        return super().parse(raw)


def typed(raw: Sequence[str]) -> str:
    """The postcode in form text that was not looked up, or could not be found."""
    return raw[0].removeprefix(TYPED) if raw and raw[0].startswith(TYPED) else ""


def normal(text: str) -> str | None:
    """A postcode as it is written, ``CV21 1AA``; None where it is none."""
    found = POSTCODE.fullmatch(re.sub(r"\s+", " ", text.strip().upper()))
    return f"{found[1]} {found[2]}{found[3]}" if found else None


def sector(postcode: str) -> str:
    """The sector of a normal postcode: ``CV21 1``."""
    return postcode[:-2]
