"""The interview itself: the script, the survey's own questions one after another, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.response import Redirect

from consult import clock
from consult.arriving.judging import stored_answers
from consult.arriving.taking import Arrival, take
from consult.calling import store
from consult.calling.help import help_for
from consult.calling.model import MADE, OUTCOMES, after
from consult.calling.pages import CALLERS, AnyRequest, agreed_time, case_id, show
from consult.calling.sealing import Interview, seal, unseal
from consult.calling.store import Case
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.consultations.store import Version
from consult.database import Database, WriteSession
from consult.errors import ConsultError, DatabaseUnavailable
from consult.inviting.keys import root_key
from consult.questionnaire import languages
from consult.questionnaire.answers import Postcode
from consult.questionnaire.answers.people import normal
from consult.questionnaire.answers.people import typed as typed_postcode
from consult.questionnaire.routing import Step
from consult.questionnaire.wording import rich
from consult.respond.journey import Journey, found, travel, typed, without_postcodes
from consult.respond.rendering import question_context, reviewed
from consult.respond.store import area_of
from consult.settings import Settings
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of

Form = Mapping[str, list[str]]


@dataclass(frozen=True)
class Calling:
    """A request about a case that the interviewer holds."""

    request: AnyRequest
    settings: Settings
    version: Version
    root: bytes
    case: Case
    interview: Interview | None

    @property
    def base(self) -> str:
        return f"/staff/calls/{self.version.survey.slug}/case/{self.case.id}"

    @property
    def who(self) -> str:
        return str(self.request.state.staff.email)

    @property
    def open(self) -> bool:
        begun = self.interview.begun if self.interview else None
        window = state(self.version.stage, self.version.survey, clock.now(), begun)
        return window in {"open", "grace"}

    def journey(self, interview: Interview) -> Journey:
        """The way through the survey so far."""
        survey = self.version.survey
        closed = survey.closed_parts(clock.now(), interview.begun)
        return travel(survey, interview.raw, interview.seen, closed, interview.seed)

    def onward(self, journey: Journey) -> Redirect:
        """To the first page that is not done, or to the end."""
        step = journey.unfinished()
        path = f"/q/{step.page.id}" if step else "/check"
        return Redirect(f"{self.base}{path}", status_code=303)

    def show(
        self, template: str, title: str, *, status: int = 200, language: str = "en", **context: Any
    ) -> Response[str]:
        """A page of the call."""
        return show(
            self.request, self.settings, template, title, self.version, status=status,
            language=language, case=self.case, here=self.base, interview=self.interview, **context,
        )  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A request about a case, of which nothing is read yet."""

    request: AnyRequest
    database: Database
    settings: Settings
    slug: str
    case: str

    async def calling(self) -> Calling | None:
        """The case, where the interviewer holds it. Raises NotFound, DatabaseUnavailable."""
        root = await self.root()
        async with self.database.writing() as session:
            return await self.held(session, root)

    async def root(self) -> bytes:
        """What answers in progress are sealed with."""
        return await root_key(self.database, self.settings)

    async def held(self, session: WriteSession, root: bytes) -> Calling | None:
        """As ``calling``, within a transaction of the caller's."""
        version = await consultations.current(session, self.slug)
        email = self.request.state.staff.email
        mine = await store.held(session, self.slug, case_id(self.case), email)
        if mine is None:
            return None
        interview = unseal(mine.sealed, root, mine.id)
        if interview is not None and interview.language not in version.survey.languages:
            interview = replace(interview, language=version.survey.languages[0])
        return Calling(self.request, self.settings, version, root, mine, interview)

    async def gone(self) -> Response[str]:
        """For a case that ended, or that somebody else has by now."""
        async with self.database.reading() as session:
            version = await consultations.current(session, self.slug)
        title = "You do not have this case"
        return show(self.request, self.settings, "gone", title, version, status=409)

    def unread(self, form: Form) -> Calling:
        """The call as far as it is known while the database is away. Raises DatabaseUnavailable."""
        version = consultations.last_known(self.slug)
        if version is None:
            raise DatabaseUnavailable
        spoken = form.get("spoken", [""])[0]
        known = version.survey.languages
        interview = Interview.new(clock.now(), spoken if spoken in known else known[0])
        case = Case(case_id(self.case), self.slug)
        return Calling(self.request, self.settings, version, b"", case, interview)


async def asked_for(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, case: InPath
) -> Asked:
    """What every handler here begins with."""
    return Asked(request, database, settings, slug, case)


#: The address of a case, and what its handlers ask for in their signatures.
CASE = "/staff/calls/{slug:str}/case/{case:str}"
ASKED = {"asked": Provide(asked_for)}
About = NamedDependency[Asked]


