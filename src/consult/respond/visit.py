"""One request to a survey: what it is about, and the page that answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from consult import clock
from consult.consultations import store as consultations
from consult.consultations.lifecycle import State, state
from consult.consultations.store import Version
from consult.database import Database
from consult.errors import DatabaseUnavailable, NotFound
from consult.questionnaire import languages
from consult.respond import keeping, store
from consult.respond.draft import Draft, Token
from consult.respond.journey import Journey, travel
from consult.web.templating import page, translations

COOKIE = "consult_answers"
_COOKIE = COOKIE.encode()
#: The field in which a form says which draft it is of.
WHOSE = "whose"
#: Set for ten minutes by whoever left a sensitive survey in haste, to the moment: until then
#: the back button, and anyone else at the device, is led to where the exit button led.
LEFT = "consult_left"
LEFT_SECONDS = 600
#: Where an exit button leads if the body names no site: one that anybody looks at.
NEUTRAL = "https://www.bbc.co.uk/weather"
#: Seconds after which a page nobody touches asks whether anyone is there, and hides itself.
IDLE = (25 * 60, 30 * 60)
SENSITIVE_IDLE = (8 * 60, 10 * 60)
#: Seconds after which a browser or a person should try again when the database is away.
RETRY_AFTER = "30"
AnyRequest = Request[Any, Any, Any]


class Leave(Exception):
    """The browser has left this survey and must not be shown it: on to a neutral site."""

    def __init__(self, to: str) -> None:
        super().__init__("left")
        self.to = to


@dataclass(frozen=True)
class Visit:
    """One request to a survey: which version, which language, whose draft, at what moment."""

    version: Version
    language: str
    token: Token | None
    draft: Draft | None
    now: datetime
    #: Quotas of a sample that are full.
    full: frozenset[str] = frozenset()

    @property
    def state(self) -> State:
        """Whether this respondent may answer now."""
        begun = self.draft.begun if self.draft else None
        return state(self.version.stage, self.version.survey, self.now, begun)

    @property
    def open(self) -> bool:
        return self.state in {"open", "grace"}

    @property
    def slug(self) -> str:
        return self.version.survey.slug

    @property
    def base(self) -> str:
        return f"/s/{self.slug}/{self.language}"

    @property
    def sensitive(self) -> bool:
        return self.version.survey.definition.sensitive

    def journey(self, draft: Draft) -> Journey:
        """The journey of ``draft``, without parts that have closed."""
        survey = self.version.survey
        closed = survey.closed_parts(self.now, draft.begun)
        return travel(survey, draft.raw, draft.seen, closed, self.seed)

    @property
    def seed(self) -> int | None:
        """What makes this respondent's orders of chance; stored with the response."""
        return self.token.seed if self.token else None

    def show(
        self, template: str, title: str, *, status: int = 200, **context: Any
    ) -> Response[Any]:
        """A page of this survey."""
        headers = {"retry-after": RETRY_AFTER} if status == 503 else None
        everywhere = self.everywhere(title)
        return page(
            f"respond/{template}.html", self.language, status=status, headers=headers,
            **{**everywhere, **context},
        )  # fmt: skip

    def everywhere(self, title: str) -> dict[str, Any]:
        """What the template of every page of this survey is given."""
        survey = self.version.survey
        definition = survey.definition
        others = [lang for lang in survey.languages if lang != self.language]
        return {
            "title": title,
            "survey": survey,
            "words": survey.words[self.language],
            "service_name": definition.body,
            "base": self.base,
            "other_languages": [(lang, languages.name(lang)) for lang in others],
            "sensitive": definition.sensitive,
            "exit_to": definition.exit_to or NEUTRAL,
            "helped": bool(definition.support),
            "idle": SENSITIVE_IDLE if definition.sensitive else IDLE,
        }

    def no_draft(self) -> Response[Any]:
        """For a browser that no longer holds the answers it sends."""
        return self.show("no_draft", self.say("Your answers could not be found"), status=410)

    @property
    def moment(self) -> int:
        """Now, in milliseconds since 1970."""
        return int(self.now.timestamp() * 1000)

    @property
    def mark(self) -> str:
        """What this draft's forms carry."""
        return self.token.mark if self.token else ""

    def anothers(self, form: Mapping[str, Sequence[str]]) -> bool:
        """Whether a form was made for another draft than the one this browser holds now."""
        marks = form.get(WHOSE, ())
        return self.token is not None and any(mark != self.token.mark for mark in marks)

    def say(self, text: str) -> str:
        """Interface wording in the respondent's language."""
        return translations(self.language).gettext(text)


