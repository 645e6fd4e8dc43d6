"""The rules of a questionnaire: conditions, wording, precept arithmetic, answers, dates."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from consult import clock
from consult.consultations.lifecycle import after, state
from consult.errors import ConsultError
from consult.questionnaire.answers import Choice, Choices, Invalid, LongText, Money, Number
from consult.questionnaire.answers.base import Labels
from consult.questionnaire.conditions import check, holds, names
from consult.questionnaire.loading import load
from consult.questionnaire.precept import Precept, bill, sterling
from consult.questionnaire.routing import route
from consult.questionnaire.wording import plain, resolver, rich
from consult.respond.codes import Receipt, ReturnCode
from consult.respond.draft import Token
from consult.respond.journey import travel

EVERYTHING = load(Path(__file__).parents[1] / "surveys" / "everything")
QUESTIONS = EVERYTHING.questions

# -- conditions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "answers", "met"),
    [
        ('district == "north"', {"district": "north"}, True),
        ('district == "north"', {"district": "south"}, False),
        ('district == "north"', {}, False),
        ('district != "north"', {}, False),  # nobody answered: neither equal nor unequal
        ('!(district == "north")', {}, False),
        ('"roads" in priorities', {"priorities": ("roads", "patrols")}, True),
        ('"roads" in priorities', {}, False),
        ("size(priorities) == 2", {"priorities": ("roads", "patrols")}, True),
        ("roads_more > 5", {"roads_more": Decimal(7)}, True),
        ("pay > 10", {"pay": Decimal("10.01")}, True),
        ("pay >= 10.01", {"pay": Decimal("10.01")}, True),
        ("10 < pay", {"pay": Decimal(10)}, False),
        ("answered.district", {"district": "north"}, True),
        ("!answered.district", {}, True),
        ('answered.district && district in ["north", "south"]', {"district": "south"}, True),
        ('roads_more > 5 || district == "north"', {"district": "north"}, True),
        ('roads_more > 5 && district == "north"', {"district": "north"}, False),
        ('why_freeze.contains("dear")', {"why_freeze": "too dear"}, True),
    ],
)
def test_conditions(condition: str, answers: dict[str, object], met: bool) -> None:
    assert not list(check(condition, QUESTIONS, {}))
    assert holds(condition, QUESTIONS, answers) is met


@pytest.mark.parametrize(
    ("condition", "code", "said"),
    [
        ('"north" in district', "condition-type", "text or an option with text or an option"),
        ('district == "noth"', "condition-option", "north, south, elsewhere"),
        ('"noth" == district', "condition-option", "north, south, elsewhere"),
        ('district in ["north", "noth"]', "condition-option", "noth"),
        ('"rodes" in priorities', "condition-option", "roads, burglary"),
        ('"north" in priorities', "condition-option", "roads, burglary"),
        ("district", "condition-not-yes-or-no", ""),
        ("district ==", "condition-syntax", ""),
        ("pay == 'x'", "condition-type", "a number with decimals"),
        ("answered.nothing", "condition-unknown-name", "nothing"),
        ("", "condition-syntax", ""),
        ('answered["distrct"]', "condition-syntax", "answered.name"),
    ],
)
def test_conditions_that_cannot_be_used(condition: str, code: str, said: str) -> None:
    [(found, params), *_] = check(condition, QUESTIONS, {})
    assert found == code
    assert said in str(dict(params))


def test_a_text_with_a_name_in_it_is_no_name() -> None:
    assert names('district == "sex" && answered.pay') == ["district", "pay"]


# -- routing ---------------------------------------------------------------------------------------


def test_an_answer_off_the_path_opens_no_question() -> None:
    answers = {"district": "north", "view": "maximum", "priorities": ("roads",)}
    path = [step.page.id for step in route(EVERYTHING, answers).steps]
    assert "why_freeze" not in path
    assert "roads_more" in path
    path = [step.page.id for step in route(EVERYTHING, {**answers, "district": "elsewhere"}).steps]
    assert "roads_more" not in path


def test_parts_close_each_at_their_own_time() -> None:
    plan = load(Path(__file__).parents[2] / "surveys" / "west-mercia-plan-2013")
    between = datetime(2013, 2, 1, 12, tzinfo=UTC)
    before = datetime(2013, 1, 20, 12, tzinfo=UTC)
    assert plan.window(between) == plan.window(before) == "open"
    assert plan.closed_parts(before) == frozenset()
    closed = plan.closed_parts(between)
    assert len(closed) == 1
    asked = {page.part for page in (s.page for s in route(plan, {}, closed).steps)}
    assert not asked & closed
    assert {s.page.part for s in route(plan, {}).steps} >= closed
    assert plan.window(datetime(2013, 2, 16, 12, tzinfo=UTC)) == "closed"


# -- wording ---------------------------------------------------------------------------------------


def test_piping_fills_answers_costs_and_what_stands_in_their_place() -> None:
    ask = EVERYTHING.labels("view", "en")
    resolve = resolver(EVERYTHING, "en", {"district": "south", "band": "h"})
    assert plain(ask.ask, resolve) == "What should happen in South?"
    assert plain(ask.hint, resolve) == "The costs are for band H."
    assert plain(ask.options["maximum"], resolve) == "A rise of £28 a year, £2.33 a month"
    resolve = resolver(EVERYTHING, "cy", {})
    assert plain(EVERYTHING.labels("view", "cy").ask, resolve).endswith("yn eich ardal?")


def test_an_answer_piped_into_markdown_stays_text() -> None:
    said = {"why_freeze": "<script>alert(1)</script> **bold** {district}"}
    html = rich("You said {why_freeze}", resolver(EVERYTHING, "en", said))
    assert "<script" not in html
    assert "**bold** {district}" in html


def test_markdown_takes_no_html_and_carries_our_classes() -> None:
    html = rich("## Head\n\n- one <b>x</b>\n\n[a](https://example.org)", lambda name: "")
    assert '<h2 class="govuk-heading-m">' in html
    assert '<ul class="govuk-list govuk-list--bullet">' in html
    assert '<a class="govuk-link" href=' in html
    assert "<b>" not in html


def test_a_number_to_ring_keeps_its_order_among_words_that_run_from_right_to_left() -> None:
    html = rich("**01632 960100** پر فون کریں، یا +44 20 7946 0000۔ <27 3>", lambda name: "")
    assert '<strong><bdi dir="ltr">01632 960100</bdi></strong>' in html
    assert '<bdi dir="ltr">+44 20 7946 0000</bdi>۔ &lt;27 3&gt;' in html
    assert rich("[01](https://a.org/12%2034)", lambda name: "").count("<bdi") == 0
    price = rich("ایک سال میں £193.14, یعنی £2.", lambda name: "")
    assert '<bdi dir="ltr">£193.14</bdi>, یعنی <bdi dir="ltr">£2</bdi>.' in price


# -- precept (figures of Warwickshire 2024/25) -----------------------------------------------------


@pytest.mark.parametrize(
    ("band", "published"),
    [
        ("a", "193.14"),
        ("b", "225.33"),
        ("c", "257.52"),
        ("d", "289.71"),
        ("e", "354.09"),
        ("f", "418.47"),
        ("g", "482.85"),
        ("h", "579.42"),
    ],
)
def test_bills_are_the_published_ones(band: str, published: str) -> None:
    assert bill(Decimal("289.71"), band) == Decimal(published)


def test_a_rise_is_the_difference_of_two_bills() -> None:
    precept = Precept(band="band", band_d=Decimal("289.71"), rises={"up": Decimal(10)})
    assert precept.value("precept.up.year", "a") == "£6.67"
    assert precept.value("precept.up.total", "a") == "£199.81"
    assert precept.value("precept.up.month", "a") == "56p"
    assert precept.value("precept.band", None) == "D"
    assert precept.value("precept.band", "dont_know") == "D"


@pytest.mark.parametrize(
    ("amount", "said"), [("12", "£12"), ("0.71", "71p"), ("0", "£0"), ("1234.5", "£1,234.50")]
)
def test_sterling(amount: str, said: str) -> None:
    assert sterling(Decimal(amount)) == said


# -- answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["seven", "1e3", "NaN", "Infinity", "1.5", "-1", "101", "٣x", "9" * 40, "0x10", "--1"]
)
def test_what_is_no_whole_number_from_0_to_100(typed: str) -> None:
    number = Number.model_validate({"id": "n", "type": "number", "minimum": 0, "maximum": 100})
    with pytest.raises(Invalid):
        number.parse([typed])


@pytest.mark.parametrize(
    ("typed", "value"), [("£1,234.50", "1234.50"), (" 12 ", "12.00"), ("0.1", "0.10"), ("-0", "0")]
)
def test_money_as_people_type_it(typed: str, value: str) -> None:
    money = Money.model_validate({"id": "m", "type": "money"})
    assert money.parse([typed]) == Decimal(value)


@pytest.mark.parametrize("typed", ["12,50", "1,23", ",5", "1,,234", "1234,567"])
def test_a_comma_out_of_its_place_is_no_thousand(typed: str) -> None:
    with pytest.raises(Invalid):
        Money.model_validate({"id": "m", "type": "money"}).parse([typed])


def test_choices_refuse_what_no_form_offers() -> None:
    options = ["a", "b", {"code": "none", "exclusive": True}]
    many = Choices.model_validate(
        {"id": "c", "type": "choices", "options": options, "minimum": 2, "maximum": 2}
    )
    for raw in (["z"], ["a"], ["a", "none"]):
        with pytest.raises(Invalid):
            many.parse(raw)
    assert many.parse(["b", "a", "a", ""]) == ("a", "b")
    assert many.parse(["none"]) == ("none",)
    assert many.parse([]) is many.parse([""]) is None
    one = Choice.model_validate({"id": "c", "type": "choice", "options": ["a", "b"]})
    for raw in (["a", "b"], ["c"], ["A"]):
        with pytest.raises(Invalid):
            one.parse(raw)


def test_text_keeps_its_lines_and_loses_what_cannot_be_stored() -> None:
    text = LongText.model_validate({"id": "t", "type": "long_text", "maximum": 10})
    assert text.parse(["  a\r\nb\rc\x00 "]) == "a\nb\nc"
    assert text.parse(["  \n "]) is None
    assert text.parse(["🚓" * 10]) == "🚓" * 10
    with pytest.raises(Invalid):
        text.parse(["x" * 11])
    assert text.review("a\nb", Labels()) == "a\nb"


def test_an_answer_taken_back_is_gone() -> None:
    assert "view" not in travel(EVERYTHING, {"view": []}).answers
    assert set(travel(EVERYTHING, {}).errors) == {"district"}


# -- time and codes --------------------------------------------------------------------------------


def test_deadlines_are_london_time_summer_and_winter() -> None:
    summer = EVERYTHING.definition.model_copy(update={"closes": datetime(2025, 7, 1, 17)})  # noqa: DTZ001
    survey = type(EVERYTHING)(summer, EVERYTHING.words)
    assert survey.closes == datetime(2025, 7, 1, 16, tzinfo=UTC)
    assert clock.spoken(survey.closes) == "5pm on Tuesday 1 July 2025"
    assert clock.spoken(survey.closes, "cy") == "5pm, Dydd Mawrth 1 Gorffennaf 2025"
    midnight = datetime(2025, 1, 10, 0, tzinfo=UTC)
    assert clock.spoken(midnight) == "midnight, Friday 10 January 2025"
    assert clock.spoken(midnight.replace(hour=23, minute=59)) == "11:59pm on Friday 10 January 2025"
    assert clock.today(datetime(2025, 7, 1, 23, 30, tzinfo=UTC)).day == 2


def test_only_the_lifecycles_own_steps_can_be_taken() -> None:
    assert after("draft", "publish") == "published"
    with pytest.raises(ConsultError, match="it can publish"):
        after("draft", "reopen")  # type: ignore[arg-type]
    now = datetime(2025, 1, 1, tzinfo=UTC)
    assert state("draft", EVERYTHING, now) == "draft"
    assert state("published", EVERYTHING, now) == "open"


def test_codes_can_be_read_out_and_written_down() -> None:
    tokens = [Token.new() for _ in range(2000)]
    receipts = {str(token.receipt) for token in tokens}
    assert len(receipts) == len({token.receipt.response_id for token in tokens}) == 2000
    assert not set("".join(receipts)) & set("ILOU")
    for token in tokens[:50]:
        said = str(token.receipt).replace("-", " ").lower().replace("0", "o").replace("1", "i")
        again = Receipt.read(said)
        assert again is not None
        assert again.response_id == token.receipt.response_id
        assert str(again) == str(token.receipt)
    for text in ("", "ABCD-EFGH", "U" * 20, "é" * 20, "A" * 21, "٣" * 20):
        assert Receipt.read(text) is None


def test_a_return_code_opens_what_it_sealed_and_nothing_else() -> None:
    code = ReturnCode.new()
    keys = code.keys("survey")
    assert keys.unseal(keys.seal(b"secret")) == b"secret"
    assert ReturnCode.read(str(code).lower()) == code
    other = ReturnCode(code.number ^ 1).keys("survey")
    assert other.unseal(keys.seal(b"secret")) is None
    assert len({keys.id, other.id, code.keys("elsewhere").id}) == 3
