"""The demonstration's responses: 2,000 invented ones, and the 1,348 published for 2023/24.

Everything follows from the seed. Who answers and how is in ``people.yaml``, what they write
in ``words.yaml``. The invented are uneven as open consultations are: too few young people,
too many from one district, and answers that hang together, so that weighting shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from consult.demo.comments import Dice, Typist, Writer, table
from consult.questionnaire.survey import Survey

#: The survey the invented responses answer.
INVENTED_SURVEY = "warwickshire-precept-2025-26"
PUBLISHED_SURVEY = "warwickshire-precept-2023-24"
COMMENT_SHARE = 0.55
#: Of those who comment: say nothing, give someone away, write in another language.
NOTHING_SHARE, PERSONAL_SHARE, FOREIGN_SHARE = 0.05, 0.018, 0.003
YOUNG = frozenset({"16_24", "25_34"})
Person = Mapping[str, str]


@dataclass(frozen=True)
class Invented:
    """A response as a form would send it: text by question, and how and when it came."""

    raw: Mapping[str, list[str]]
    channel: str
    received_on: date


def sample(survey: Survey, seed: int = 2025, n: int = 2000) -> list[Invented]:
    """The demonstration's responses to any survey; none to one it has nothing for."""
    if survey.slug == INVENTED_SURVEY:
        return invented(survey, seed, n)
    return published_2023_24() if survey.slug == PUBLISHED_SURVEY else []


def invented(survey: Survey, seed: int = 2025, n: int = 2000) -> list[Invented]:
    """``n`` invented responses to the 2025/26 precept survey, in the order they came."""
    opens = survey.definition.opens
    if survey.slug != INVENTED_SURVEY or opens is None:
        raise ValueError(f"responses are invented for {INVENTED_SURVEY} alone")
    dice = Dice(seed)
    writer = Writer(dice)
    made: list[tuple[int, int, Invented]] = []
    letters = [
        (campaign, district)
        for campaign in table("words.yaml")["campaigns"]
        for district, count in campaign["districts"].items()
        for _ in range(round(count * n / 2000))
    ]
    days = dict(enumerate(table("people.yaml")["days"]))
    for number in range(n):
        if number < len(letters):
            raw, day, channel = _campaigner(dice, writer, *letters[number])
        else:
            raw, day, channel = _resident(dice, writer), dice.weighed(days), ""
        channel = channel or _channel(dice, raw)
        received_on = opens.date() + timedelta(days=min(day, len(days) - 1))
        made.append((day, dice.number(0, 10**9), Invented(raw, channel, received_on)))
    return [response for _, _, response in sorted(made, key=lambda entry: entry[:2])]


def _channel(dice: Dice, raw: Mapping[str, list[str]]) -> str:
    old = raw.get("age") == ["75_plus"]
    return dice.weighed(
        {"web": 80, "paper": 16, "telephone": 4} if old else {"web": 97, "paper": 3}
    )


# -- one resident --------------------------------------------------------------------------------


def _weights(entry: Mapping[str, Any], person: Person) -> dict[str, float]:
    """The weights of an entry of ``people.yaml`` for ``person``."""
    weights = dict(entry["weights"])
    for attribute, by_value in entry.get("times", {}).items():
        for code, factor in by_value.get(person.get(attribute, ""), {}).items():
            weights[code] *= factor
    return weights


