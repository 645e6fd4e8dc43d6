"""The demonstration's responses: the published ones exactly, the invented ones believable."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from consult.demo.answers import (
    INVENTED_SURVEY,
    PUBLISHED,
    PUBLISHED_SURVEY,
    Invented,
    invented,
    published_2023_24,
    sample,
)
from consult.demo.comments import Dice
from consult.questionnaire.loading import load
from consult.questionnaire.model import london
from consult.questionnaire.survey import Survey
from consult.respond.journey import travel

ROOT = Path(__file__).parents[2]


@cache
def _survey(slug: str = INVENTED_SURVEY) -> Survey:
    return load(ROOT / "surveys" / slug)


@cache
def _invented() -> tuple[Invented, ...]:
    return tuple(invented(_survey()))


def _said(question: str) -> Counter[str]:
    return Counter(code for r in _invented() for code in r.raw.get(question, [""]))


def _comments() -> list[str]:
    return [r.raw["comments"][0] for r in _invented() if "comments" in r.raw]


def test_the_same_seed_gives_the_same_responses() -> None:
    assert invented(_survey(), seed=7, n=200) == invented(_survey(), seed=7, n=200)
    assert invented(_survey(), seed=7, n=200) != invented(_survey(), seed=8, n=200)
    assert published_2023_24() == published_2023_24()


def test_dice_do_not_change_between_versions() -> None:
    dice = Dice(2025)
    assert [dice.number(1, 6) for _ in range(8)] == [4, 4, 3, 2, 1, 6, 4, 1]


@pytest.mark.parametrize("slug", [INVENTED_SURVEY, PUBLISHED_SURVEY])
def test_every_response_could_have_been_sent(slug: str) -> None:
    survey = _survey(slug)
    opens = survey.definition.opens
    assert opens
    for response in sample(survey):
        journey = travel(survey, response.raw)
        assert not journey.errors, response
        assert set(journey.answers) == set(journey.route.answers) == set(response.raw), response
        assert opens.date() <= response.received_on <= survey.closes.date()
        assert response.channel in {"web", "paper", "telephone"}


def test_nothing_is_made_for_other_surveys() -> None:
    assert sample(_survey("west-mercia-plan-2013")) == []
    with pytest.raises(ValueError, match="alone"):
        invented(_survey(PUBLISHED_SURVEY))


def test_turn_out_is_uneven() -> None:
    assert len(_invented()) == 2000
    district, age = _said("district"), _said("age")
    assert set(_survey().questions["district"].codes) <= set(district)  # type: ignore[attr-defined]
    assert district["stratford_on_avon"] > 2 * district["nuneaton_bedworth"]  # fewer live there
    assert age["16_24"] < 80
    assert age["65_74"] + age["75_plus"] > 600
    assert sum(_said("channel").values()) == 2000
    assert Counter(r.channel for r in _invented())["paper"] > 50


def test_answers_hang_together() -> None:
    def share(question: str, code: str, of: str) -> float:
        among = [r for r in _invented() if r.raw.get(question) == [code]]
        return sum(r.raw["option"] == [of] for r in among) / len(among)

    assert share("age", "25_34", "maximum") < share("age", "65_74", "maximum") - 0.1
    assert share("district", "nuneaton_bedworth", "freeze") > 0.1 + share(
        "district", "stratford_on_avon", "freeze"
    )


def test_responses_come_in_peaks() -> None:
    days = Counter(r.received_on for r in _invented())
    assert len(days) > 18
    assert max(days.values()) > 4 * min(days.values())


def test_comments_vary_as_peoples_do() -> None:
    comments = _comments()
    lengths = [len(comment.split()) for comment in comments]
    assert 0.5 < len(comments) / 2000 < 0.62
    assert len(set(comments)) > 0.85 * len(comments)
    assert min(lengths) == 1
    assert 100 < max(lengths) < 200
    assert sum(length > 40 for length in lengths) > 100
    assert sum(comment.isupper() and len(comment) > 20 for comment in comments) > 5
    assert {"n/a", "asdf", "..."} & set(comments)
    unfinished = [comment for comment in comments if re.search(r"[\[\]{}|]|  ", comment)]
    assert unfinished == []


def test_two_campaigns_send_their_letters() -> None:
    count = Counter(
        name
        for comment in _comments()
        for name, words in (("rural", "double the number of officers"), ("freeze", "over £500"))
        if words in comment
    )
    assert count == {"rural": 64, "freeze": 41}
    letters = [comment for comment in _comments() if "over £500" in comment]
    assert len(set(letters)) > 20


def test_personal_details_are_there_to_be_found_and_nobodys() -> None:
    text = "\n".join(_comments())
    phones = re.findall(r"\b0[\d ]{9,}\d\b", text)
    postcodes = re.findall(r"\b[A-Z]{1,2}\d{1,2} \d[A-Z]{2}\b", text)
    addresses = re.findall(r"\S+@\S+", text)
    assert min(len(phones), len(postcodes), len(addresses)) >= 2
    assert all(phone.startswith("01632 960") for phone in phones)
    assert all(postcode.startswith("CV99 ") for postcode in postcodes)
    assert all(address.lower().rstrip(".").endswith("@example.org") for address in addresses)


def test_the_published_table_comes_back() -> None:
    responses = published_2023_24()
    assert len(responses) == 1348
    assert Counter(r.channel for r in responses) == {"web": 1308, "paper": 40}
    for answer, everyone, public, police in PUBLISHED:
        group = Counter(
            "".join(r.raw.get("police", []))
            for r in responses
            if r.raw.get("affordability") == [answer]
        )
        assert group == +Counter({"no": public, "yes": police, "": everyone - public - police})
    answered = [r for r in responses if r.raw]
    assert len(answered) == 1328
    bases = Counter("".join(r.raw.get("police", [])) for r in answered)
    assert bases == {"no": 981, "yes": 318, "": 29}
    opens = _survey(PUBLISHED_SURVEY).definition.opens
    assert opens
    assert all(london(opens).date() <= r.received_on for r in responses)
