"""From the database to the report: the same bytes as from the exported files, with true figures."""

import asyncio
import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from analysis import dataset, population, weighting
from consult.demo.load import fill

PRECEPT = "warwickshire-precept-2025-26"
PUBLISHED = "warwickshire-precept-2023-24"
#: FACTS.md: answers of everyone, of people not working in policing, and of police.
TABLE = {
    "p60_83": (599, 409, 178),
    "p30_60": (207, 159, 43),
    "p0_30": (134, 107, 24),
    "no_increase": (293, 232, 52),
    "no_council_tax": (12, 10, 2),
    "dont_know": (83, 64, 19),
}
BASES = (1328, 981, 318)


@pytest.fixture
def filled_url(database_url: str) -> str:
    """A database with what the demonstration shows."""
    fill(database_url, {}, "only-for-this-test", Console(quiet=True))
    return database_url


def attempt(url: str, arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command as a user runs it, in ``folder``."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def run(url: str, *arguments: str, folder: Path) -> str:
    """What a command that works says."""
    done = attempt(url, list(arguments), folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_report_is_the_same_bytes_from_the_database_and_from_files(
    filled_url: str, tmp_path: Path
) -> None:
    for slug, targets in ((PRECEPT, ["--targets", "population.csv"]), (PUBLISHED, [])):
        folder = tmp_path / slug
        folder.mkdir()
        run(filled_url, "consult", "report", slug, "-o", "database.html", folder=folder)
        run(filled_url, "consult", "responses", "export", slug, "-o", "r.csv", folder=folder)
        options = ["--codebook", "codebook.json", *targets, "-o", "files.html"]
        run(filled_url, "analysis", "report", "r.csv", *options, folder=folder)
        run(filled_url, "consult", "analyse", "report", "r.csv", *options[:-1], "again.html",
            folder=folder)  # fmt: skip
        page = (folder / "database.html").read_bytes()
        assert page == (folder / "files.html").read_bytes() == (folder / "again.html").read_bytes()
        assert b"20" in page


def test_the_published_table_comes_back_to_its_printed_decimal(
    filled_url: str, tmp_path: Path
) -> None:
    run(filled_url, "consult", "responses", "export", PUBLISHED, "-o", "r.csv", folder=tmp_path)
    options = ["--questions", "affordability", "--by", "police", "--suppress", "0", "--round", "1"]
    run(filled_url, "analysis", "tabulate", "r.csv", *options, "-o", "t.csv", folder=tmp_path)
    with (tmp_path / "t.csv").open() as file:
        rows = {(row["group"], row["category"]): row for row in csv.DictReader(file)}
    for code, counts in TABLE.items():
        for group, count, base in zip(("", "no", "yes"), counts, BASES, strict=True):
            row = rows[group, code]
            assert int(float(row["n"])) == base
            assert round(float(row["estimate"]) * base, 6) == count
            assert f"{float(row['estimate']):.1%}" == f"{count / base:.1%}"


def test_the_reports_bases_reconcile_in_words(filled_url: str, tmp_path: Path) -> None:
    run(filled_url, "consult", "responses", "export", PUBLISHED, "-o", "r.csv", folder=tmp_path)
    options = ["--codebook", "codebook.json", "--suppress", "0", "--round", "1", "-o", "r.html"]
    run(filled_url, "analysis", "report", "r.csv", *options, folder=tmp_path)
    words = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", (tmp_path / "r.html").read_text("utf-8")))
    assert "1,348 people responded. 1,328 answered this question and 20 did not." in words
    assert "981 + 318 + 29 = 1,328" in words


def test_margins_are_met_on_the_demonstrations_responses(filled_url: str, tmp_path: Path) -> None:
    run(filled_url, "consult", "responses", "export", PRECEPT, "-o", "r.csv", folder=tmp_path)
    options = ["--codebook", "codebook.json", "--targets", "population.csv"]
    options += ["-o", "w.csv", "--diagnostics", "d.json"]
    run(filled_url, "analysis", "weight", "r.csv", *options, folder=tmp_path)
    diagnostics = json.loads((tmp_path / "d.json").read_text())
    assert diagnostics["converged"]
    assert diagnostics["largest_margin_gap"] < 1e-9
    data = dataset.read(tmp_path / "r.csv", tmp_path / "codebook.json")
    with (tmp_path / "w.csv").open() as file:
        weights = {row["id"]: float(row["weight"]) for row in csv.DictReader(file)}
    assert len(weights) == len(data) == 2000
    # Recomputed from the weights alone: within the people who gave a margin's category, each
    # category has the population's share.
    margins = population.read(tmp_path / "population.csv").margins
    for margin in margins:
        given = data.column(margin.name).to_list()
        sums = dict.fromkeys(margin.categories, 0.0)
        for row_id, code in zip(data.ids, given, strict=True):
            if code in sums:
                sums[code] += weights[row_id]
        known = sum(sums.values())
        for code, total in zip(margin.categories, margin.totals, strict=True):
            assert sums[code] / known == pytest.approx(total / sum(margin.totals), rel=1e-9)
    assert sum(weights.values()) == pytest.approx(596_800, rel=1e-12)
    assert weighting.weight(data, population.read(tmp_path / "population.csv")) is not None


def test_an_empty_consultation_and_one_respondent(filled_url: str, tmp_path: Path) -> None:
    slug = "west-mercia-plan-2013"
    empty = ["consult", "report", slug, "-o", "none.html"]
    with pytest.raises(AssertionError, match="Nobody has answered west-mercia-plan-2013 yet"):
        run(filled_url, *empty, folder=tmp_path)
    one = tmp_path / "one.csv"
    one.write_text("id,area,comments\n1,shropshire,Only me\n")
    run(filled_url, "consult", "responses", "import", slug, str(one),
        "--channel", "paper", folder=tmp_path)  # fmt: skip
    run(filled_url, "consult", "report", "west-mercia-plan-2013", "-o", "one.html", folder=tmp_path)
    page = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert "Only me" not in page
    assert "fewer than 10" in page.lower()


def test_wrong_calls_and_missing_things_are_said_in_a_line(
    database_url: str, tmp_path: Path
) -> None:
    cases = [
        (["consult", "report", "nothing", "-o", "r.html"], 1, "no 'nothing' here"),
        (["consult", "report", "nothing", "-o", "r.docx"], 2, ".html"),
        (["consult", "report"], 2, "Missing argument"),
        (["consult", "responses", "export", "nothing", "-o", "r.csv"], 1, "no 'nothing' here"),
        (["consult", "survey", "check", "nowhere"], 1, "there is no survey.yaml"),
        (["consult", "survey", "publish", "nowhere"], 1, "there is no survey.yaml"),
        (["consult", "staff", "add", "nobody", "--role", "admin"], 1, "no email address"),
        (["consult", "staff", "add", "a@b.c", "--role", "king"], 2, "king"),
        (
            ["analysis", "report", "nowhere.csv", "--codebook", "c.json", "-o", "r.html"],
            1,
            "No such file",
        ),
    ]
    for arguments, code, said in cases:
        done = attempt(database_url, arguments, tmp_path)
        told = done.stdout + done.stderr
        assert (done.returncode, said in told) == (code, True), (arguments, done.returncode, told)
        assert "Traceback" not in told


def test_a_database_that_is_away_is_said_in_a_line(tmp_path: Path) -> None:
    address = "postgresql://nobody@127.0.0.1:9/none"
    for command in (["migrate"], ["report", "x", "-o", "r.html"], ["serve"]):
        done = attempt(address, ["consult", *command], tmp_path)
        assert done.returncode == 1
        assert "does not answer" in done.stderr
        assert "Traceback" not in done.stderr


def test_staff_add_signs_in(database_url: str, tmp_path: Path) -> None:
    told = run(database_url, "consult", "staff", "add", "New@Example.org", "--role", "designer",
               folder=tmp_path)  # fmt: skip
    assert "new@example.org may sign in as designer" in told
    password = told.rsplit(": ", 1)[1].strip()
    assert re.fullmatch(r"(\w{5}-){3}\w{5}", password)

    async def stored() -> str:
        from consult.accounts import passwords, store
        from consult.database import Database

        database = Database(database_url)
        async with database.reading() as session:
            account = await store.account(session, "new@example.org")
        await database.close()
        assert account is not None
        assert passwords.matches(account.password_hash, password)
        return account.password_hash

    assert asyncio.run(stored()).startswith("$argon2id$")
