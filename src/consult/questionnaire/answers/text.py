"""Words: long text, and statements that ask nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from consult.questionnaire.answers.base import Invalid, Labels, Question
from consult.questionnaire.answers.choice import N_


class LongText(Question):
    """Text of any number of lines, up to ``maximum`` characters."""

    type: Literal["long_text"]
    maximum: int = Field(default=20_000, ge=1, le=500_000, description="Characters.")

    def parse(self, raw: Sequence[str]) -> str | None:
        # Browsers send CRLF; spreadsheets and JSON hold LF. NUL cannot be stored by PostgreSQL.
        text = raw[0] if raw else ""
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
        if len(text) > self.maximum:
            raise Invalid(
                N_("Your answer must be %(maximum)s characters or fewer; it has %(length)s"),
                maximum=f"{self.maximum:,}",
                length=f"{len(text):,}",
            )
        return text or None

    def review(self, value: str, labels: Labels) -> str:
        return value


class Statement(Question):
    """Something to read; it takes no answer."""

    takes_answer: ClassVar[bool] = False

    type: Literal["statement"]

    def parse(self, raw: Sequence[str]) -> None:
        return None

    def columns(self) -> list[tuple[str, str | None]]:
        return []

    def cells(self, value: Any) -> dict[str, str]:
        return {}
