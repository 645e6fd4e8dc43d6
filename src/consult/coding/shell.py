"""What every page of coding shares: the question, its frame, the links between its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

from consult.coding import store
from consult.coding.learning import Learner
from consult.coding.model import Assignment, Comment, Place, Reading, Revision
from consult.coding.several import among, coded_by, leads
from consult.coding.standing import Standing, by_people, standings
from consult.coding.store import AnySession
from consult.consultations import store as consultations
from consult.database import Database
from consult.datasets.codebook import codebook
from consult.datasets.frozen import OWN_WORDS
from consult.errors import NotFound
from consult.jobs import store as jobs
from consult.jobs.store import Job
from consult.settings import Settings
from consult.web.templating import page

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Asked:
    """A question that is answered in people's own words; ``name`` is its name in the dataset."""

    place: Place
    name: str
    text: str
    short: str
    #: The last version that asked so, where the question means something else by now.
    until: int | None = None


@dataclass(frozen=True)
class Opened:
    """A question on a page: its newest frame, reading and job."""

    asked: Asked
    consultation: str
    head: Revision
    reading: Reading | None
    job: Job | None
    #: The questions that are coded by its frame, itself first.
    every: tuple[Asked, ...]

    @property
    def title(self) -> str:
        """What is asked, of all questions that are coded by its frame."""
        return " / ".join(one.text for one in self.every)

    def answers(self, comment: Comment) -> str:
        """Which question a comment answers; empty where there is but one."""
        if len(self.every) < 2:
            return ""
        own = (one.text for one in self.every if one.place.question == comment.asked)
        return next(own, self.asked.text)

    @property
    def place(self) -> Place:
        """What is coded."""
        return self.asked.place

    @property
    def base(self) -> str:
        """Where its pages are."""
        return f"/staff/coding/{self.place.slug}/{self.asked.name}"


async def questions(session: AnySession, slug: str) -> tuple[str, str, list[Asked]]:
    """A survey's consultation, its title, its questions in own words. Raises NotFound."""
    versions = await consultations.versions(session, slug)
    newest = versions[-1]
    language = newest.survey.languages[0]
    asked = [
        Asked(
            Place(slug, entry["question"], entry["versions"][0]),
            entry["id"],
            _worded(entry["text"], language),
            _worded(entry["short"], language),
            entry["versions"][-1] if entry["id"] != entry["question"] else None,
        )
        for entry in codebook(versions)["questions"]
        if entry["type"] in OWN_WORDS
    ]
    return newest.consultation, newest.survey.words[language].title, asked


def _worded(said: Mapping[str, str], language: str) -> str:
    """In a language; in another, where only versions that were not in it had the question."""
    return said.get(language) or next(iter(said.values()))


async def opened(database: Database, slug: str, question: str | Place) -> Opened:
    """A question, by its name in the dataset or its place. Raises NotFound.

    One that is coded by another's frame is that other's.
    """
    async with database.reading() as session:
        consultation, _, every = await questions(session, slug)
        asked = next((one for one in every if question in (one.name, one.place)), None)
        if asked is None:
            raise NotFound(str(question))
        lead = (await leads(session, slug)).get(asked.place, asked.place)
        head = await store.head(session, lead)
        by_place = {one.place: one for one in every}
        of_frame = [by_place[p] for p in coded_by(head.frame, lead) if p in by_place]
        return Opened(
            by_place[lead],
            consultation,
            head,
            await store.reading(session, lead),
            await jobs.latest(session, str(lead)),
            tuple(of_frame),
        )


@dataclass(frozen=True)
class Loaded:
    """The comments on a question and what each counts as."""

    comments: list[Comment]
    people: Mapping[Any, Assignment]
    #: What people said who saw what the machine suggests.
    seeing: Mapping[Any, Assignment]
    blind: Mapping[Any, Mapping[str, Assignment]]
    machine: Mapping[Any, Assignment]
    standing: Mapping[Any, Standing]
    learner: Learner


async def loaded(database: Database, here: Opened) -> Loaded:
    """The comments on a question, and what was said of them."""
    async with database.reading() as session:
        reading, _ = await store.fingerprint(session, here.place)
        comments = among(await store.comments(session, here.place), here.head.frame)
        blind = await store.coded_blind(session, here.place)
        seeing = await store.assignments(session, here.place)
        people = by_people(seeing, blind)
        machine = await store.assignments(session, here.place, machine=True)
    frame = here.head.frame
    learner = Learner(here.place, (reading, len(comments)), comments, frame)
    return Loaded(
        comments, people, seeing, blind, machine, standings(people, machine, frame), learner
    )


def show(
    request: AnyRequest, settings: Settings, template: str, title: str, here: Opened, *,
    error: str = "", **context: Any,
) -> Response[Any]:  # fmt: skip
    """A page about a question's comments."""
    return page(
        f"coding/{template}.html",
        status=422 if error else 200,
        title=f"{'Error: ' if error else ''}{title}",
        service_name=settings.service_name,
        staff=request.state.staff,
        here=here,
        base=here.base,
        error=error,
        **context,
    )


def after(path: str) -> Redirect:
    """On to a page."""
    return Redirect(path, status_code=303)
