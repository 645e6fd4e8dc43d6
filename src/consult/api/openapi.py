"""The interface as OpenAPI 3.1: for every survey alike, and for one with its own questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consult import __version__
from consult.api.limits import LONGEST
from consult.api.problems import MEDIA_TYPE, TITLES
from consult.arriving.shapes import DAY, SECTOR, WHOLE, sectors
from consult.consultations.store import Version
from consult.questionnaire.answers import (
    BestWorstSet,
    Choices,
    Date,
    Numeric,
    Points,
    Question,
    Ranking,
    Text,
)
from consult.questionnaire.answers.base import Identifier
from consult.questionnaire.answers.choice import OneOf, Optioned
from consult.questionnaire.model import SLUG
from consult.questionnaire.survey import Survey
from consult.respond.gate.rate import RATES

Schema = dict[str, Any]
UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ANY_ANSWER: Schema = {
    "oneOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": {"type": "integer"}},
    ]
}


def document() -> Schema:
    """What holds for every survey."""
    answers: Schema = {
        "type": "object",
        "propertyNames": {"pattern": Identifier},
        "additionalProperties": ANY_ANSWER,
    }
    slug = {
        "name": "slug",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": SLUG, "maxLength": 80},
    }
    paths = {
        "/api/surveys/{slug}/responses": {"parameters": [slug], "post": _operation()},
        "/api/surveys/{slug}/openapi.json": {
            "parameters": [slug],
            "get": {
                "operationId": "surveyDocument",
                "summary": "This interface for one survey, with its questions",
                "responses": {
                    "200": _answer("An OpenAPI 3.1 document.", {"type": "object"}),
                    **_problems("not-found", "unavailable"),
                },
            },
        },
    }
    return _document("Responses from partners' apps", answers, ["en", "cy"], paths)


def survey_document(version: Version) -> Schema:
    """What holds for one survey, in its first language."""
    survey = version.survey
    title = survey.words[survey.languages[0]].title
    paths = {f"/api/surveys/{survey.slug}/responses": {"post": _operation()}}
    made = _document(title, answers_schema(survey), survey.languages, paths)
    envelope = made["components"]["schemas"]["Response"]["properties"]
    envelope["language"] = {"enum": list(survey.languages)}
    envelope["survey_version"] = {"const": version.number}
    return made


def _document(title: str, answers: Schema, languages: Any, paths: Schema) -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": __version__,
            "description": "A response is judged as the survey's own pages judge it. Send it as "
            "often as you like under the same id: it is stored once.",
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Response": _envelope(answers),
                "Receipt": {
                    "type": "object",
                    "required": ["id", "status"],
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "status": {"enum": ["stored", "same"]},
                    },
                    "additionalProperties": False,
                },
                "Problem": _PROBLEM,
            },
        },
    }


def _envelope(answers: Schema) -> Schema:
    return {
        "type": "object",
        "required": ["id", "language", "answers"],
        "additionalProperties": False,
        "properties": {
            "id": {
                "type": "string",
                "pattern": f"^{UUID_PATTERN}$",
                "description": "Of your making, one for each response.",
            },
            "language": {"type": "string", "pattern": "^[a-z]{2}$"},
            "survey_version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
            "channel": {
                "enum": ["web", "telephone", "kiosk", "meeting", "paper", "letter"],
                "default": "web",
            },
            "order_seed": {
                "type": "integer",
                "minimum": 0,
                "maximum": 2**31 - 1,
                "description": "What made the orders of chance, where you showed them.",
            },
            "answers": answers,
        },
    }


_PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "additionalProperties": False,
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def _operation() -> Schema:
    body = {"schema": {"$ref": "#/components/schemas/Response"}}
    receipt = {"$ref": "#/components/schemas/Receipt"}
    rate = RATES["by_key"]
    return {
        "operationId": "postResponse",
        "summary": "Store a response, once however often it is sent",
        "description": f"A key may send {rate.free:,} at once and {rate.hourly:,} more in each "
        f"hour; what comes beyond that is flagged, and {rate.refused:,} beyond it answered 429. "
        "Unless the key was made unlinked, the service keeps which key a response came with, so "
        "that all of them can be set aside; it shows that of no single one.",
        "requestBody": {
            "required": True,
            "description": f"At most {LONGEST:,} bytes.",
            "content": {"application/json": body},
        },
        "responses": {
            "201": _answer("Stored.", receipt),
            "200": _answer("Stored before; this was the same again.", receipt),
            **_problems(*(set(TITLES) - {"method"})),
        },
    }


def _answer(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problems(*codes: str) -> Schema:
    """The answers for problems, by status; several may share one."""
    made: Schema = {}
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for code in sorted(codes, key=list(TITLES).index):
        status, title, _ = TITLES[code]
        said = made.get(str(status), {}).get("description", "")
        answer: Schema = {
            "description": f"{said} {title}.".strip(),
            "content": {MEDIA_TYPE: problem},
        }
        if status in {429, 503}:
            header = {"required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}
            answer["headers"] = {"Retry-After": header}
        made[str(status)] = answer
    return made


# -- questions -------------------------------------------------------------------------------------


def answers_schema(survey: Survey) -> Schema:
    """A survey's questions as the properties of an object.

    ``x-when`` holds a question's condition and ``x-page`` the page it stands on: what leads people
    through them. Who may leave what out depends on that, so only what is asked of everybody is
    required here; the service judges the rest.
    """
    language = survey.languages[0]
    of_postcodes = sectors(survey.questions)
    properties: Schema = {}
    always: list[str] = []
    for name, question in survey.questions.items():
        place = survey.place_of[name]
        labels = survey.labels(name, language)
        schema = question_schema(question, labels.options)
        if name in of_postcodes:
            schema |= {"pattern": f"^{SECTOR}$"}
        conditions = [when for when in (place.page.when, place.question.when) if when]
        schema |= {"title": labels.short or labels.ask, "description": labels.ask}
        schema |= {"x-page": survey.pages[place.number].id}
        if conditions:
            schema["x-when"] = " && ".join(f"({when})" for when in dict.fromkeys(conditions))
        if place.page.part:
            schema["x-part"] = place.page.part
        if question.required and not conditions and not place.page.part:
            always.append(name)
        properties[name] = schema
    return {
        "type": "object",
        "properties": properties,
        "required": always,
        "additionalProperties": False,
    }


def question_schema(question: Question, labels: Mapping[str, str]) -> Schema:
    """The JSON Schema of a question's answers."""
    made = _shape(question)
    if isinstance(question, Optioned):
        made["x-labels"] = {code: labels.get(code, code) for code in question.codes}
    return made


