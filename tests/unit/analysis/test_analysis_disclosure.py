"""Disclosure control case by case; the attacker is in tests/properties."""

import random
from pathlib import Path
from typing import Any

import pytest
from analysis_files import codebook, question, write_csv

from analysis import crosstabs, dataset, disclosure, pipeline, themes, weighting
from analysis.dataset import Dataset
from analysis.disclosure import Publishable, PublishableThemes, Rules
from analysis.programme import Programme
from analysis.weighting import WeightedDataset


def table(folder: Path, counts: dict[str, dict[str, int]], weights: bool = False) -> Publishable:
    """Counts as answer → group → people ("" is no group), published."""
    rows: list[dict[str, Any]] = []
    for answer, groups in counts.items():
        for group, n in groups.items():
            rows += [{"id": 0, "q": answer, "g": group, "w": 1.0} for _ in range(n)]
    for k, row in enumerate(rows):
        row["id"] = k
        row["w"] = 1 + k % 3
    data = dataset.read(write_csv(folder / "r.csv", rows))
    weighted = weighting.with_weights(data, "w") if weights else weighting.unweighted(data)
    return disclosure.protect(crosstabs.tabulate(weighted, "q", ["g"]))


def shown(found: Publishable) -> dict[tuple[str, str], float | None]:
    return {(r["group"], r["category"]): r["estimate"] for r in found.rows()}


def test_a_small_count_is_hidden_with_companions_in_its_column_and_row(tmp_path: Path) -> None:
    found = shown(
        table(tmp_path, {"a": {"x": 50, "y": 60}, "b": {"x": 40, "y": 30}, "c": {"x": 7, "y": 20}})
    )
    hidden = {place for place, estimate in found.items() if estimate is None}
    assert hidden == {("x", "c"), ("y", "c"), ("x", "b"), ("y", "b")}


def test_a_small_group_is_hidden_whole_with_a_companion(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        {"a": {"x": 4, "y": 40, "z": 60, "v": 50}, "b": {"x": 3, "y": 30, "z": 50, "v": 70}},
    )
    groups = {g.group: g for g in found.breakdowns[0].groups}
    assert groups["x"].suppressed
    assert groups["x"].n is None
    assert groups["y"].suppressed
    assert (groups["z"].n, groups["v"].n) == (110, 120)
    for row in found.rows():
        if row["group"] in ("x", "y"):
            empty = {
                k: v for k, v in row.items() if k not in ("question", "category", "by", "group")
            }
            assert empty.pop("suppressed") is True
            assert set(empty.values()) == {None}


@pytest.mark.parametrize("people", [4, 12, 40])
def test_the_audit_of_few_answers_to_many_questions_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: int
) -> None:
    """Audits of 40 questions once took hundreds of programmes, and the page a minute."""
    solved = []
    best = Programme.best

    def counted(*given: Any) -> Any:
        solved.append(1)
        return best(*given)

    monkeypatch.setattr(Programme, "best", counted)
    dice = random.Random(1)
    rows = [
        {"id": k, "area": dice.choice("wxyz"), "victim": dice.choice("yn")}
        | {f"q{n}": dice.choice("abcde") for n in range(40)}
        for k in range(people)
    ]
    data = weighting.unweighted(dataset.read(write_csv(tmp_path / "r.csv", rows)))
    found = [crosstabs.tabulate(data, f"q{n}", ["area", "victim"]) for n in range(40)]
    released = disclosure.release(found)
    assert all(row["suppressed"] for one in released for row in one.rows() if row["n"] == 1)
    assert len(solved) < 80, len(solved)


def test_nought_is_printed_and_counts_are_rounded(tmp_path: Path) -> None:
    found = table(tmp_path, {"a": {"x": 101, "y": 53}, "b": {"x": 52, "y": 48}})
    assert found.everyone.n == 255
    assert found.breakdowns[0].groups[0].n == 155
    assert shown(found)["x", "a"] == 100 / 155
    found = table(tmp_path, {"a": {"x": 101, "y": 53}, "b": {"y": 48}})
    assert shown(found)["x", "b"] == 0
    assert shown(found)["x", "a"] == 1


def test_weighted_shares_are_steps_of_the_rounded_base(tmp_path: Path) -> None:
    found = table(tmp_path, {"a": {"x": 101, "y": 53}, "b": {"x": 52, "y": 48}}, weights=True)
    for group in (found.everyone, *found.breakdowns[0].groups):
        assert group.n is not None
        assert group.weighted_n is not None
        assert group.weighted_n % 5 == 0
        for cell in group.cells:
            assert cell.estimate is not None
            assert cell.estimate * group.n / 5 == pytest.approx(round(cell.estimate * group.n / 5))


