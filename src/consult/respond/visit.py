"""One request to a survey: what it is about, and the page that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response

from consult import clock
from consult.consultations import store as consultations
from consult.consultations.lifecycle import State, state
from consult.consultations.store import Version
from consult.database import ReadSession, WriteSession
from consult.errors import DatabaseUnavailable, NotFound
from consult.questionnaire import languages
from consult.respond import store
from consult.respond.draft import Draft, Token
from consult.respond.journey import Journey, travel
from consult.web.templating import page, translations

COOKIE = "consult_answers"
#: Seconds after which a browser or a person should try again when the database is away.
RETRY_AFTER = "30"
AnyRequest = Request[Any, Any, Any]


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
    def base(self) -> str:
        return f"/s/{self.version.survey.slug}/{self.language}"

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
        survey = self.version.survey
        others = [lang for lang in survey.languages if lang != self.language]
        return page(
            f"respond/{template}.html",
            self.language,
            status=status,
            headers={"retry-after": RETRY_AFTER} if status == 503 else None,
            title=title,
            survey=survey,
            words=survey.words[self.language],
            service_name=survey.definition.body,
            base=self.base,
            other_languages=[(lang, languages.name(lang)) for lang in others],
            **context,
        )

    def no_draft(self) -> Response[Any]:
        """For a browser that no longer holds the answers it sends."""
        return self.show("no_draft", self.say("Your answers could not be found"), status=410)

    def say(self, text: str) -> str:
        """Interface wording in the respondent's language."""
        return translations(self.language).gettext(text)


async def visit(
    request: AnyRequest, session: ReadSession | WriteSession, slug: str, language: str
) -> Visit:
    """What a request is about. Raises NotFound."""
    version = await consultations.current(session, slug)
    if version.stage == "draft" or language not in version.survey.languages:
        raise NotFound(slug)
    token = Token.read(request.cookies.get(COOKIE))
    draft = await store.load_draft(session, token, slug) if token else None
    full = await store.full_quotas(session, version.survey)
    return Visit(version, language, token, draft, clock.now(), full)


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
    token = Token.read(request.cookies.get(COOKIE))
    return Visit(version, language, token, None, clock.now())
