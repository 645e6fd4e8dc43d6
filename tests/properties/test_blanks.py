"""A page filled into its blank is the page as it would be rendered, for any survey and answers."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from consult.consultations.store import Version
from consult.questionnaire.answers import OneOf
from consult.questionnaire.loading import load
from consult.questionnaire.routing import Step
from consult.questionnaire.survey import Survey
from consult.respond import blanks
from consult.respond.draft import Draft, Token
from consult.respond.visit import Visit
from tests.conftest import SURVEYS
from tests.properties.generated import answer_sets, surveys

#: A paragraph of our own words in the wrong language, or an attribute, would show here.
SPACE = re.compile(r"\s+")


class Controls(HTMLParser):
    """A page's text, and each control with what it holds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.controls: list[tuple[str, str, str, str]] = []
        self._select, self._area = "", None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        assert len(at) == len(attrs), f"{tag} says something twice, and a browser takes the first"
        name, value = at.get("name") or "", at.get("value") or ""
        if tag == "input":
            on = "on" if "checked" in at else ""
            self.controls.append((at.get("type") or "text", name, value, on))
        elif tag == "select":
            self._select = name
        elif tag == "option":
            assert "value" in at, "an option without a value is answered with its wording"
            on = "on" if "selected" in at and value else ""
            self.controls.append(("option", self._select, value, on))
        elif tag == "textarea":
            self._area = name

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.controls.append(("textarea", self._area, unescape(data), ""))
            self._area = None
        else:
            self.text.append(SPACE.sub(" ", data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None


def seen(html: str) -> tuple[str, list[tuple[str, str, str, str]]]:
    page = Controls(html)
    return "".join(page.text), page.controls


def telling(survey: Survey, steps: Iterable[Step]) -> Iterator[Step]:
    """Pages worth a look: of the rows of a grid, or the sets of a best–worst, first and last."""
    for _, made in groupby(steps, lambda step: survey.place_of[step.questions[0].id].written.id):
        first, *others = made
        yield from (first, *others[-1:])


def compare(visit: Visit, draft: Draft) -> None:
    """The pages of a journey, filled twice (made, then from the store), and rendered whole."""
    journey = visit.journey(draft)
    for step in telling(visit.version.survey, journey.route.steps):
        for change in (False, True):
            whole = seen(blanks._rendered(visit, journey, step, change=change).content)
            made = blanks.filled(visit, journey, step, change=change).content
            assert seen(made) == whole
            stored = blanks.filled(visit, journey, step, change=change).content
            assert stored == made


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_filled_page_is_the_page(data: st.DataObject) -> None:
    survey = data.draw(surveys())
    version = Version(1, 1, survey, "any", "published", current=True)
    token, now = Token(bytes(32)), datetime(2025, 1, 1, tzinfo=UTC)
    blanks._blanks.clear()
    blanks._looks_at.clear()
    # Two respondents in turn: what one typed must not be on the other's page.
    for _ in range(2):
        answers = data.draw(answer_sets(survey))
        raw = {qid: survey.questions[qid].raw(value) for qid, value in answers.items()}
        draft = Draft(now, raw)
        visit = Visit(version, survey.languages[0], token, draft, now)
        compare(visit, draft)


def test_no_word_of_anybody_is_kept() -> None:
    """What the store of blanks holds of answers are options' codes alone."""
    survey = load(SURVEYS / "everything")
    version = Version(1, 1, survey, "any", "published", current=True)
    now = datetime(2025, 1, 1, tzinfo=UTC)
    raw = {
        "district": ["north"], "band": ["c"], "view": ["freeze"], "why_freeze": ["MARKED words"],
        "priorities": ["roads", "patrols"], "roads_more": ["87"], "pay": ["77.77"],
        "feeling": ["fair"],
    }  # fmt: skip
    draft = Draft(now, raw)
    blanks._blanks.clear()
    for language in survey.languages:
        compare(Visit(version, language, Token(bytes(32)), draft, now), draft)
    assert blanks._blanks
    kept = repr([(key, blank.pieces) for key, blank in blanks._blanks.items()])
    for words in ("MARKED", "77.77"):
        assert words not in kept
    for names in blanks._looks_at.values():
        assert all(isinstance(survey.questions[name], OneOf) for name in names)
