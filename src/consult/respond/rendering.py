"""What pages show of a journey, as the context of their templates: for respondents and previews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consult.questionnaire.answers import Invalid, Value
from consult.questionnaire.routing import Step
from consult.questionnaire.wording import piped, resolver
from consult.respond.journey import Journey
from consult.web.forms import Asking, field, message
from consult.web.templating import translations

#: What a question says of the respondent that bodies ask to see who is heard.
EXPLAINED = {"sex", "age", "equality"}


def question_context(
    journey: Journey,
    step: Step,
    language: str,
    errors: Mapping[str, Invalid],
    answers: Mapping[str, Value] | None = None,
) -> dict[str, Any]:
    """What ``respond/question.html`` shows of one page: fields, heading, and the page's title.

    ``answers`` stand for those on the path where somebody wants to know which are looked at.
    """
    survey = journey.survey
    said = {qid: message(error, language) for qid, error in errors.items()}
    heading = survey.heading(step.page, language)
    # One heading a page: the page's own, else the only question's, else which question it is.
    alone = not heading and len(step.questions) == 1 and step.questions[0].takes_answer
    given = journey.route.answers if answers is None else answers
    asking = Asking(survey, language, given, journey.raw, said, journey.seed)
    say = translations(language).gettext
    # A title stays in a shared phone's history, so it says how far, never what about.
    number = say("Question %(number)s") % {"number": journey.route.number(step.page.id)}
    section = survey.words[language].sections.get(step.page.section or "", "")
    caption = f"{section} – {progress(journey, step, language)}" if section else ""
    fields = [field(question, asking, alone=alone) for question in step.questions]
    return {
        "title": f"{say('Error')}: {number}" if said else number,
        "caption": caption or progress(journey, step, language),
        "heading": heading,
        "alone": alone,
        # Each equality question says why it is asked.
        "explained": any(question.role in EXPLAINED for question in step.questions),
        "fields": fields,
        "problems": [
            {"text": text, "href": f"#{_anchor(fields, qid)}"} for qid, text in said.items()
        ],
    }


def progress(journey: Journey, step: Step, language: str) -> str:
    """How far: the pages of the path as it stands, "about" while answers may still change it."""
    say = translations(language).gettext
    number = journey.route.number(step.page.id)
    # A page that was just left by an answer on it is one more.
    total = max(len(journey.route.steps), number)
    if journey.may_change(step):
        return say("Question %(number)s of about %(total)s") % {"number": number, "total": total}
    return say("Question %(number)s of %(total)s") % {"number": number, "total": total}


def reviewed(journey: Journey, language: str, base: str) -> list[dict[str, str]]:
    """Every question of the path with its answer in words, and where it can be changed."""
    survey = journey.survey
    resolve = resolver(survey, language, journey.route.answers)
    rows = []
    for step in journey.route.steps:
        for question in step.asked:
            labels = piped(survey.labels(question.id, language), resolve)
            value = journey.route.answers.get(question.id)
            rows.append(
                {
                    "key": labels.short or labels.ask,
                    "ask": f"{labels.stem} {labels.ask}".strip() or labels.short,
                    "value": question.review(value, labels) if value is not None else "",
                    "href": f"{base}/q/{step.page.id}?change=1",
                }
            )
    return rows


def _anchor(fields: list[Any], question_id: str) -> str:
    """Where the first field of a question stands; "other, please say" has its own name."""
    return next((f.anchor for f in fields if f.params.get("name") == question_id), question_id)
