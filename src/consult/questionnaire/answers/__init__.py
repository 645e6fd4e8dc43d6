"""Question types, one class each."""

from typing import Annotated

from pydantic import Field

from consult.questionnaire.answers.base import Frozen, Invalid, Json, Labels, Question, Value
from consult.questionnaire.answers.choice import Choice, Choices, OneOf, Option, Optioned, Scale
from consult.questionnaire.answers.numeric import Money, Number, Numeric
from consult.questionnaire.answers.text import LongText, Statement

#: Every question type; a new one is added here, in web/forms.py and in ARCHITECTURE.md's list.
AnyQuestion = Annotated[
    Choice | Choices | Scale | Number | Money | LongText | Statement, Field(discriminator="type")
]

__all__ = [
    "AnyQuestion",
    "Choice",
    "Choices",
    "Frozen",
    "Invalid",
    "Json",
    "Labels",
    "LongText",
    "Money",
    "Number",
    "Numeric",
    "OneOf",
    "Option",
    "Optioned",
    "Question",
    "Scale",
    "Statement",
    "Value",
]