@get(CASE, opt={"who": CALLERS}, dependencies=ASKED)
async def case_page(asked: About) -> Response[Any]:
    """Whom to ring, what to say first, and what the call came to."""
    here = await asked.calling()
    if here is None:
        return await asked.gone()
    return _case_page(here)


def _case_page(
    here: Calling, error: str = "", form: Mapping[str, str] | None = None
) -> Response[Any]:
    typed = form or {}
    survey = here.version.survey
    offered = [
        {
            "value": name,
            "text": known.says,
            "hint": {"text": known.hint} if known.hint else None,
            "checked": typed.get("outcome") == name,
        }
        for name, known in OUTCOMES.items()
        if name not in MADE
    ]
    tongues = [
        {
            "code": code,
            "name": languages.name(code),
            "direction": languages.direction(code),
            "script": rich(survey.words[code].script, lambda name: ""),
        }
        for code in survey.languages
    ]
    return here.show(
        "case",
        f"{'Error: ' if error else ''}Case {here.case.reference}",
        status=422 if error else 200,
        outcomes=offered,
        tongues=tongues,
        open=here.open,
        lost=here.case.sealed is not None and here.interview is None,
        last=OUTCOMES[here.case.outcome].says if here.case.outcome else "",
        error=error,
        typed=typed,
    )


@post(CASE + "/begin", opt={"who": CALLERS}, dependencies=ASKED, status_code=303)
async def begin(asked: About) -> Response[Any]:
    """Begin the interview in a language, or go on where it stopped."""
    form = await form_of(asked.request)
    root = await asked.root()
    async with asked.database.writing() as session:
        here = await asked.held(session, root)
        if here is not None and here.open:
            wanted = form.get("language", [""])[0]
            known = here.version.survey.languages
            language = wanted if wanted in known else known[0]
            interview = here.interview or Interview.new(clock.now(), language)
            interview = replace(interview, language=language)
            await store.keep(session, here.case, seal(interview, root, here.case.id), clock.now())
    if here is None:
        return await asked.gone()
    if not here.open:
        return Redirect(here.base, status_code=303)
    return here.onward(here.journey(interview))


@get(CASE + "/q/{page_id:str}", opt={"who": CALLERS}, dependencies=ASKED)
async def question_page(asked: About, page_id: InPath) -> Response[Any]:
    """One page of questions, as the respondent would see it on the web."""
    here = await asked.calling()
    if here is None:
        return await asked.gone()
    if here.interview is None or not here.open:
        return Redirect(here.base, status_code=303)
    journey = here.journey(here.interview)
    step = journey.route.step(page_id)
    if step is None:
        return here.onward(journey)
    change = "change" in asked.request.query_params
    return _question(here, here.interview, journey, step, {}, change=change)


@post(
    CASE + "/q/{page_id:str}",
    opt={"who": CALLERS, "while_away": True},
    dependencies=ASKED,
    status_code=200,
)
async def answer_page(asked: About, page_id: InPath) -> Response[Any]:
    """Keep what was said and lead on, or say what is wrong with it."""
    form = await form_of(asked.request)
    here: Calling | None = None
    try:
        root = await asked.root()
        async with asked.database.writing() as session:
            here = await asked.held(session, root)
            if here is not None and here.interview is not None and here.open:
                return await _keep(session, here, here.interview, page_id, form)
        return await asked.gone()
    except DatabaseUnavailable:
        return _unsaved(here or asked.unread(form), page_id, form)


async def _keep(
    session: WriteSession, here: Calling, interview: Interview, page_id: str, form: Form
) -> Response[Any]:
    """What a page that was sent is answered with, once what it says is kept."""
    step = here.journey(interview).route.step(page_id)
    if step is None:
        return here.onward(here.journey(interview))
    raw = await _looked_up(session, interview, step, typed(step, form))
    journey = here.journey(interview.with_page(page_id, raw, seen=False))
    step = journey.route.step(page_id) or step
    errors = journey.errors_on(step)
    interview = interview.with_page(page_id, without_postcodes(step, raw), seen=not errors)
    sealed = seal(interview, here.root, here.case.id)
    await store.keep(session, here.case, sealed, clock.now())
    if errors:
        return _question(here, interview, journey, step, errors, change=bool(form.get("change")))
    journey = here.journey(interview)
    following = journey.route.after(page_id)
    if form.get("change") or following is None:
        return here.onward(journey)
    return Redirect(f"{here.base}/q/{following.page.id}", status_code=303)


