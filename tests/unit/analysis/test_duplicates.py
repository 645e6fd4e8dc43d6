"""Copies among answers: what counts as one, and what does not."""

import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis import duplicates
from analysis.__main__ import cli
from benchmarks import campaigns

LETTER = (
    "I am writing to object to the closure of the fire station in Mill Lane, which has served the "
    "villages for sixty years. The next nearest engine is twenty minutes away in good weather. "
    "The figures in your paper leave out the two care homes and the primary school."
)


def kinds(*texts: str | None) -> list[str]:
    return duplicates.find(list(texts)).kinds


def test_the_same_words_are_exact_copies_whatever_case_and_punctuation() -> None:
    found = duplicates.find(["More police!", "more  police", "MORE POLICE…", "Fewer police"])
    assert found.kinds == ["exact", "exact", "exact", "single"]
    assert found.numbers.tolist() == [1, 1, 1, 2]
    assert found.sizes.tolist() == [3, 3, 3, 1]
    assert found.clusters == 1


def test_a_letter_with_a_greeting_dropped_sentences_and_a_typing_mistake_is_a_copy() -> None:
    changed = "Dear Commissioner, my mother lives there. " + LETTER.replace("weather", "wether")
    shorter = " ".join(LETTER.split(". ")[:2])
    assert kinds(LETTER, changed, shorter, "I like the fire station.") == [
        "near", "near", "near", "single",
    ]  # fmt: skip


def test_a_short_letter_with_one_other_word_is_a_copy_and_with_half_of_them_is_not() -> None:
    one = "Please keep the library in Ash Street open on Saturdays because we need it badly"
    assert kinds(one, one.replace("badly", "dearly")) == ["near", "near"]
    assert kinds(one, "Please keep the library in Ash Street, the pool is what nobody uses") == [
        "single", "single",
    ]  # fmt: skip


def test_a_sentence_of_a_letter_within_a_long_own_text_makes_no_copy() -> None:
    dice = random.Random(1)
    own = " ".join(dice.choice(("road", "dog", "lamp", "gate", "hill", "bus")) for _ in range(120))
    assert kinds(LETTER, own + " " + LETTER.split(". ")[1]) == ["single", "single"]


def test_nothing_is_a_copy_of_nothing() -> None:
    assert kinds(None, "", "  ", None) == ["single"] * 4
    assert kinds() == []
    assert kinds("👍", "👍", "👎", "…") == ["exact", "exact", "single", "single"]


def test_scripts_without_spaces_or_case_are_compared_too() -> None:
    urdu = "ہمیں اپنے محلے میں مزید پولیس چاہیے کیونکہ رات کو بہت شور ہوتا ہے اور بچے ڈرتے ہیں"
    assert kinds(urdu, urdu + "۔", urdu.replace("رات", "شام")) == ["exact", "exact", "near"]


def test_a_copy_of_a_copy_is_of_the_same_letter() -> None:
    parts = [f"sentence number {k} says quite another thing about place {k * 7}" for k in range(12)]
    drifting = [". ".join(parts[k : k + 8]) for k in range(5)]
    assert len(set(duplicates.find(drifting).first.tolist())) == 1


@pytest.mark.parametrize("seed", [3, 4])
def test_invented_campaigns_are_found_whole(seed: int) -> None:
    texts, truth = campaigns.make(4000, seed)
    found = duplicates.find(texts)
    sizes: dict[int, int] = {}
    for true in truth:
        sizes[true.group] = sizes.get(true.group, 0) + 1
    fair = [k for k, t in enumerate(truth) if not (t.label == "short" and sizes[t.group] == 1)]
    copied = [sizes[truth[k].group] > 1 for k in fair]
    kind = found.kinds
    called = [kind[k] != "single" for k in fair]
    both = sum(a and b for a, b in zip(copied, called, strict=True))
    assert both / sum(called) >= 0.995
    assert both / sum(copied) >= 0.995


@pytest.mark.parametrize("seed", [3, 4])
def test_copies_of_letters_that_are_known_are_told_by_themselves(seed: int) -> None:
    texts, truth = campaigns.make(3000, seed)
    groups = [t.group if t.label == "campaign" else -1 for t in truth]
    known = [k for k in range(1000) if groups[k] >= 0]
    rest = list(range(1000, 3000))
    found = duplicates.of_letters([texts[k] for k in known], [texts[k] for k in rest]).tolist()
    there = {groups[k] for k in known}
    right = sum(f >= 0 and groups[known[f]] == groups[k] for f, k in zip(found, rest, strict=True))
    assert right >= 0.995 * sum(f >= 0 for f in found)
    assert right >= 0.95 * sum(groups[k] in there for k in rest)
    alone = [duplicates.of_letters([texts[k] for k in known], [texts[k]])[0] for k in rest[:50]]
    assert alone == found[:50]


def test_copies_of_no_letters_and_of_none_that_has_runs() -> None:
    assert duplicates.of_letters([], ["any text"]).tolist() == [-1]
    assert duplicates.of_letters(["too short"], ["too short", ""]).tolist() == [-1, -1]
    assert duplicates.of_letters(["too short"], []).tolist() == []


def test_the_order_of_the_answers_does_not_matter() -> None:
    texts, _ = campaigns.make(1500, 5)
    turned = duplicates.find(texts[::-1]).first[::-1]
    straight = duplicates.find(texts).first
    pairs = {(int(a), int(b)) for a, b in zip(straight, turned, strict=True)}
    assert len(pairs) >= len(set(straight.tolist()))
    assert len(pairs) <= 1.01 * len(set(straight.tolist()))


def test_the_command_writes_a_row_for_every_answer(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("id,comment\na,Yes please\nb,\nc,yes please!\n", "utf-8")
    out = tmp_path / "out.csv"
    done = CliRunner().invoke(
        cli, ["duplicates", str(tmp_path / "r.csv"), "--text", "comment", "-o", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert out.read_text("utf-8").splitlines() == [
        "id,cluster,size,kind", "a,1,2,exact", "b,2,1,single", "c,1,2,exact",
    ]  # fmt: skip
    assert "2 are copies of another, in 1 cluster." in done.output


def test_the_command_says_which_column_is_missing(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("id,comment\na,Yes\n", "utf-8")
    done = CliRunner().invoke(
        cli, ["duplicates", str(tmp_path / "r.csv"), "--text", "coment", "-o", str(tmp_path / "o")]
    )
    assert done.exit_code == 1
    assert "there is no column “coment”" in done.output
