"""A page of questions, as the context of its template: for respondents and for previews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consult.questionnaire.answers import Invalid
from consult.questionnaire.routing import Step
from consult.respond.journey import Journey
from consult.web.forms import Asking, field, message
from consult.web.templating import translations


def question_context(
    journey: Journey, step: Step, language: str, errors: Mapping[str, Invalid]
) -> dict[str, Any]:
    """What ``respond/question.html`` shows of one page: fields, heading, and the page's title."""
    survey = journey.survey
    said = {qid: message(error, language) for qid, error in errors.items()}
    heading = survey.heading(step.page, language)
    # One heading a page: the page's own, else the only question's, else which question it is.
    alone = not heading and len(step.questions) == 1 and step.questions[0].takes_answer
    asking = Asking(survey, language, journey.route.answers, journey.raw, said, journey.seed)
    say = translations(language).gettext
    # A title stays in a shared phone's history, so it says how far, never what about.
    caption = say("Question %(number)s") % {"number": journey.route.number(step.page.id)}
    section = survey.words[language].sections.get(step.page.section or "", "")
    fields = [field(question, asking, alone=alone) for question in step.questions]
    return {
        "title": f"{say('Error')}: {caption}" if said else caption,
        "caption": f"{section} – {caption}" if section else caption,
        "heading": heading,
        "alone": alone,
        "fields": fields,
        "problems": [
            {"text": text, "href": f"#{_anchor(fields, qid)}"} for qid, text in said.items()
        ],
    }


def _anchor(fields: list[Any], question_id: str) -> str:
    """Where the first field of a question stands; "other, please say" has its own name."""
    return next((f.anchor for f in fields if f.params.get("name") == question_id), question_id)
