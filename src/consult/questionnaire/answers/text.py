"""Words: short and long text, and statements that ask nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import re2
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from consult.questionnaire.answers.base import (
    N_,
    Frozen,
    Identifier,
    Invalid,
    Kind,
    Labels,
    Question,
    first,
)


def _usable(pattern: str) -> str:
    try:
        re2.compile(pattern)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise PydanticCustomError(
            "pattern",
            "should be a pattern (RE2: no look-around, no back-references): {reason}",
            {"reason": reason[:120]},
        ) from None
    return pattern


#: RE2 takes time in proportion to the text, whatever the pattern: nobody can write one that hangs.
Pattern = Annotated[str, Field(max_length=500), AfterValidator(_usable)]


class Text(Question):
    """Text up to ``maximum`` characters."""

    maximum: int

    def review(self, value: str, labels: Labels) -> str:
        return value

    def _within(self, text: str) -> str | None:
        if len(text) > self.maximum:
            raise Invalid(
                N_("Your answer must be %(maximum)s characters or fewer; it has %(length)s"),
                maximum=f"{self.maximum:,}",
                length=f"{len(text):,}",
            )
        return text or None


class ShortText(Text):
    """Text of one line."""

    kind: ClassVar[Kind] = "short_text"
    seconds: ClassVar[float] = 8
    type: Literal["short_text"]
    maximum: int = Field(default=200, ge=1, le=1_000, description="Characters.")
    pattern: Pattern | None = Field(default=None, description="RE2; all of the answer fits it.")

    def parse(self, raw: Sequence[str]) -> str | None:
        text = self._within(re.sub(r"[\s\x00]+", " ", first(raw)).strip())
        if text and self.pattern and not re2.fullmatch(self.pattern, text):
            raise Invalid(N_("Enter your answer in the form that is asked for"))
        return text


class LongText(Text):
    """Text of any number of lines."""

    kind: ClassVar[Kind] = "long_text"
    seconds: ClassVar[float] = 45
    type: Literal["long_text"]
    maximum: int = Field(default=20_000, ge=1, le=500_000, description="Characters.")

    def parse(self, raw: Sequence[str]) -> str | None:
        # Browsers send CRLF; spreadsheets and JSON hold LF. NUL cannot be stored by PostgreSQL.
        text = raw[0] if raw else ""
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
        return self._within(text)


class LinkedDocument(Frozen):
    """A document to read before answering; what it is called is wording."""

    id: str = Field(pattern=Identifier)
    url: str = Field(pattern=r'^(https://[^\s<>"]+|/[^\s<>"/][^\s<>"]*)$', max_length=2_000)


class Statement(Question):
    """Something to read, with documents where there are any; it takes no answer."""

    takes_answer: ClassVar[bool] = False

    kind: ClassVar[Kind] = "short_text"
    seconds: ClassVar[float] = 0
    type: Literal["statement"]
    documents: tuple[LinkedDocument, ...] = ()

    def parse(self, raw: Sequence[str]) -> None:
        return None

    def columns(self) -> list[tuple[str, str | None]]:
        return []

    def cells(self, value: Any) -> dict[str, str]:
        return {}
