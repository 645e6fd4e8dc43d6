"""Every way through a questionnaire: which answers choose it, what it asks, how long it takes."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from litestar import Response, get

from consult.designing import view
from consult.designing.edits import spoken
from consult.designing.preview import called
from consult.designing.shell import DESIGNERS, AnyRequest, opened, show
from consult.questionnaire import paths
from consult.questionnaire.paths import Way
from consult.questionnaire.survey import Survey
from consult.web.inject import Config, Db, InPath

#: Ways through that the page lists.
MOST = 60


@get("/staff/surveys/{slug:str}/walk", opt={"who": DESIGNERS})
async def walk(request: AnyRequest, database: Db, settings: Config, slug: InPath) -> Response[Any]:
    """The ways, once nothing is wrong."""
    here = await opened(request, database, slug)
    survey = view.examined(here.draft).survey
    if here.problems or survey is None:
        return show(request, settings, "walk", "Ways through", here, ways=None)
    # Thousands of ways take seconds: not on the loop that residents' pages are on.
    found = await to_thread.run_sync(paths.paths, survey)
    ways = await to_thread.run_sync(paths.walks, survey, MOST)
    said = {page.id: called(survey, number) for number, page in enumerate(survey.pages)}
    return show(
        request,
        settings,
        "walk",
        "Ways through",
        here,
        ways=[
            {
                "answers": _chosen(survey, way),
                "pages": [said[page_id] for page_id in way.pages],
                "minutes": _minutes(way.seconds),
            }
            for way in ways
        ],
        most=MOST,
        whole=found.whole,
        quickest=_minutes(found.quickest),
        slowest=_minutes(found.slowest),
        unreachable=[(qid, spoken(here.draft.document, qid)) for qid in found.unreachable],
        ages=paths.reading_ages(survey),
    )


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / 60))


def _chosen(survey: Survey, way: Way) -> list[str]:
    """The answers that choose a way, in words."""
    told = []
    for qid, value in way.answers.items():
        labels = survey.labels(qid, survey.languages[0])
        answer = "no answer" if value is None else survey.questions[qid].review(value, labels)
        told.append(f"{labels.short or labels.ask or qid}: {' and '.join(answer.splitlines())}")
    return told


HANDLERS = [walk]
