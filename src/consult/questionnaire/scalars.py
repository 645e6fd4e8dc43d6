"""Single values of survey.yaml that are held to a form: languages, moments, hosts."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from consult.questionnaire import languages


def _known(language: str) -> str:
    if not languages.known(language):
        raise PydanticCustomError("language", "should be a language's code of two letters")
    return language


Language = Annotated[str, AfterValidator(_known)]


def _hour(value: Any) -> Any:
    """Refuse a day without its hour: it would be read as the midnight before."""
    day_alone = isinstance(value, str) and "T" not in value.upper() and ":" not in value
    if day_alone or isinstance(value, int | float):
        raise PydanticCustomError("datetime_hour", "should be a day and an hour")
    if isinstance(value, date) and not isinstance(value, datetime):
        raise PydanticCustomError("datetime_hour", "should be a day and an hour")
    return value


_WRITTEN = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?$"
Moment = Annotated[
    datetime, BeforeValidator(_hour), WithJsonSchema({"type": "string", "pattern": _WRITTEN})
]

#: A site that may show a survey in a frame; CSP's host, with its port where it has one.
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[0-9]{1,5})?"
)


def _host(name: str) -> str:
    if not _HOST.fullmatch(name):
        raise PydanticCustomError("host", "should be a site's name alone, like www.example.org")
    return name


Host = Annotated[str, Field(max_length=253), AfterValidator(_host)]
