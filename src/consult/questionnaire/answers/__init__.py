"""Question types, one class each."""

from typing import Annotated

from pydantic import Field

from consult.questionnaire.answers.base import (
    Form,
    Frozen,
    InParts,
    Invalid,
    Json,
    Labels,
    Measure,
    Question,
    Value,
)
from consult.questionnaire.answers.choice import Choice, Choices, OneOf, Option, Optioned, Scale
from consult.questionnaire.answers.date import Date
from consult.questionnaire.answers.numeric import Money, Number, Numeric, PreceptAmount
from consult.questionnaire.answers.people import Consent, Postcode, TaxBand
from consult.questionnaire.answers.text import LinkedDocument, LongText, ShortText, Statement, Text
from consult.questionnaire.answers.trade import BestWorst, BestWorstSet, Grid, Points, Ranking

#: Every question type; a new one is added here, in web/forms.py and in ARCHITECTURE.md's list.
AnyQuestion = Annotated[
    Choice
    | Choices
    | Scale
    | Number
    | Money
    | PreceptAmount
    | Date
    | ShortText
    | LongText
    | Ranking
    | Points
    | BestWorst
    | Grid
    | TaxBand
    | Postcode
    | Consent
    | Statement,
    Field(discriminator="type"),
]

__all__ = [
    "AnyQuestion",
    "BestWorst",
    "BestWorstSet",
    "Choice",
    "Choices",
    "Consent",
    "Date",
    "Form",
    "Frozen",
    "Grid",
    "InParts",
    "Invalid",
    "Json",
    "Labels",
    "LinkedDocument",
    "LongText",
    "Measure",
    "Money",
    "Number",
    "Numeric",
    "OneOf",
    "Option",
    "Optioned",
    "Points",
    "Postcode",
    "PreceptAmount",
    "Question",
    "Ranking",
    "Scale",
    "ShortText",
    "Statement",
    "TaxBand",
    "Text",
    "Value",
]