def _shape(question: Question) -> Schema:
    match question:
        case OneOf():
            return {"type": "string", "enum": list(question.codes)}
        case Choices():
            most = question.maximum or len(question.codes)
            return {**_codes(question), "maxItems": most}
        case Ranking():
            return {**_codes(question), "maxItems": question.places}
        case BestWorstSet():
            return {**_codes(question), "minItems": 2, "maxItems": 2}
        case Points():
            points = {"type": "integer", "minimum": 0, "maximum": question.total}
            return {
                "type": "object",
                "properties": dict.fromkeys(question.codes, points),
                "additionalProperties": False,
                "minProperties": 1,
                "x-sum": question.total,
            }
        case Numeric():
            bounds = {"x-minimum": question.minimum, "x-maximum": question.maximum}
            said = {key: str(value) for key, value in bounds.items() if value is not None}
            decimals = rf"(\.[0-9]{{1,{question.places}}})?" if question.places else ""
            return {"type": "string", "pattern": f"^{WHOLE}{decimals}$", **said}
        case Date():
            return {"type": "string", "pattern": f"^{DAY}$", "format": "date"}
        case Text():
            return {"type": "string", "minLength": 1, "maxLength": question.maximum}
    raise TypeError(type(question).__name__)


def _codes(question: Optioned) -> Schema:
    codes = {"type": "string", "enum": list(question.codes)}
    return {"type": "array", "items": codes, "uniqueItems": True, "minItems": 1}
