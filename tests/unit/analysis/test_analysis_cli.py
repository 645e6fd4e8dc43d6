"""The command line: exit codes, bad files named with a remedy, and what is written."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from analysis_files import ROOT, codebook, question, read_csv, write_csv
from click.testing import CliRunner, Result

from analysis.__main__ import cli

PEOPLE = [
    {"id": f"r{k}", "district": "rugby" if k % 3 else "warwick", "sex": "f" if k % 2 else "m",
     "view": ("yes", "no", "unsure")[k % 7 % 3], "text": f"Speeding on road number {k % 5}"}
    for k in range(120)
]  # fmt: skip
TARGETS = [
    {"margin": "district", "category": "rugby", "population": 60},
    {"margin": "district", "category": "warwick", "population": 40},
    {"margin": "sex", "category": "f", "population": 55},
    {"margin": "sex", "category": "m", "population": 45},
]


@pytest.fixture
def responses(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "responses.csv", PEOPLE)


@pytest.fixture
def targets(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "T.csv", TARGETS)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def fails(said: str, *arguments: object, code: int = 1) -> str:
    done = call(*arguments)
    assert done.exit_code == code, (done.output, done.exception)
    assert said in done.stderr
    assert "Traceback" not in done.output
    return done.stderr


def test_weights_and_diagnostics_are_written(
    tmp_path: Path, responses: Path, targets: Path
) -> None:
    out, told = tmp_path / "w.csv", tmp_path / "d.json"
    done = call("weight", responses, "--targets", targets, "-o", out, "--diagnostics", told)
    assert done.exit_code == 0, done.output
    rows = read_csv(out)
    assert list(rows[0]) == ["id", "weight"]
    assert [r["id"] for r in rows] == [p["id"] for p in PEOPLE]
    weights = {r["id"]: float(r["weight"]) for r in rows}
    assert sum(weights.values()) == pytest.approx(100, rel=1e-12)
    rugby = sum(weights[p["id"]] for p in PEOPLE if p["district"] == "rugby")
    assert rugby == pytest.approx(60, rel=1e-12)
    found = json.loads(told.read_text())
    assert found["converged"] is True
    assert found["largest_margin_gap"] <= 1e-12
    assert {"iterations", "kish_effect", "effective_n", "smallest_weight", "largest_weight"} <= set(
        found
    )


def test_weights_can_be_tabulated_from_their_file_or_a_column(
    tmp_path: Path, responses: Path, targets: Path
) -> None:
    weights = tmp_path / "w.csv"
    call("weight", responses, "--targets", targets, "-o", weights)
    joined = [{**p, "w": r["weight"]} for p, r in zip(PEOPLE, read_csv(weights), strict=True)]
    write_csv(tmp_path / "joined.csv", joined)
    asked = ("--questions", "district,view", "--by", "sex", "--suppress", 0, "--round", 1)
    one = call("tabulate", responses, "--weight", weights, "-o", tmp_path / "1.csv", *asked)
    two = call(
        "tabulate", tmp_path / "joined.csv", "--weight", "w", "-o", tmp_path / "2.csv", *asked
    )
    assert (one.exit_code, two.exit_code) == (0, 0), one.output + two.output
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()
    shares = {(r["question"], r["category"], r["group"]): r for r in read_csv(tmp_path / "1.csv")}
    assert float(shares["district", "rugby", ""]["estimate"]) == pytest.approx(0.6, rel=1e-12)
    row = shares["view", "yes", "f"]
    assert float(row["deff"]) == pytest.approx(int(row["n"]) / float(row["n_effective"]))
    assert row["n"] == "60"


@pytest.mark.parametrize(
    "arguments",
    [
        ["weight"],
        ["weight", "r.csv", "-o", "w.csv"],
        ["weight", "r.csv", "--targets", "T.csv", "-o", "w.csv", "--missing", "guess"],
        ["weight", "r.csv", "--targets", "T.csv", "-o", "w.csv", "--bounds", "2,3"],
        ["weight", "r.csv", "--targets", "T.csv", "-o", "w.csv", "--method", "logit"],
        ["tabulate", "r.csv", "-o", "t.csv"],
        ["tabulate", "r.csv", "--questions", ",", "-o", "t.csv"],
        ["tabulate", "r.csv", "--questions", "q", "--strata", "s", "-o", "t.csv"],
        ["tabulate", "r.csv", "--questions", "q", "--round", "0", "-o", "t.csv"],
        ["themes", "r.csv", "--text", "t", "--themes", "few", "-o", "d"],
        ["report", "r.csv", "--codebook", "c.json", "-o", "r.pdf"],
        ["frobnicate"],
    ],
)
def test_a_wrong_call_exits_2(arguments: list[str]) -> None:
    assert call(*arguments).exit_code == 2


def test_a_missing_file_exits_1(tmp_path: Path, targets: Path) -> None:
    fails(
        "cannot be read", "weight", tmp_path / "no.csv", "--targets", targets, "-o", tmp_path / "w"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"id,view\n", "no rows below the header"),
        (b"name,view\na,yes\n", "no column “id”"),
        (b"id,view\na,yes\n,no\n", "row 2 has no"),
        (b"id,view\na,yes\nb,no\na,no\n", "the id “a” comes 2 times (rows 1, 3)"),
        (b"id,view,view\na,yes,no\n", "two columns are named “view”"),
        ("id,view\na,café\n".encode("latin-1"), "line 2 is not UTF-8"),
        (b"id,view\na,secret,words,more\n", "cannot be read as CSV"),
    ],
)
def test_files_that_cannot_be_used_are_explained(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    told = fails(said, "tabulate", path, "--questions", "view", "-o", tmp_path / "t.csv")
    assert "secret" not in told
    assert not (tmp_path / "t.csv").exists()


def test_unknown_questions_are_named(tmp_path: Path, responses: Path) -> None:
    fails("“vew”", "tabulate", responses, "--questions", "vew", "-o", tmp_path / "t.csv")
    fails(
        "“ward”",
        "tabulate",
        responses,
        "--questions",
        "view",
        "--by",
        "ward",
        "-o",
        tmp_path / "t.csv",
    )
    fails("“words”", "themes", responses, "--text", "words", "-o", tmp_path / "d")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"category": "Rugby"}, "no population figure for “rugby”"),
        ({"population": "many"}, "line 2: the population must be a number above 0"),
        ({"population": 0}, "line 2: the population must be a number above 0"),
        ({"population": 61}, "“district” adds up to 101 people and “sex” to 100"),
        ({"margin": "ward"}, "“ward”"),
    ],
)
def test_targets_that_do_not_fit_are_explained(
    tmp_path: Path, responses: Path, change: dict[str, Any], said: str
) -> None:
    rows = [{**TARGETS[0], **change}, *TARGETS[1:]]
    if change.get("margin"):
        rows[1] = {**TARGETS[1], **change}
    path = write_csv(tmp_path / "T.csv", rows)
    fails(said, "weight", responses, "--targets", path, "-o", tmp_path / "w.csv")


def test_a_category_nobody_is_in_is_named(tmp_path: Path, responses: Path) -> None:
    rows = [
        {**TARGETS[0], "population": 50},
        {"margin": "district", "category": "moon", "population": 10},
        *TARGETS[1:],
    ]
    path = write_csv(tmp_path / "T.csv", rows)
    fails("“moon”, but nobody", "weight", responses, "--targets", path, "-o", tmp_path / "w.csv")


def test_margins_that_contradict_each_other_fail_by_name(tmp_path: Path) -> None:
    rows = [{"id": k, "a": "x" if k % 2 else "y", "b": "x" if k % 2 else "y"} for k in range(10)]
    targets = [
        {"margin": m, "category": c, "population": n}
        for m, c, n in [("a", "x", 1), ("a", "y", 3), ("b", "x", 2), ("b", "y", 2)]
    ]
    fails(
        "do not meet the margin", "weight", write_csv(tmp_path / "r.csv", rows),
        "--targets", write_csv(tmp_path / "T.csv", targets), "-o", tmp_path / "w.csv",
    )  # fmt: skip


def test_crossed_margins(tmp_path: Path, responses: Path) -> None:
    targets = [
        {"margin": "district*sex", "category": c, "population": n}
        for c, n in [("rugby*f", 10), ("rugby*m", 20), ("warwick*f", 30), ("warwick*m", 40)]
    ]
    out = tmp_path / "w.csv"
    done = call("weight", responses, "--targets", write_csv(tmp_path / "T.csv", targets), "-o", out)
    assert done.exit_code == 0, done.output
    weights = {r["id"]: float(r["weight"]) for r in read_csv(out)}
    there = [p["id"] for p in PEOPLE if (p["district"], p["sex"]) == ("warwick", "f")]
    assert sum(weights[i] for i in there) == pytest.approx(30)


def test_one_row_and_letters_of_all_kinds(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [{"Nr": "ą", "پسند": "ہاں", "ŵ": "Ŷ"}])
    out = tmp_path / "t.csv"
    asked = ("--questions", "پسند", "--by", "ŵ", "--id", "Nr", "-o", out)
    assert call("tabulate", path, *asked, "--suppress", 0, "--round", 1).exit_code == 0
    rows = read_csv(out)
    assert [(r["category"], r["estimate"], r["group"]) for r in rows] == [
        ("ہاں", "1.0", ""),
        ("ہاں", "1.0", "Ŷ"),
    ]
    assert call("tabulate", path, *asked).exit_code == 0
    assert {(r["estimate"], r["n"], r["suppressed"]) for r in read_csv(out)} == {("", "", "true")}


@pytest.mark.parametrize("ending", ["parquet", "xlsx", "sav"])
def test_other_kinds_of_file_give_the_same_table(
    tmp_path: Path, responses: Path, ending: str
) -> None:
    frame = pl.DataFrame([{**p, "score": k % 3, "part": k / 4} for k, p in enumerate(PEOPLE)])
    frame.write_csv(tmp_path / "r.csv")
    other = tmp_path / f"r.{ending}"
    if ending == "parquet":
        frame.write_parquet(other)
    elif ending == "xlsx":
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for row in [frame.columns, *frame.rows()]:
            book.active.append(list(row))
        book.save(other)
    else:
        pytest.importorskip("pyreadstat").write_sav(frame, str(other))
    asked = ("--questions", "view,score,part", "--by", "district")
    one = call("tabulate", tmp_path / "r.csv", *asked, "-o", tmp_path / "1.csv")
    two = call("tabulate", other, *asked, "-o", tmp_path / "2.csv")
    assert (one.exit_code, two.exit_code) == (0, 0), one.output + two.output
    assert (tmp_path / "1.csv").read_text() == (tmp_path / "2.csv").read_text()


def test_a_broken_codebook_is_explained(tmp_path: Path, responses: Path) -> None:
    book = tmp_path / "codebook.json"
    for content, said in [
        ("{", "not a JSON file (line 1)"),
        ("{}", "not a codebook of format 1"),
        ('{"format": 1}', "not complete"),
        ('{"format": 1, "questions": [{"id": "a", "type": "poem"}]}', "unknown type “poem”"),
    ]:
        book.write_text(content)
        fails(said, "report", responses, "--codebook", book, "-o", tmp_path / "r.html")


def test_several_answers_are_one_question_with_a_codebook(tmp_path: Path) -> None:
    rows = [
        {"id": k, "p.a": k % 2, "p.b": int(k % 3 == 0), "p.c": 0} if k < 60
        else {"id": k, "p.a": "", "p.b": "", "p.c": ""}
        for k in range(80)
    ]  # fmt: skip
    book = codebook(
        tmp_path / "c.json",
        [question("p", "choices", options={"a": "A", "b": "B", "c": "C"},
                  columns=[{"name": f"p.{o}", "option": o} for o in "abc"])],
    )  # fmt: skip
    path, out = write_csv(tmp_path / "r.csv", rows), tmp_path / "t.csv"
    done = call("tabulate", path, "--codebook", book, "--questions", "p", "-o", out,
                "--suppress", 0, "--round", 1)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert [(r["category"], float(r["estimate"]), r["n"]) for r in read_csv(out)] == [
        ("a", 0.5, "60"),
        ("b", pytest.approx(1 / 3), "60"),
        ("c", 0.0, "60"),
    ]


def test_numbers_get_a_mean_and_a_median(tmp_path: Path) -> None:
    rows = [{"id": k, "pounds": k, "few": k % 5} for k in range(1, 41)]
    path, out = write_csv(tmp_path / "r.csv", rows), tmp_path / "t.csv"
    assert call("tabulate", path, "--questions", "pounds,few", "-o", out).exit_code == 0
    found = {(r["question"], r["category"]): r["estimate"] for r in read_csv(out)}
    assert found["pounds", "(mean)"] == "20.5"
    assert found["pounds", "(median)"] == "20.0"
    assert ("few", "3") in found
    assert ("few", "(mean)") not in found


def test_quantiles_of_numbers_are_given_where_enough_lie_beyond_them(tmp_path: Path) -> None:
    rows = [{"id": k, "pounds": k, "half": "ab"[k % 2]} for k in range(1, 201)]
    given, out = write_csv(tmp_path / "r.csv", rows), tmp_path / "t.csv"
    ask = ("tabulate", given, "--questions", "pounds", "--by", "half", "-o", out)
    done = call(*ask, "--quantiles", "0.25,0.5,0.9,0.01", "--mode", "sample")
    assert done.exit_code == 0, done.output
    found = {(r["group"], r["category"]): r for r in read_csv(out)}
    assert [c for g, c in found if not g] == [
        "(mean)", "(median)", "(quantile 0.25)", "(quantile 0.9)", "(quantile 0.01)",
    ]  # fmt: skip
    assert found["", "(quantile 0.25)"]["estimate"] == "50.0"
    assert found["", "(quantile 0.9)"]["estimate"] == "180.0"
    assert float(found["", "(quantile 0.9)"]["ci_low"]) < 180
    assert found["a", "(quantile 0.9)"]["estimate"] == "180.0"
    # Of 200 people two lie below the hundredth: it would tell what one of them said.
    assert found["", "(quantile 0.01)"]["suppressed"] == "true"
    assert found["", "(quantile 0.01)"]["estimate"] == ""
    again = call(*ask[:-1], tmp_path / "u.csv", "--released", out)
    assert again.exit_code == 0, again.output
    for shares in ("0", "1", "x", ""):
        fails("give shares", *ask, "--quantiles", shares, code=2)


def test_a_sample_has_intervals(tmp_path: Path, responses: Path) -> None:
    out = tmp_path / "t.csv"
    done = call("tabulate", responses, "--questions", "view", "--mode", "sample",
                "--strata", "district", "-o", out, "--suppress", 0, "--round", 1)  # fmt: skip
    assert done.exit_code == 0, done.output
    for row in read_csv(out):
        assert 0 < float(row["ci_low"]) < float(row["estimate"]) < float(row["ci_high"]) < 1
        assert float(row["deff"]) == pytest.approx(1, abs=0.2)


def test_questions_that_were_not_asked_are_not_in_the_base(tmp_path: Path) -> None:
    rows = [{"id": k, "q": ("yes", "no", "", "(not asked)")[k % 4]} for k in range(100)]
    path, out = write_csv(tmp_path / "r.csv", rows), tmp_path / "t.csv"
    call("tabulate", path, "--questions", "q", "-o", out)
    found = read_csv(out)
    assert {r["category"] for r in found} == {"yes", "no"}
    assert {r["n"] for r in found} == {"50"}


def test_it_runs_as_a_module_and_loads_no_web_or_database() -> None:
    check = (
        "import sys, analysis.pipeline, analysis.__main__, analysis.charts\n"
        "bad = {'consult', 'litestar', 'sqlalchemy', 'sklearn', 'altair', 'vl_convert'}\n"
        "sys.exit(', '.join(sorted(bad & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shown = subprocess.run(
        [sys.executable, "-m", "analysis", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    for command in ("weight", "tabulate", "themes", "report"):
        assert command in shown.stdout
