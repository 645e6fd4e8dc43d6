"""Names of themes: phrases that name something, joined where they go together, and told apart."""

import pytest

from analysis import grammar, naming, topics
from analysis.naming import Namer


@pytest.mark.parametrize(
    ("phrase", "names"),
    [
        ("helpful staff", True),
        ("long waiting times", True),
        ("noise at night", True),
        ("noise from other patients", True),
        ("waiting for an appointment", True),
        ("clean and tidy ward", True),
        ("stop the closure", True),
        ("the staff", False),
        ("staff were", False),
        ("thinks fewer", False),
        ("very friendly and", False),
        ("nothing", False),
    ],
)
def test_what_can_name_something(phrase: str, names: bool) -> None:
    assert bool(grammar.shape("".join(map(grammar.kind, phrase.split())))) is names


def test_things_name_better_than_what_is_done() -> None:
    found = grammar.phrases("Please stop the closure of our police station now")
    assert found["police station"] > found["stop the closure"] > 0
    assert "our police station" not in found
    assert "please stop" not in found


def test_an_adjective_with_a_capital_is_part_of_a_name() -> None:
    assert "bowling green" in grammar.phrases("We live in Bowling Green near the lake")
    assert grammar.phrases("İSTANBUL İ ﬁne")  # small letters of these are more characters


def test_phrases_do_not_run_across_a_comma() -> None:
    assert "lights police" not in grammar.phrases("More street lights, police and buses")


def test_no_phrase_and_no_keyword_has_a_first_name_or_what_was_left_out() -> None:
    for said in ("natasha was so kind", "the natasha clinic", "xxxx was excellent", "xxxx clinic"):
        assert not any("natasha" in p or "xxxx" in p for p in grammar.phrases(said))
        stems = {stem for stem, _ in topics.features(said)}
        assert not any("natasha" in s or "xxxx" in s for s in stems)


def test_two_words_of_praise_do_not_name_a_thing() -> None:
    namer = Namer(["Good service.", "Great service here.", "Good service, thank you."] * 6)
    name = namer.name(namer.phrases(range(18)), ["service"], [])
    assert not {"Good and great service", "Great and good service"} & {name}
    assert "service" in name.lower()


SAID = [
    "The waiting times for an appointment are too long.",
    "Long waiting times, I waited for weeks.",
    "Waiting times at the clinic are bad.",
    "Long waiting times again this year.",
    "My waiting time was three hours.",
    "Long waiting times for a doctor.",
] * 3
OTHERS = [
    "The food was cold and the portions small.",
    "Hot food would be nice on the ward.",
    "Good food and a kind cook.",
    "The food is cold every evening.",
] * 5


def test_a_name_is_what_many_wrote_in_three_words_or_more() -> None:
    namer = Namer(SAID + OTHERS)
    ranked = namer.phrases(range(len(SAID)))
    assert "waiting time" in ranked[0].text or "waiting times" in ranked[0].text
    name = namer.name(ranked, ["waiting"], [])
    assert name == "Long waiting times"
    assert naming.SHORTEST <= len(name.split()) <= naming.LONGEST


def test_a_name_is_not_given_twice() -> None:
    namer = Namer(SAID + OTHERS)
    ranked = namer.phrases(range(len(SAID)))
    first = namer.name(ranked, ["waiting"], [])
    second = namer.name(ranked, ["waiting"], [first])
    assert naming.similarity(first, second) < naming.ALIKE


def test_a_theme_without_any_phrase_has_a_name() -> None:
    namer = Namer(["asdf qq"] * 3 + ["zzz kk"] * 3)
    assert namer.name([], ["asdf", "qq"], []) == "Asdf and qq"
    assert namer.name([], ["asdf"], []) == "Comments on asdf"
    assert namer.name([], [], []) == "Comments of few words"
    assert namer.name([], [], ["Comments of few words"]) == "Comments of few words (2)"


def test_names_are_alike_in_letters_or_in_meaning() -> None:
    assert naming.similarity("Helpful staff", "Helpful staff") == pytest.approx(1.0)
    assert naming.similarity("Waiting times", "Waiting time") > 0.9
    assert naming.similarity("Dog mess in parks", "Council tax rise") < 0.6
    assert naming.similarity("我認為 uber", "覺得很棒 uber") < 0.9