def _unsaved(here: Calling, page_id: str, form: Form) -> Response[Any]:
    """The page again with what was said, when it could not be saved. Raises DatabaseUnavailable."""
    page = here.version.survey.page_by_id.get(page_id)
    if page is None or here.interview is None:
        raise DatabaseUnavailable
    asked = here.journey(here.interview).route.step(page_id) or Step(page, page.questions)
    interview = here.interview.with_page(page_id, typed(asked, form), seen=False)
    journey, change = here.journey(interview), bool(form.get("change"))
    return _question(here, interview, journey, asked, {}, change=change, unsaved=True)


async def _looked_up(
    session: WriteSession, interview: Interview, step: Step, raw: dict[str, list[str]]
) -> dict[str, list[str]]:
    """What was typed, with the area in place of each postcode that is known."""
    for question in step.questions:
        if isinstance(question, Postcode):
            postcode = normal(typed_postcode(raw[question.id]))
            area = await area_of(session, question.lookup, postcode) if postcode else None
            raw = {**raw, **found(question, raw, area, interview.raw)}
    return raw


def _question(
    here: Calling,
    interview: Interview,
    journey: Journey,
    step: Step,
    errors: Mapping[str, Any],
    *,
    change: bool,
    unsaved: bool = False,
) -> Response[str]:
    context = question_context(journey, step, interview.language, errors)
    before = journey.route.before(step.page.id)
    return here.show(
        "question",
        context.pop("title"),
        status=503 if unsaved else 422 if errors else 200,
        unsaved=unsaved,
        language=interview.language,
        **context,
        help=[help_for(q, here.version.survey, interview.language) for q in step.asked],
        action=f"{here.base}/q/{step.page.id}",
        back=f"{here.base}/q/{before.page.id}" if before else here.base,
        change=change,
    )


@get(CASE + "/check", opt={"who": CALLERS}, dependencies=ASKED)
async def check_page(asked: About) -> Response[Any]:
    """Every answer, to be read back where there is a doubt."""
    here = await asked.calling()
    if here is None:
        return await asked.gone()
    if here.interview is None or not here.open:
        return Redirect(here.base, status_code=303)
    journey = here.journey(here.interview)
    if journey.unfinished():
        return here.onward(journey)
    language = here.interview.language
    return here.show(
        "check",
        "Finish the interview",
        language=language,
        back=f"{here.base}/q/{journey.route.steps[-1].page.id}",
        rows=reviewed(journey, language, here.base),
        thanks=rich(here.version.survey.words[language].thanks, lambda name: ""),
    )


@post(CASE + "/finish", opt={"who": CALLERS}, dependencies=ASKED, status_code=303)
async def finish(asked: About) -> Response[Any]:
    """Store the response, then end the case: pressed again after an outage, it is stored once."""
    here = await asked.calling()
    if here is None:
        return await asked.gone()
    if here.interview is None:
        return Redirect(here.base, status_code=303)
    journey = here.journey(here.interview)
    if journey.unfinished():
        return here.onward(journey)
    arrival = Arrival(
        id=here.interview.response_id,
        slug=asked.slug,
        channel="telephone",
        language=here.interview.language,
        answers=stored_answers(journey),
        seed=here.interview.seed,
        begun=here.interview.begun,
    )
    taken = await take(asked.database, arrival, clock.now())
    if taken.fate not in {"stored", "same", "different", "full"}:
        return Redirect(here.base, status_code=303)
    async with asked.database.writing() as session:
        mine = await store.held(session, asked.slug, here.case.id, here.who)
        if mine is not None:
            full = taken.fate == "full"
            await store.end(
                session, mine, "quota_full" if full else "complete", by=here.who,
                response=None if full else arrival.id,
            )  # fmt: skip
    return Redirect(f"/staff/calls/{asked.slug}", status_code=303)


@post(CASE + "/outcome", opt={"who": CALLERS}, dependencies=ASKED, status_code=200)
async def note_outcome(asked: About) -> Response[Any]:
    """Note what the call came to, and give the case back."""
    form = {name: texts[0] for name, texts in (await form_of(asked.request)).items() if texts}
    root = await asked.root()
    async with asked.database.writing() as session:
        here = await asked.held(session, root)
        if here is None:
            return await asked.gone()
        if "release" in form:
            await store.release(session, here.case)
            return Redirect(f"/staff/calls/{asked.slug}", status_code=303)
        outcome = form.get("outcome", "")
        try:
            then = after(outcome, here.case.attempts + 1, clock.now(), agreed_time(form))
        except ConsultError as error:
            return _case_page(here, str(error), form)
        if then.final:
            await store.end(session, here.case, outcome, by=here.who)
        else:
            await store.ring_again(session, here.case, outcome, then, by=here.who)
    return Redirect(f"/staff/calls/{asked.slug}", status_code=303)


HANDLERS = [
    case_page,
    begin,
    question_page,
    answer_page,
    check_page,
    finish,
    note_outcome,
]
