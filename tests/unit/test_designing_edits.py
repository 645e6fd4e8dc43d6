"""Edits of a document: what follows a change, what undoes it, and two people's edits together."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consult.designing import edits, fields, options, renaming, tree
from consult.designing.comparing import differences
from consult.designing.fields import Change
from consult.designing.merging import merge
from consult.errors import ConsultError, NotFound
from consult.questionnaire.document import Document
from consult.questionnaire.loading import examine
from consult.settings import shipped

WARWICKSHIRE = Document.from_folder(shipped("surveys") / "warwickshire-precept-2025-26")
MERCIA = Document.from_folder(shipped("surveys") / "west-mercia-plan-2013")
EVERYTHING = Document.from_folder(Path(__file__).parents[1] / "surveys/everything")
ALL = [WARWICKSHIRE, MERCIA, EVERYTHING]
SLUGS = ["warwickshire-precept-2025-26", "west-mercia-plan-2013", "everything"]
documents = pytest.mark.parametrize("document", ALL, ids=SLUGS)


def data(document: Document) -> tuple[object, ...]:
    return document.definition, document.words, document.population


def problems(document: Document) -> list[str]:
    found = examine(document, str(document.definition["survey"]))
    return [problem.code for problem in found.problems]


def names(document: Document) -> list[str]:
    return [str(spot.data["id"]) for spot in tree.spots(document)]


@documents
def test_there_and_back(document: Document) -> None:
    for name in names(document):
        renamed = renaming.rename(document, name, "quite_new").document
        assert problems(renamed) == problems(document), name
        assert data(renaming.rename(renamed, "quite_new", name).document) == data(document)
        copied = edits.copy(document, name)
        assert data(edits.delete(copied.document, copied.at).document) == data(document)
    for entry in tree.entries(document):
        key = tree.key_of(entry)
        moved = edits.move(document, key, 1).document
        if moved.definition != document.definition:
            assert data(edits.move(moved, key, -1).document) == data(document)


def test_what_speaks_of_a_question_follows_its_new_name() -> None:
    made = renaming.rename(WARWICKSHIRE, "tax_band", "band").document
    made = renaming.rename(made, "option", "rise").document
    assert made.definition["precept"]["band"] == "band"
    assert made.definition["headline"] == "rise"
    when = {str(e["id"]): e.get("when") for e in tree.entries(made)}
    assert when["freeze_savings"] == 'rise == "freeze"'
    assert when["affordable"] == 'band != "no_council_tax"'
    made = options.rename(made, "rise", "options", "freeze", "none_at_all").document
    when = {str(e["id"]): e.get("when") for e in tree.entries(made)}
    assert when["freeze_savings"] == 'rise == "none_at_all"'
    made = renaming.rename(WARWICKSHIRE, "district", "area").document
    assert "\narea,rugby," in made.population
    assert "district," not in made.population
    assert problems(made) == []
    piped = renaming.rename(EVERYTHING, "district", "area").document
    assert piped.words["en"]["questions"]["view"]["ask"] == "What should happen in {area}?"


def test_an_option_is_renamed_everywhere() -> None:
    made = options.rename(WARWICKSHIRE, "affordable", "options", "easily", "very").document
    question = tree.question_of(made, "affordable")
    assert question["nets"]["affordable"] == ["very", "just_about"]
    assert made.words["en"]["questions"]["affordable"]["options"]["very"]
    gone = options.remove(made, "affordable", "options", "dont_know").document
    assert "apart" not in tree.question_of(gone, "affordable")
    assert problems(gone) == []


@documents
def test_any_kind_becomes_any_other(document: Document) -> None:
    for name in names(document)[:12]:
        for kind in edits.types():
            made = edits.change_type(document, name, kind).document
            assert tree.question_of(made, name)["type"] == kind
            examine(made, str(document.definition["survey"]))


@documents
def test_pages_are_joined_and_split(document: Document) -> None:
    keys = [tree.key_of(entry) for entry in tree.entries(document)]
    for key in keys[1:]:
        joined = edits.merge(document, key)
        assert sorted(names(joined.document)) == sorted(names(document))
        apart = edits.split(joined.document, joined.at).document
        assert names(apart) == names(document)


def test_new_questions_of_every_kind_are_sound() -> None:
    for kind in edits.types():
        made = edits.add_question(WARWICKSHIRE, kind, "What do you think?", "age").document
        told = [code for code in problems(made) if code != "wording-missing"]
        assert told in ([], ["precept-band"], ["unknown-lookup"]), (kind, told)
        again = Document.from_texts(made.as_texts())
        assert data(again) == data(made)


TEXTS = st.text(max_size=30).filter(lambda text: "\r" not in text)
FIELDS = st.sampled_from(
    [
        "words/en/questions/district/ask",
        "words/en/questions/district/hint",
        "words/en/title",
        "question/comments/maximum",
        "question/district/required",
        "settings/headline",
        "option/district/options/rugby/not_in_population",
        "words/en/questions/age/options/75_plus",
        "question/age/when",
        "net/affordable/affordable/codes",
        "population",
    ]
)
CHANGES = st.lists(st.builds(Change, FIELDS, TEXTS), max_size=4, unique_by=lambda c: c.field)


@settings(max_examples=150, deadline=None)
@given(mine=CHANGES, theirs=CHANGES)
def test_nobodys_words_vanish(mine: list[Change], theirs: list[Change]) -> None:
    """Every change of both is in the document, or waits for a person with both texts."""
    head = merge(WARWICKSHIRE, WARWICKSHIRE, theirs).document
    merged = merge(WARWICKSHIRE, head, mine)
    waiting = {clash.field: clash for clash in merged.clashes}
    for change in theirs:
        assert fields.read(merged.document, change.field) == fields.read(head, change.field) or (
            fields.read(head, change.field) == fields.read(WARWICKSHIRE, change.field)
        )
    for change in mine:
        wanted = fields.read(fields.write(WARWICKSHIRE, change.field, change.text), change.field)
        if change.field in waiting:
            assert waiting[change.field].mine == wanted
            assert waiting[change.field].theirs == fields.read(head, change.field)
            assert merged.aside is not None
            assert fields.read(merged.aside, change.field) == wanted
        elif wanted != fields.read(WARWICKSHIRE, change.field):
            assert fields.read(merged.document, change.field) == wanted


@documents
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False))
def test_any_order_of_edits_can_be_written_checked_and_told(
    document: Document, chance: random.Random
) -> None:
    made = document
    for _ in range(8):
        keys = [tree.key_of(entry) for entry in tree.entries(made)] + names(made)
        key = chance.choice(keys)
        act = chance.choice([edits.copy, edits.delete, edits.merge, edits.split, "move", "rename"])
        try:
            if act == "move":
                made = edits.move(made, key, chance.choice([-1, 1])).document
            elif act == "rename":
                made = renaming.rename(made, key, f"new_{chance.randrange(10**6)}").document
            else:
                made = act(made, key).document  # type: ignore[operator]
        except (ConsultError, NotFound):
            continue
    examine(made, str(document.definition["survey"]))
    assert isinstance(differences(document, made), list)
    assert data(Document.from_texts(made.as_texts())) == data(made)


def test_sets_are_made() -> None:
    made = edits.change_type(WARWICKSHIRE, "priorities", "best_worst").document
    made = options.make_sets(made, "priorities").document
    assert len(tree.question_of(made, "priorities")["design"]) == 7
    assert "design-set" not in problems(made)


def test_pasting_makes_codes_that_are_valid_and_unique() -> None:
    text = "Yes\nyes!\n  Ja / nein \nÜber 18\n16 to 24\nok\tOK then\tA hint\n\n"
    made = options.paste(WARWICKSHIRE, "comments", "options", text, "en").document
    assert tree.question_of(made, "comments")["options"] == [
        "yes", "yes_2", "ja_nein", "ber_18", "16_to_24", "ok",
    ]  # fmt: skip
    labels = made.words["en"]["questions"]["comments"]
    assert labels["options"]["ber_18"] == "Über 18"
    assert labels["hints"] == {"ok": "A hint"}
    for wrong in ("A B\tlabel", "a\tx\na\ty", "x\n" * 3000):
        with pytest.raises(ConsultError):
            options.paste(WARWICKSHIRE, "comments", "options", wrong, "en")


def test_who_gets_in_is_chosen_and_held_to_what_it_needs() -> None:
    by_address = fields.write(WARWICKSHIRE, "settings/access", "signed_in")
    assert "domains-missing" in problems(by_address)
    whole = fields.write(by_address, "settings/email_domains", " police.example  council.example ")
    assert whole.definition["email_domains"] == ["police.example", "council.example"]
    assert fields.read(whole, "settings/email_domains") == "police.example council.example"
    assert problems(whole) == problems(WARWICKSHIRE)
    assert "access" not in fields.write(whole, "settings/access", "").definition


def test_what_keeps_people_safe_is_set_line_by_line() -> None:
    safe = fields.write(WARWICKSHIRE, "settings/sensitive", "yes")
    lines = "line | 116 006\nhouse | | 60066 | https://house.example | rugby warwick"
    safe = fields.write(safe, "settings/support", lines)
    assert safe.definition["sensitive"] is True
    assert safe.definition["support"] == [
        {"id": "line", "phone": "116 006"},
        {"id": "house", "text": "60066", "href": "https://house.example",
         "areas": ["rugby", "warwick"]},
    ]  # fmt: skip
    assert fields.read(safe, "settings/support") == (
        "line | 116 006\nhouse |  | 60066 | https://house.example | rugby warwick"
    )
    spoken = fields.write(safe, "settings/support", "Women's line | 0808 200 0247")
    assert spoken.definition["support"] == [{"id": "womens_line", "phone": "0808 200 0247"}]
    assert "wording-missing" in problems(safe)
    for name in ("line", "house"):
        safe = fields.write(safe, f"words/en/support/{name}/name", name.capitalize())
    assert problems(safe) == problems(WARWICKSHIRE)
    assert "sensitive" not in fields.write(safe, "settings/sensitive", "").definition


def test_anonymity_is_the_rule_and_its_exception_is_said() -> None:
    named = fields.write(WARWICKSHIRE, "settings/anonymous", "no")
    assert named.definition["anonymous"] is False
    assert fields.read(named, "settings/anonymous") == "no"
    assert "anonymous" not in fields.write(named, "settings/anonymous", "").definition
    both = fields.write(WARWICKSHIRE, "settings/offers", "updates prize_draw")
    assert both.definition["offers"] == ["updates", "prize_draw"]
