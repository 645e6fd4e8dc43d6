"""Surveys of any shape, for properties."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from consult.questionnaire.model import Definition, Words
from consult.questionnaire.survey import Survey

CODES = st.lists(
    st.sampled_from(["a", "b2", "no-3", "4", "other"]), min_size=2, max_size=4, unique=True
)
LINE = (
    st.text(alphabet="abcé £?'\"-ŵ*5.,", min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda text: text.strip("*'=+-@ ") and not text.startswith(("-", "*", "=", "#")))
)
PROSE = st.one_of(LINE, st.just("Read **this**:\n\n- one\n- two\n\n[A link](https://a.example/x)"))
TYPES = (
    "choice", "choices", "scale", "number", "money", "date", "short_text", "long_text", "ranking",
    "points", "grid", "tax_band", "consent", "statement",
)  # fmt: skip


@st.composite
def keys(draw: Any, type_: str) -> dict[str, Any]:
    """Keys that a question of a type may have."""
    made: dict[str, Any] = {}
    if type_ in {"choice", "choices", "scale", "ranking", "points", "grid"}:
        made["options"] = draw(CODES)
    if type_ in {"choice", "choices", "ranking"}:
        made["shuffle"] = draw(st.booleans())
    if type_ == "choices":
        made |= draw(st.sampled_from([{}, {"maximum": 2}, {"minimum": 1, "maximum": 2}]))
        first, *rest = made["options"]
        made["options"] = draw(
            st.sampled_from([[first, *rest], [{"code": first, "exclusive": True}, *rest]])
        )
    if type_ in {"choice", "choices"}:
        *first, last = made["options"]
        made["options"] = draw(
            st.sampled_from([[*first, last], [*first, {"code": last, "words": True}]])
        )
    if type_ == "choice":
        made["autocomplete"] = draw(st.booleans())
    if type_ == "ranking":
        made["top"] = draw(st.sampled_from([None, 2]))
    if type_ == "grid":
        made["rows"] = draw(
            st.lists(st.sampled_from(["r1", "r2", "bins"]), min_size=1, max_size=3, unique=True)
        )
    if type_ == "number":
        made |= draw(
            st.sampled_from(
                [{}, {"minimum": 0}, {"minimum": -3, "maximum": 9}, {"decimals": 2, "maximum": 1.5}]
            )
        )
    if type_ == "date":
        made |= draw(st.sampled_from([{}, {"minimum": "2026-01-31"}, {"maximum": "2030-12-31"}]))
    if type_ == "short_text":
        made |= draw(
            st.sampled_from([{}, {"maximum": 9}, {"pattern": "[A-Z]{2}|x$"}, {"pattern": "it's"}])
        )
    return made


def condition(earlier: list[dict[str, Any]]) -> st.SearchStrategy[str | None]:
    """A condition about earlier questions."""
    found: list[str] = []
    for question in earlier:
        qid, type_ = question["id"], question["type"]
        code = question["options"][0] if question.get("options") else ""
        code = code["code"] if isinstance(code, dict) else code
        if type_ in {"choice", "scale"}:
            found += [f'{qid} == "{code}"', f'{qid} != "{code}"']
        elif type_ in {"choices", "ranking", "points"}:
            found += [f'"{code}" in {qid}', f'!("{code}" in {qid})']
        elif type_ == "number":
            found += [f"{qid} >= 2", f"{qid} != 3 || !answered.{qid}"]
        elif type_ == "grid":
            found.append(f'{qid}_{question["rows"][0]} == "{code}"')
        elif type_ not in {"statement", "consent"}:
            found.append(f"answered.{qid}")
    both = [f"{one} && ({two})" for one, two in pairwise(found)]
    return st.sampled_from([None, *found, *both])


@st.composite
def labels(draw: Any, question: dict[str, Any], earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """The wording of a question."""
    made: dict[str, Any] = (
        {"body": draw(PROSE)} if question["type"] == "statement" else {"ask": draw(LINE)}
    )
    answerable = [q["id"] for q in earlier if q["type"] not in {"statement", "grid"}]
    if "ask" in made and answerable and draw(st.booleans()):
        made["ask"] = f"{made['ask']} {{{draw(st.sampled_from(answerable))}}} x"
    if draw(st.booleans()):
        made["hint"] = draw(LINE)
    if draw(st.booleans()) and "ask" in made:
        made["body"] = draw(PROSE)
    options = [o["code"] if isinstance(o, dict) else o for o in question.get("options", ())]
    if question["type"] == "consent":
        options = ["yes"]
    if question["type"] == "tax_band":
        options = [*"abcdefgh", "dont_know", "no_council_tax"]
    if options:
        made["options"] = {code: draw(LINE) for code in options}
    if "rows" in question:
        made["rows"] = {code: draw(LINE) for code in question["rows"]}
    if words := [
        o["code"] for o in question.get("options", ()) if isinstance(o, dict) and o.get("words")
    ]:
        made["words"] = {code: draw(LINE) for code in words}
    return made


@st.composite
def surveys(draw: Any) -> Survey:
    """A survey in one or two languages, with pages of one or several questions."""
    languages = draw(st.sampled_from([["en"], ["cy", "en"]]))
    words: dict[str, dict[str, Any]] = {
        language: {
            "title": draw(LINE),
            "summary": draw(PROSE),
            "thanks": draw(PROSE),
            "questions": {},
        }
        for language in languages
    }
    pages, earlier = [], []
    for number in range(draw(st.integers(1, 4))):
        section = draw(st.sampled_from([None, "one" if number < 2 else "two"]))
        questions = []
        size = draw(st.sampled_from([1, 1, 2, 3]))
        for index in range(size):
            first = number == index == 0  # one that every format has
            types = [
                t for t in TYPES if (size == 1 or t != "grid") and not (first and t == "points")
            ]
            type_ = draw(st.sampled_from(types))
            question = {"id": f"q{number}_{index}", "type": type_, "when": draw(condition(earlier))}
            question["required"] = type_ != "statement" and draw(st.booleans())
            question |= draw(keys(type_))
            questions.append(question)
            for language in languages:
                words[language]["questions"][question["id"]] = draw(labels(question, earlier))
        if len(questions) > 1:
            for language in languages:
                words[language].setdefault("pages", {})[f"page{number}"] = draw(LINE)
            page = {"id": f"page{number}", "when": draw(condition(earlier)), "questions": questions}
        else:
            page = dict(questions[0])
        pages.append({"section": section, **page})
        earlier += questions
    used = sorted({page["section"] for page in pages if page["section"]})
    for language in languages:
        words[language]["sections"] = {section: draw(LINE) for section in used}
    definition = {
        "survey": "a-survey", "body": "A body", "languages": languages,
        "closes": "2031-01-01T10:00",
        "sections": [{"id": section} for section in used], "pages": pages,
    }  # fmt: skip
    return Survey(
        Definition.model_validate(definition),
        {language: Words.model_validate(each) for language, each in words.items()},
    )