def test_fewer_than_ten_responses_publish_nothing(tmp_path: Path) -> None:
    found = table(tmp_path, {"a": {"x": 4, "y": 1}, "b": {"x": 2, "y": 2}})
    assert all(row["suppressed"] for row in found.rows())
    assert found.responses.value is None


def test_people_in_no_group_are_protected_where_rounding_does_not_hide_them(tmp_path: Path) -> None:
    counts = {"a": {"x": 50, "y": 60, "": 3}, "b": {"x": 40, "y": 30, "": 30}}
    rows: list[dict[str, Any]] = [
        {"q": q, "g": g}
        for q, groups in counts.items()
        for g, n in groups.items()
        for _ in range(n)
    ]
    data = dataset.read(write_csv(tmp_path / "r.csv", [{"id": k, **r} for k, r in enumerate(rows)]))
    exact = crosstabs.tabulate(weighting.unweighted(data), "q", ["g"])
    plain = shown(disclosure.protect(exact, Rules(10, 1)))
    assert plain["x", "a"] is None or plain["y", "a"] is None
    open_ = shown(disclosure.protect(exact, Rules(10, 1, protect_unstated=False)))
    assert None not in open_.values()


def test_a_box_that_all_but_a_few_ticked_is_hidden(tmp_path: Path) -> None:
    rows = [{"id": k, "p.a": int(k > 4), "p.b": k % 2} for k in range(100)]
    columns = [{"name": "p.a", "option": "a"}, {"name": "p.b", "option": "b"}]
    book = codebook(
        tmp_path / "c.json",
        [question("p", "choices", options={"a": "A", "b": "B"}, columns=columns)],
    )
    data = dataset.read(write_csv(tmp_path / "r.csv", rows), book)
    (found,) = pipeline.tables(weighting.unweighted(data), ["p"])
    assert shown(found) == {("", "a"): None, ("", "b"): 0.5}


def test_nets_are_hidden_with_their_parts(tmp_path: Path) -> None:
    book = codebook(
        tmp_path / "c.json",
        [
            question("q", options={"a": "A", "b": "B", "c": "C", "d": "D"},
                     nets=[{"id": "ab", "label": {"en": "A or B"}, "codes": ["a", "b"]},
                           {"id": "cd", "label": {"en": "C or D"}, "codes": ["c", "d"]}])
        ],
    )  # fmt: skip
    answers = ["a"] * 30 + ["b"] * 40 + ["c"] * 5 + ["d"] * 8
    rows = [{"id": k, "q": q} for k, q in enumerate(answers)]
    data = dataset.read(write_csv(tmp_path / "r.csv", rows), book)
    (found,) = pipeline.tables(weighting.unweighted(data), ["q"])
    figures = shown(found)
    assert figures["", "ab"] == pytest.approx(70 / 85)
    assert figures["", "c"] is figures["", "d"] is figures["", "cd"] is None


def test_the_mean_of_a_small_group_is_hidden(tmp_path: Path) -> None:
    rows = [{"id": k, "n": k, "g": "x" if k < 6 else "y" if k < 40 else "z"} for k in range(100)]
    data = dataset.read(write_csv(tmp_path / "r.csv", rows))
    (found,) = pipeline.tables(weighting.unweighted(data), ["n"], ["g"])
    figures = shown(found)
    assert figures["x", "(mean)"] is figures["x", "(median)"] is None
    assert figures["y", "(mean)"] is None
    assert figures["z", "(mean)"] == 69.5


def test_small_themes_lose_their_size_and_their_words(tmp_path: Path) -> None:
    said = [f"Speeding cars on road {k} are a danger to children." for k in range(60)]
    said += [f"The dogs of street {k} foul the park." for k in range(4)]
    rows = [{"id": k, "t": s} for k, s in enumerate(said)]
    data = weighting.unweighted(dataset.read(write_csv(tmp_path / "r.csv", rows)))
    themed = themes.theme(data, "t", count=2)
    found = disclosure.protect_themes(themed, data.dataset.question("t"), Rules())
    exact = {t.id: t.size for t in themed.themes}
    for theme in found.themes:
        if exact[theme.id] < 10:
            assert theme.size is theme.share is None
            assert theme.examples == ()
        elif theme.size is not None:
            assert theme.size % 5 == 0


@pytest.mark.parametrize(
    "kind", [Dataset, WeightedDataset, themes.ThemedDataset, Publishable, PublishableThemes]
)
def test_each_type_of_the_journey_has_one_maker(kind: Any) -> None:
    fields = dict.fromkeys(kind.__dataclass_fields__)
    with pytest.raises(TypeError, match="made by analysis"):
        kind(**fields)