async def visit(
    request: AnyRequest, database: Database, slug: str, language: str, *, returning: float = 0
) -> Visit:
    """What a request is about.

    ``returning`` is the moment at which whoever comes back asked for the form that they send.
    Raises NotFound, DatabaseUnavailable, and Leave for who has left since.
    """
    token = token_of(request)
    version, draft = await keeping.here(database, slug, token)
    survey = version.survey
    if version.stage == "draft" or language not in survey.languages:
        raise NotFound(slug)
    if survey.definition.sensitive and LEFT in request.cookies:
        left = request.cookies[LEFT]
        if not left.isdecimal() or len(left) > 15 or int(left) >= returning:
            raise Leave(survey.definition.exit_to or NEUTRAL)
    full: frozenset[str] = frozenset()
    if survey.definition.quotas:
        async with database.light() as link:
            full = await store.full_quotas(link, survey)
    return Visit(version, language, token, draft, clock.now(), full)


def token_of(request: AnyRequest) -> Token | None:
    """The token that a browser sent.

    Looked for in the header itself: a page costs a third of a CPU millisecond, and the framework's
    reading of all cookies would be a seventh of that.
    """
    for name, value in request.scope["headers"]:
        if name == b"cookie":
            for pair in value.split(b";"):
                key, _, text = pair.strip().partition(b"=")
                if key == _COOKIE:
                    return Token.read(text.decode("latin-1"))
    return None


def cookie(slug: str, token: Token, *, secure: bool) -> Cookie:
    """The one cookie of a respondent: until the browser is closed, and for this survey alone."""
    return Cookie(
        COOKIE, value=str(token), path=f"/s/{slug}", httponly=True, samesite="lax", secure=secure
    )


def left_at(slug: str, moment: int) -> Cookie:
    """What keeps a survey closed in a browser that left it at a ``moment``."""
    return Cookie(LEFT, value=str(moment), path=f"/s/{slug}", max_age=LEFT_SECONDS, samesite="lax")


def asked_at(form: Mapping[str, Sequence[str]]) -> int:
    """The moment at which a form was given out; 0 where it does not say."""
    said = form.get("asked", [""])[0]
    return int(said) if said.isdecimal() and len(said) < 16 else 0


def no_cookie(name: str, slug: str) -> Cookie:
    """What makes a browser forget a cookie."""
    return Cookie(name, value="", path=f"/s/{slug}", max_age=0, samesite="lax")


def onward(here: Visit, journey: Journey) -> str:
    """Where a respondent goes on: the first page with something to do, or checking answers."""
    if journey.quotas() & here.full:
        return f"{here.base}/enough"
    step = journey.unfinished()
    return f"{here.base}/q/{step.page.id}" if step else f"{here.base}/check"


def late(here: Visit) -> Response[Any]:
    """For a page sent after the survey closed, or without the cookie that holds its draft."""
    if here.open:
        return here.no_draft()
    return Redirect(here.base, status_code=303)


def preferred(accepted: str, languages: Sequence[str]) -> str:
    """The language among ``languages`` that an Accept-Language header ranks highest."""
    ranks: dict[str, float] = {}
    for entry in accepted.replace(" ", "").split(","):
        name, _, quality = entry.partition(";q=")
        code = name.strip().lower().partition("-")[0]
        try:
            ranks[code] = max(ranks.get(code, 0.0), float(quality or 1))
        except ValueError:
            continue
    # Of equals the survey's first language: max keeps the first it meets.
    return max(languages, key=lambda code: ranks.get(code, 0.0))


def known(request: AnyRequest, slug: str, language: str) -> Visit:
    """A visit while the database is away: the survey as this process last saw it."""
    version = consultations.last_known(slug)
    if version is None or language not in version.survey.languages:
        raise DatabaseUnavailable
    return Visit(version, language, token_of(request), None, clock.now())
