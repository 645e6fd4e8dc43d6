"""Surveys of every kind, made up by Hypothesis: what ``check`` accepts must work to the end."""

import string
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from consult.questionnaire.answers import (
    BestWorstSet,
    Choices,
    Date,
    LongText,
    Numeric,
    OneOf,
    Points,
    PreceptAmount,
    Question,
    Ranking,
    ShortText,
)
from consult.questionnaire.maxdiff import design
from consult.questionnaire.model import Definition, Words
from consult.questionnaire.survey import Survey

codes = st.lists(st.sampled_from(string.ascii_lowercase), min_size=3, max_size=6, unique=True)
text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(
    lambda said: said.strip() and "{" not in said
)
KINDS = (
    "choice", "scale", "choices", "number", "money", "precept_amount", "date", "short_text",
    "long_text", "ranking", "points", "best_worst", "grid", "tax_band", "postcode", "consent",
    "statement",
)  # fmt: skip

OPTIONED = (*KINDS[:3], "ranking", "points", "best_worst", "grid", "postcode")
COMPOUND = {"grid", "best_worst"}
BANDS = dict.fromkeys([*"abcdefgh", "dont_know", "no_council_tax"], "Band")


@st.composite
def questions(draw: st.DrawFn, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A question of any type as it stands in survey.yaml, and its wording."""
    kind = draw(st.sampled_from(KINDS))
    question: dict[str, Any] = {"id": name, "type": kind, "required": draw(st.booleans())}
    words: dict[str, Any] = {"ask": draw(text), "unanswered": "it"}
    options = draw(codes)
    if kind in {
        "choice",
        "scale",
        "choices",
        "ranking",
        "points",
        "best_worst",
        "grid",
        "postcode",
    }:
        question["options"] = list(options)
        words["options"] = {code: draw(text) for code in options}
    if kind in {"choice", "choices"} and draw(st.booleans()):
        question["options"][-1] = {"code": options[-1], "words": True}
    if kind in {"choice", "choices", "ranking", "points", "grid", "best_worst"}:
        question["shuffle"] = draw(st.booleans())
    if kind in {"scale", "grid"} and draw(st.booleans()):
        question["apart"], question["nets"] = [options[-1]], {"top": options[:2]}
        words["nets"] = {"top": draw(text)}
        question["measure"] = {"direction": "up", "net": "top"}
    if kind == "choices":
        question["options"][0] = {"code": options[0], "exclusive": True}
        question["maximum"] = draw(st.none() | st.integers(1, 3))
    if kind == "ranking":
        question["top"] = draw(st.none() | st.integers(1, len(options)))
    if kind == "points":
        question["total"] = draw(st.sampled_from([1, 10, 100]))
    if kind == "best_worst":
        question |= {"size": 3, "design": design(options, 3, len(options), seed=1)}
    if kind == "grid":
        rows = draw(codes)
        question["rows"], words["rows"] = rows, {row: draw(text) for row in rows}
    if kind == "precept_amount":
        question |= {"maximum": 20, "step": "0.5"}
    if kind == "postcode":
        question["keeps"] = draw(st.sampled_from(["area", "sector"]))
    if kind == "tax_band":
        words["options"] = BANDS
    if kind == "consent":
        words["options"] = {"yes": "I agree"}
    if kind == "statement":
        words = {"body": words["ask"], "documents": {"plan": "The plan"}}
        question = {"id": name, "type": kind, "documents": [{"id": "plan", "url": "/plan.pdf"}]}
    return {k: v for k, v in question.items() if v is not None}, words


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    """A sound survey: pages of one or more questions, sections, conditions, orders of chance."""
    pages: list[dict[str, Any]] = [{"id": "band", "type": "tax_band"}]
    words: dict[str, Any] = {"band": {"ask": "Band?", "options": BANDS}}
    headings: dict[str, str] = {}
    known: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 6))):
        page, said = draw(questions(f"q{number}"))
        words[page["id"]] = said
        if page["type"] not in COMPOUND and draw(st.integers(0, 3)) == 0:
            alone = questions(f"q{number}b").filter(lambda made: made[0]["type"] not in COMPOUND)
            other, said = draw(alone)
            words[other["id"]] = said
            page = {"id": f"p{number}", "questions": [page, other], "shuffle": draw(st.booleans())}
            headings[page["id"]] = draw(text)
        if known and draw(st.booleans()):
            page["when"] = draw(conditions(known))
        pages.append(page)
        known += [
            q for q in page.get("questions", [page]) if "options" in q or q["type"] == "number"
        ]
    shuffled = draw(st.booleans()) and not any("when" in page for page in pages)
    definition: dict[str, Any] = {
        "survey": "any", "body": "B", "languages": ["en"], "closes": "2099-01-01T17:00",
        "precept": {"band": "band", "band_d": "289.71", "rises": {"freeze": 0}}, "pages": pages,
    }  # fmt: skip
    if shuffled:
        definition["sections"] = [{"id": "s", "shuffle": True}]
        for page in pages:
            page["section"] = "s"
    return Survey(
        Definition.model_validate(definition),
        {"en": Words.model_validate({
            "title": "T", "summary": "S", "pages": headings, "questions": words,
            "sections": {"s": "S"} if shuffled else {},
        })},
    )  # fmt: skip


@st.composite
def conditions(draw: st.DrawFn, known: list[dict[str, Any]]) -> str:
    """A condition on a question asked before."""
    question = draw(st.sampled_from(known))
    name, kind = question["id"], question["type"]
    if kind in {"best_worst", "grid"}:
        name = f"{name}_1" if kind == "best_worst" else f"{name}_{question['rows'][0]}"
    if kind == "number":
        return draw(st.sampled_from([f"{name} > 3", f"answered.{name}", f"!({name} <= 3)"]))
    if kind == "best_worst":
        return f'"{question["design"][0][1]}" in {name}'
    option = question["options"][1]
    code = option if isinstance(option, str) else option["code"]
    several = kind in {"choices", "ranking", "points"}
    holds = f'"{code}" in {name}' if several else f'{name} == "{code}"'
    return draw(st.sampled_from([holds, f"!({holds})", f"answered.{name} && {holds}"]))


@st.composite
def values(draw: st.DrawFn, question: Question) -> Any:
    """A value that a question could be answered with."""
    match question:
        case OneOf():
            return draw(st.sampled_from(question.codes))
        case Choices():
            alone = [o.code for o in question.options if o.exclusive]
            others = [code for code in question.codes if code not in alone]
            most = min(question.maximum or len(others), len(others))
            least = min(question.minimum or 1, most)
            some = st.lists(st.sampled_from(others), min_size=least, max_size=most, unique=True)
            picked = draw(st.sampled_from([draw(some), *([code] for code in alone)]))
            return tuple(code for code in question.codes if code in picked)
        case PreceptAmount():
            steps = int((question.maximum - question.minimum) / question.step)
            amount = question.minimum + question.step * draw(st.integers(0, steps))
            return amount.quantize(Decimal("0.01")) + Decimal(0)
        case Numeric():
            low = question.minimum if question.minimum is not None else Decimal(-1000)
            high = question.maximum if question.maximum is not None else Decimal(1000)
            return draw(st.decimals(low, high, places=question.places)) + Decimal(0)
        case Date():
            low, high = question.minimum or date(1000, 1, 1), question.maximum or date(9999, 1, 1)
            return draw(st.dates(low, high))
        case ShortText() if question.pattern:
            return draw(st.sampled_from(["AB12 CDE", "XY99ZZZ"]))
        case ShortText():
            return " ".join(draw(text.filter(lambda t: len(t) <= question.maximum)).split())
        case LongText():
            return draw(text).strip()[: question.maximum]
        case Ranking():
            places = st.lists(st.sampled_from(question.codes), min_size=1, unique=True)
            return tuple(draw(places)[: question.places])
        case Points():
            count = len(question.codes) - 1
            cuts = draw(st.lists(st.integers(0, question.total), min_size=count, max_size=count))
            edges = [0, *sorted(cuts), question.total]
            return {c: edges[n + 1] - edges[n] for n, c in enumerate(question.codes)}
        case BestWorstSet():
            return tuple(draw(st.permutations(question.codes))[:2])
    raise TypeError(type(question).__name__)


@st.composite
def answer_sets(draw: st.DrawFn, survey: Survey) -> dict[str, Any]:
    """Answers to some of a survey's questions, on the path or not."""
    asked = draw(st.lists(st.sampled_from(list(survey.questions.values())), unique_by=id))
    return {q.id: draw(values(q)) for q in asked}