def _person(dice: Dice, fixed: Person | None = None) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Somebody, and those of their answers that they give."""
    people = table("people.yaml")["people"]
    person: dict[str, str] = {}
    raw: dict[str, list[str]] = {}
    private = dice.chance(0.035)  # leaves out everything about themselves
    for name, entry in people.items():
        person[name] = (fixed or {}).get(name) or dice.weighed(_weights(entry, person))
        about = private and name in {"age", "sex", "victim", "ethnicity", "disability"}
        skipped = dice.chance(entry.get("skip", 0)) or about
        if name == "affordable" and person["tax_band"] == "no_council_tax":
            continue  # not asked
        if not skipped:
            raw[name] = [person[name]]
    return person, raw


def _priorities(dice: Dice, person: Person) -> list[str]:
    if dice.chance(0.04):
        return []
    if dice.chance(0.015):
        return ["none_of_these"]
    count = dice.weighed({1: 8, 2: 14, 3: 78})
    return dice.some(_weights(table("people.yaml")["priorities"], person), count)


def _resident(dice: Dice, writer: Writer) -> dict[str, list[str]]:
    person, raw = _person(dice)
    typist = Typist.drawn(dice, young=person["age"] in YOUNG)
    chosen = _priorities(dice, person)
    if chosen:
        raw["priorities"] = chosen
    follow_up = {"freeze": "freeze_savings", "middle": "rise_first", "maximum": "rise_first"}
    question = follow_up.get(person["option"])
    if question and dice.chance(0.5):
        words = "savings" if question == "freeze_savings" else "first"
        raw[question] = [writer.line(words, district=person["district"], typist=typist)]
    keen = {"not_at_all": 1.2, "dont_know": 0.8}.get(person["confidence"], 1.0)
    if dice.chance(COMMENT_SHARE * keen):
        raw["comments"] = [_comment(dice, writer, person, chosen, typist)]
    return raw


def _comment(dice: Dice, writer: Writer, person: Person, chosen: list[str], typist: Typist) -> str:
    if dice.chance(NOTHING_SHARE):
        return writer.exact("nothing")
    if dice.chance(FOREIGN_SHARE):
        return writer.exact("elsewhere")
    if dice.chance(FOREIGN_SHARE):
        return writer.exact("worrying")
    entry = table("people.yaml")["topics"]
    weights = _weights(entry, person)
    for code in chosen:
        if code in entry["priority"]:
            weights[entry["priority"][code]] *= 2.5
    topics = dice.some(weights, dice.weighed({1: 62, 2: 28, 3: 10}))
    text = writer.comment(topics, person["district"], typist)
    if dice.chance(PERSONAL_SHARE):
        text = f"{text.rstrip()} {writer.personal(person['district'])}"
    return text


def _campaigner(
    dice: Dice, writer: Writer, campaign: Mapping[str, Any], district: str
) -> tuple[dict[str, list[str]], int, str]:
    """Someone who sends a campaign's letter: most within days of its call."""
    person, raw = _person(dice, {"district": district, "option": campaign["option"]})
    chosen = _priorities(dice, person)
    if campaign["id"] == "rural_team" and "rural" not in chosen:
        chosen = ["rural", *chosen[:2]] if chosen != ["none_of_these"] else ["rural"]
    if chosen:
        raw["priorities"] = chosen
    raw["comments"] = [writer.letter(campaign["letter"])]
    day = campaign["day"] + dice.weighed({0: 30, 1: 35, 2: 18, 3: 10, 5: 7})
    return raw, day, "paper" if dice.chance(0.12) else ""


# -- the published responses of 2023/24 ----------------------------------------------------------

#: Published: answer, everyone, not working in policing, police.
PUBLISHED: tuple[tuple[str, int, int, int], ...] = (
    ("p60_83", 599, 409, 178),
    ("p30_60", 207, 159, 43),
    ("p0_30", 134, 107, 24),
    ("no_increase", 293, 232, 52),
    ("no_council_tax", 12, 10, 2),
    ("dont_know", 83, 64, 19),
)
RESPONSES, ON_PAPER = 1348, 40
#: Illustrative, as are which rows came on paper: neither is published.
FIRST_DAY, DAYS = date(2022, 12, 12), 36


def _published_rows() -> Iterator[dict[str, list[str]]]:
    given = 0
    for answer, everyone, public, police in PUBLISHED:
        given += everyone
        yield from ({"affordability": [answer], "police": ["no"]} for _ in range(public))
        yield from ({"affordability": [answer], "police": ["yes"]} for _ in range(police))
        yield from ({"affordability": [answer]} for _ in range(everyone - public - police))
    # Whether those who left the question out work in policing is not published.
    yield from ({} for _ in range(RESPONSES - given))


def published_2023_24() -> list[Invented]:
    """The 1,348 responses to the 2023/24 survey, row by row from the published table."""
    made = []
    for number, raw in enumerate(_published_rows()):
        paper = (number + 1) * ON_PAPER // RESPONSES > number * ON_PAPER // RESPONSES
        received_on = FIRST_DAY + timedelta(days=number * 17 % DAYS)
        made.append(Invented(raw, "paper" if paper else "web", received_on))
    return sorted(made, key=lambda response: response.received_on)
