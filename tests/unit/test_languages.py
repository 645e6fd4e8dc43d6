"""The interface's languages: complete, honest about what is unchecked, no English on a page."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest
from babel.messages.pofile import read_po, write_po
from click.testing import CliRunner
from ruamel.yaml import YAML

from consult import clock
from consult.commands.languages import languages as command
from consult.kiosk.bundle import MESSAGES
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from consult.respond.journey import travel, typed
from consult.respond.rendering import question_context
from consult.respond.visit import Visit
from consult.web import catalogues
from consult.web.templating import LOCALES, translations

ROOT = Path(__file__).parents[2]
#: The languages that consult promises besides English.
PROMISED = ["cy", "pa", "pl", "pt", "ur", "zh"]
LANGUAGES = catalogues.known()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHECKED = re.compile(r"checked \d{4}-\d\d-\d\d\b")
#: The same word in both.
SAME = {("cy", "Help")}
#: Latin words on pages of another script: keys, formats, addresses, names of laws and places.
LATIN = {"Shift", "PDF", "Cookie", "Equality", "Act"}


def test_every_promised_language_is_there() -> None:
    assert set(PROMISED) <= set(LANGUAGES)


# -- what is unchecked -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_string_is_flagged_or_says_when_it_was_checked(language: str) -> None:
    """A new string is not taken for a checked one because somebody forgot its flag."""
    neither = [
        message.id
        for message in catalogues.catalogue(language)
        if message.id
        and catalogues.UNCHECKED not in message.flags
        and not any(CHECKED.match(comment) for comment in message.user_comments)
    ]
    assert neither == [], "flag these `#, unchecked`, or write `# checked 2026-12-01` above them"


@pytest.mark.parametrize("language", LANGUAGES)
def test_flags_survive_a_round_trip_and_are_shown(language: str) -> None:
    once = catalogues.catalogue(language)
    written = io.BytesIO()
    write_po(written, once)
    again = read_po(io.BytesIO(written.getvalue()), locale=language)
    flags = [{str(m.id): m.flags for m in each if m.id} for each in (once, again)]
    assert flags[0] == flags[1]
    for english, other in catalogues.unchecked(language).items():
        assert translations(language).gettext(english) == other


def test_the_command_counts_and_lists() -> None:
    table = CliRunner().invoke(command, [])
    assert table.exit_code == 0
    for language in LANGUAGES:
        said, waiting = catalogues.said(language), catalogues.unchecked(language)
        line = next(line for line in table.output.splitlines() if line.startswith(language))
        assert line.split()[-3:] == [str(len(said)), "0", str(len(waiting))]
    listed = CliRunner().invoke(command, ["--unchecked", "pl"])
    for english, other in catalogues.unchecked("pl").items():
        assert f"{english}\n    {other}\n" in listed.output
    missing = CliRunner().invoke(command, ["--unchecked", "xx"])
    assert "no catalogue for 'xx'" in str(missing.exception)


# -- what a page says ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    same = {(language, english) for english, other in catalogues.said(language).items()
            if english.strip() == other.strip()}  # fmt: skip
    assert same <= SAME


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_name_a_button_are_the_buttons_words(language: str) -> None:
    said = catalogues.said(language)
    safe = next(v for k, v in said.items() if "“Exit this page”" in k)
    assert said["Exit this page"] in safe
    later = next(v for k, v in said.items() if "“I have a code”" in k)
    begins = re.search("[“„”](.+?)[”“]", later)
    assert begins
    assert said["I have a code to go on with my answers"].startswith(begins[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_are_the_same(language: str) -> None:
    """999, 55, 10 minutes, 12 letters: what somebody acts on."""
    for english, other in catalogues.said(language).items():
        figures = [set(re.findall(r"(?<![A-Za-z\d])\d+", text)) for text in (english, other)]
        if "2 more times" in english or "1 more time" in english:
            continue  # Welsh says them in words.
        assert figures[0] == figures[1], english


def test_a_tablet_says_all_of_its_messages() -> None:
    assert set(MESSAGES) <= set(catalogues.messages())


class _Seen(HTMLParser):
    """What a page says to the eye and to a screen reader."""

    SAYING = re.compile(r"aria-label|title|alt|placeholder|data-(i18n\..+|minutes?|seconds)")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style"}
        self.said += [v for name, v in attrs if v and self.SAYING.fullmatch(name)]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.said.append(" ".join(data.split()))


@cache
def _patterns() -> list[re.Pattern[str]]:
    """English messages of two words and more, with anything in their places."""
    return [
        re.compile(re.sub(r"(?:%\\\(\w+\\\)s|%\\\{\w+\\\})", ".+?", re.escape(text.strip())))
        for text in catalogues.messages()
        if len(text.split()) > 1
    ]


def _veiled(value: object) -> object:
    """A survey's words without a letter of them: what is left on a page is consult's own."""
    if isinstance(value, dict):
        return {key: _veiled(each) for key, each in value.items() if key != "translated"}
    if isinstance(value, list):
        return [_veiled(each) for each in value]
    return "·".join(re.findall(r"\{.*?\}", str(value))) + "◦"


def _survey(name: str, language: str, folder: Path) -> Survey:
    """A survey of the tests, asked in ``language`` alone."""
    made = folder / name
    shutil.copytree(ROOT / "tests/surveys" / name, made)
    words = YAML(typ="safe").load((made / "en.yaml").read_text())
    for file in made.glob("??.yaml"):
        file.unlink()
    (made / f"{language}.yaml").write_text(json.dumps(_veiled(words), ensure_ascii=False))
    written = (made / "survey.yaml").read_text()
    written = re.sub(r"(?m)^languages:.*$", f"languages: [{language}]", written)
    written = re.sub(r"(?m)^body:.*$", "body: ◦", written)
    (made / "survey.yaml").write_text(written)
    return load(made)


class _Version:
    def __init__(self, survey: Survey) -> None:
        self.survey, self.stage = survey, "open"


def _questions(survey: Survey, language: str) -> Iterator[str]:
    """Every page as it is first seen, and as it is after it was sent empty or with nonsense."""
    here = Visit(cast(Any, _Version(survey)), language, None, None, NOW)
    journey = travel(survey, {}, seed=20)
    for step in journey.route.steps:
        names = [f"{q.id}{more}" for q in step.questions for more in ("", "-day", "-month")]
        for form in ({}, {name: ["x" * 9000] for name in names}):
            sent = travel(survey, {**journey.raw, **typed(step, cast(Any, form))}, seed=20)
            again = sent.route.step(step.page.id) or step
            for errors in ({}, sent.errors_on(again)):
                context = question_context(sent, again, language, errors)
                title = context.pop("title")
                more: dict[str, Any] = {
                    "action": "/",
                    "back": "/",
                    "change": False,
                    "unsaved": bool(errors),
                }
                yield str(here.show("question", title, **more, **context).content)


def _others(survey: Survey, language: str) -> Iterator[str]:
    """The pages around the questions."""
    here = Visit(cast(Any, _Version(survey)), language, None, None, NOW)
    closes, opens = (clock.spoken(NOW, language) for _ in range(2))
    day, rich = clock.day(NOW.date(), language), "◦"
    show: Callable[..., Any] = here.show
    more: dict[str, Any]
    behind: dict[str, Any]
    for state in ("open", "closed", "not_yet_open", "grace"):
        for begun in (True, False):
            start = {"summary": rich, "contact": rich, "closes": closes, "opens": opens}
            more = {"parts": [], "begun": begun, "lost": begun, "anonymous": begun}
            yield show("start", here.say("Start"), state=state, **start, **more).content
    for name in ("staying_safe", "away", "no_draft", "withdrawn", "unsaved", "enough"):
        yield show(name, here.say("Before you start")).content
    near = [{"name": "◦", "phone": "0808 200 0000", "text": "60066", "href": "/"}]
    yield show("help", here.say("Help"), near=near, elsewhere=[{"area": "◦"}]).content
    for code in ("", "7Q4M-1XKD-0PZR"):
        later = {"code": code, "by_email": True, "kept_days": 30, "closes": closes}
        yield show("later", here.say("Come back later"), mailed=bool(code), **later).content
    for what in ("receipt", "code"):
        yield show("code", here.say("Enter your code"), what=what, heading="◦", wrong="◦").content
    wanted = ("updates", "prize_draw")
    for corrected in (True, False):
        sent = {"receipt": "◦", "closes": closes, "thanks": rich, "offers": wanted}
        yield show("sent", here.say("Sent"), corrected=corrected, **sent).content
        yield show("check", here.say("Check your answers"), rows=[], corrects=corrected).content
        behind = {"rows": [], "receipt": "◦", "day": day, "may": corrected}
        yield show("behind_receipt", here.say("Your answers"), unsure=True, **behind).content


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_says_a_sentence_in_english(language: str, tmp_path: Path) -> None:
    pages: list[str] = []
    for name in ("every-type", "sensitive"):
        survey = _survey(name, language, tmp_path)
        pages += _questions(survey, language)
        pages += map(str, _others(survey, language))
    assert len(pages) > 50
    assert f'lang="{language}"' in pages[0]
    seen = _Seen()
    for page in pages:
        seen.feed(page)
    texts = set(seen.said)
    assert [text for text in texts if any(each.search(text) for each in _patterns())] == []
    if language in {"pa", "ur", "zh"}:
        bare = re.sub(r"%?\{.*?\}|\b[A-Z\d]{4}(-[A-Z\d]{4})+|\S+@\S+", "", "\n".join(texts))
        assert set(re.findall("[A-Za-z]{3,}", bare)) <= LATIN


# -- days ------------------------------------------------------------------------------------------


def test_days_and_hours_are_said_as_each_language_says_them() -> None:
    evening = datetime(2025, 7, 4, 16, 30, tzinfo=UTC)  # half past five in London
    said = {
        "en": "5:30pm on Friday 4 July 2025",
        "cy": "5:30pm, Dydd Gwener 4 Gorffennaf 2025",
        "pa": "ਸ਼ੁੱਕਰਵਾਰ, 4 ਜੁਲਾਈ 2025, 5:30 ਬਾ.ਦੁ.",
        "pl": "piątek, 4 lipca 2025, 17:30",
        "pt": "sexta-feira, 4 de julho de 2025, 17:30",
        "ur": "جمعہ، 4 جولائی، 2025، 5:30 PM",
        "zh": "2025年7月4日星期五 17:30",
    }
    assert {
        language: clock.spoken(evening, language).replace("\u202f", " ") for language in said
    } == said
    days = {
        "en": "4 July 2025", "cy": "4 Gorffennaf 2025", "pa": "4 ਜੁਲਾਈ 2025", "pl": "4 lipca 2025",
        "pt": "4 de julho de 2025", "ur": "4 جولائی، 2025", "zh": "2025年7月4日",
    }  # fmt: skip
    assert {language: clock.day(evening.date(), language) for language in days} == days


def test_each_catalogue_is_one_file_of_its_language() -> None:
    for file in LOCALES.glob("*.po"):
        assert f'"Language: {file.stem}\\n"' in file.read_text(encoding="utf-8")
