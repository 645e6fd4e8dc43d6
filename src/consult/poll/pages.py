"""A poll in a frame of the body's own site: one page, no cookie, no script, nothing kept between.

Browsers keep cookies from pages in frames, so the form itself carries the id that its answer will
have: a double click and a second try are one response. Only the hosts that the survey lists under
``embed_on`` may show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.response import Redirect

from consult import clock
from consult.accounts.model import DESIGNERS, PUBLIC
from consult.arriving.judging import stored_answers
from consult.arriving.taking import Arrival, take
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.consultations.store import Version
from consult.database import Database
from consult.errors import DatabaseUnavailable, NotFound
from consult.poll.model import embeddable
from consult.questionnaire import languages
from consult.questionnaire.survey import Survey
from consult.questionnaire.wording import rich
from consult.respond.flags import BURST, HONEYPOT
from consult.respond.gate import rate
from consult.respond.gate.signals import TRAP
from consult.respond.journey import Journey, travel, typed
from consult.respond.rendering import question_context
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.security import POLICY
from consult.web.templating import page, translations

AnyRequest = Request[Any, Any, Any]
Form = Mapping[str, list[str]]


@dataclass(frozen=True)
class Poll:
    """A request to a poll."""

    version: Version
    language: str

    @property
    def survey(self) -> Survey:
        return self.version.survey

    def journey(self, form: Form, response_id: UUID) -> Journey:
        """Where the typed answers lead: to the one page there is."""
        shown = self.survey.pages[0]
        seed = seed_of(response_id)
        before = travel(self.survey, {}, seed=seed)
        step = before.route.step(shown.id)
        return travel(self.survey, typed(step, form) if step else {}, seed=seed)

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response[str]:
        """A page that the survey's hosts may show in a frame."""
        hosts = " ".join(("'self'", *self.survey.definition.embed_on))
        headers = {
            "content-security-policy": POLICY.replace(
                "frame-ancestors 'none'", f"frame-ancestors {hosts}"
            ),
            # For sites that let nothing in which does not say that it may be let in.
            "cross-origin-resource-policy": "cross-origin",
        }
        if status == 503:
            headers["retry-after"] = "30"
        say = translations(self.language).gettext
        words = self.survey.words[self.language]
        return page(
            f"poll/{template}.html",
            self.language,
            status=status,
            headers=headers,
            **{"title": say("Have your say"), **context},
            survey=self.survey,
            words=words,
            full=f"/s/{self.survey.slug}/{self.language}",
            action=f"/poll/{self.survey.slug}/{self.language}",
            other_languages=[
                (code, languages.name(code))
                for code in self.survey.languages
                if code != self.language
            ],
        )

    def form(
        self,
        form: Form,
        response_id: UUID,
        *,
        checked: bool = False,
        unsaved: bool = False,
    ) -> Response[str]:
        """The question, and what is wrong where it was answered."""
        journey = self.journey(form, response_id)
        step = journey.route.steps[0]
        errors = journey.errors_on(step) if checked else {}
        context = question_context(journey, step, self.language, errors)
        say = translations(self.language).gettext
        title = f"{say('Error')}: {say('Have your say')}" if errors else say("Have your say")
        return self.show(
            "question",
            status=503 if unsaved else 422 if errors else 200,
            **{**context, "title": title},
            response_id=response_id,
            unsaved=unsaved,
            trap=TRAP,
        )


def seed_of(response_id: UUID) -> int:
    """What makes the orders of chance of a response: 31 bits, as on the web."""
    return int.from_bytes(sha256(b"order" + response_id.bytes).digest()[:4], "big") >> 1


async def _poll(database: Database, slug: str, language: str) -> Poll:
    """The poll at an address. Raises NotFound."""
    async with database.reading() as session:
        version = await consultations.current(session, slug)
    return _of(version, language)


def _of(version: Version, language: str) -> Poll:
    survey = version.survey
    if version.stage == "draft" or language not in survey.languages or not embeddable(survey):
        raise NotFound(survey.slug)
    return Poll(version, language)


@get("/poll/{slug:str}/{language:str}", opt={"who": PUBLIC})
async def poll_page(database: Db, slug: InPath, language: InPath) -> Response[str]:
    """The question."""
    here = await _poll(database, slug, language)
    if _state(here) != "open":
        return here.show("closed", state=_state(here))
    return here.form({}, uuid4())


def _state(here: Poll) -> str:
    return state(here.version.stage, here.survey, clock.now())


@post("/poll/{slug:str}/{language:str}", opt={"who": PUBLIC}, status_code=200)
async def answer(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """Store the answer, once; or say what is wrong with it."""
    form = await form_of(request)
    response_id = _id(form)
    try:
        here = await _poll(database, slug, language)
        switch = form.get("language", [""])[0]
        if switch in here.survey.languages:
            return Poll(here.version, switch).form(form, response_id)
        journey = here.journey(form, response_id)
        if journey.errors and _state(here) == "open":
            return here.form(form, response_id, checked=True)
        within_rate = rate.take(request, settings, "send")
        taken = await take(
            database,
            Arrival(
                id=response_id,
                slug=slug,
                channel="web",
                language=language,
                answers=stored_answers(journey),
                seed=journey.seed,
                flags=_flags(form, within_rate),
            ),
            clock.now(),
        )
    except DatabaseUnavailable:
        version = consultations.last_known(slug)
        if version is None:
            raise
        return _of(version, language).form(form, response_id, unsaved=True)
    if taken.fate in {"stored", "same", "different", "full"}:
        # Different: answered in this frame before, and what counts is what was sent then.
        return Redirect(f"/poll/{slug}/{language}/thanks", status_code=303)
    return here.show("closed", state=_state(here))


def _flags(form: Form, within_rate: bool) -> list[str]:
    """What the sending gives away; a page that keeps nothing knows no time and sets no task."""
    trapped = any(text.strip() for text in form.get(TRAP, ()))
    return [HONEYPOT] * trapped + [BURST] * (not within_rate)


def _id(form: Form) -> UUID:
    """The id that a form carries; a fresh one where somebody has tampered with it."""
    try:
        return UUID(form.get("id", [""])[0])
    except ValueError:
        return uuid4()


@get("/poll/{slug:str}/{language:str}/thanks", opt={"who": PUBLIC})
async def thanks(database: Db, slug: InPath, language: InPath) -> Response[str]:
    """Thanks, and no counts: the first few would tell who said what."""
    here = await _poll(database, slug, language)
    words = here.survey.words[language]
    return here.show("thanks", thanks=rich(words.thanks, lambda name: ""))


@get("/staff/polls/{slug:str}", opt={"who": DESIGNERS})
async def snippet(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[str]:
    """The lines to copy into a page of the body's site."""
    async with database.reading() as session:
        version = await consultations.current(session, slug)
    survey = version.survey
    base = settings.delivery.public_url or str(request.base_url)
    frames = [
        {
            "name": languages.name(code),
            "code": code,
            "address": f"{base.rstrip('/')}/poll/{slug}/{code}",
            "title": survey.words[code].title,
        }
        for code in survey.languages
    ]
    return page(
        "poll/snippet.html",
        title="Embed this survey",
        service_name=settings.service_name,
        staff=request.state.staff,
        name=survey.words[survey.languages[0]].title,
        consultation=version.consultation,
        hosts=survey.definition.embed_on,
        ready=embeddable(survey),
        frames=frames,
    )


HANDLERS = [poll_page, answer, thanks, snippet]
