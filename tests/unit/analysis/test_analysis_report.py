"""The report: only of published tables, a function of its input, readable by everyone."""

import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from analysis_files import ROOT, codebook, question, write_csv

from analysis import balance, crosstabs, dataset, pipeline, population, weighting
from analysis.codebook import Codebook
from analysis.disclosure import Rules
from analysis.errors import DataError
from analysis.manifest import ANSWERS, QUESTIONS, Exclusion, as_json
from analysis.report import Method, Report, WhoAnswered

DISTRICTS = {"rugby": "Rugby", "warwick": "Warwick <b>&</b> Leamington"}


def files(folder: Path, n: int = 300, **about: Any) -> tuple[Path, Path, Path]:
    """Responses, codebook and targets of a small consultation."""
    said = [
        "Speeding cars on the lane are a danger.",
        "More <script>alert(1)</script> officers on foot.",
        "n/a",
    ]
    rows = [
        {
            "id": f"r{k}",
            "channel": "paper" if k % 10 == 0 else "web",
            "language": "en",
            "received_on": "2025-01-03",
            "survey_version": 3,
            "district": ("rugby", "warwick", "warwick", "")[k % 4],
            "view": ("yes", "no", "no", "unsure", "")[k % 5],
            "why": "(not asked)" if k % 5 else ("cost", "fair")[k % 2],
            "pay": k % 40,
            "words": f"{said[k % 3]} {k}" if k % 2 else "",
        }
        for k in range(n)
    ]
    book = codebook(
        folder / "codebook.json",
        [
            question("district", options=DISTRICTS, role="area", text="Where do you live?"),
            question(
                "view",
                options={"yes": "Yes", "no": "No", "unsure": "Not <sure>"},
                text="Do you agree?",
            ),
            question("why", options={"cost": "Cost", "fair": "Fairness"}, text="Why?"),
            question("pay", "money", text="How much?"),
            question("words", "long_text", text="Anything else?"),
        ],
        headline="view",
        **about,
    )
    targets = write_csv(
        folder / "population.csv",
        [
            {
                "margin": "district",
                "category": c,
                "population": p,
                "source": "Made up",
                "date": "2021",
                "status": "illustrative",
            }
            for c, p in [("rugby", 114_400), ("warwick", 148_500)]
        ],
    )
    return write_csv(folder / "responses.csv", rows), book, targets


def page(folder: Path, *, targets: bool = True, n: int = 300, **how: Any) -> str:
    responses, book, margins = files(folder, n)
    out = folder / "report.html"
    pipeline.report_files(responses, book, margins if targets else None, out, **how)
    return out.read_text(encoding="utf-8")


class Outline(HTMLParser):
    """Tags with their attributes, in order, and which stay open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "rect", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_is_a_function_of_the_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert page(one) == page(two)
    assert hashlib.sha256((one / "responses.csv").read_bytes()).hexdigest() in page(one)
    assert str(tmp_path) not in page(one)


def test_it_is_one_accessible_page_without_scripts(tmp_path: Path) -> None:
    text = page(tmp_path)
    outline = Outline(text)
    assert outline.open == []
    assert outline.all("html") == [{"lang": "en"}]
    assert len(outline.all("h1")) == len(outline.all("main")) == 1
    assert not outline.all("script")
    assert not outline.all("link")
    ids = [a["id"] for _, a in outline.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for link in outline.all("a"):
        assert link["href"] is not None
        assert link["href"].removeprefix("#") in ids
    assert len(outline.all("table")) == len(outline.all("caption"))
    assert all("scope" in th for th in outline.all("th"))
    for region in (a for a in outline.all("div") if a.get("role") == "region"):
        assert region["tabindex"] == "0"
        assert region["aria-labelledby"] in ids
    pictures = outline.all("svg")
    assert pictures
    assert all(p["role"] == "img" and p["aria-label"] for p in pictures)
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_peoples_words_and_labels_cannot_break_the_page(tmp_path: Path) -> None:
    text = page(tmp_path, suppress=0, round_to=1)
    assert "<script" not in text
    assert "<b>&" not in text
    assert "Not &lt;sure&gt;" in text


def test_bases_are_reconciled_in_words(tmp_path: Path) -> None:
    text = page(tmp_path, suppress=0, round_to=1)
    assert "300 people responded. 240 answered this question and 60 did not." in text
    assert "60 + 120 + 60 = 240: 60 said “Rugby”" in text
    assert "60 answered this question and 240 were not asked it" in text
    assert "must\nnot be published" in text or "must not be published" in text
    text = page(tmp_path)
    assert (
        "About 300 people responded. About 240 answered this question and about 60 did not." in text
    )
    assert "in neither group" in text


def test_illustrative_figures_and_the_method_are_told(tmp_path: Path) -> None:
    text = page(tmp_path)
    assert "illustrative, not official (district)" in text
    assert "Made up, 2021 (illustrative" in text
    assert "no margin of error" in text
    assert "design effect" in text
    assert "s</dd>" not in text
    assert "s, version 3" in text
    assert (
        "python -m analysis report responses.csv --codebook codebook.json --targets population.csv"
        in text
    )


def test_what_is_not_counted_says_of_what(tmp_path: Path) -> None:
    """In the unit of each, numbers of people protected, those of questions not."""
    responses, book, margins = files(tmp_path)
    digest = hashlib.sha256(responses.read_bytes()).hexdigest()
    omissions = [
        Exclusion("off the path", 47, ANSWERS),
        Exclusion("of few", 3, ANSWERS),
        Exclusion("in own words", 1, QUESTIONS),
    ]
    text = as_json(digest, 300, {"taken back": 23, "never sent": 0}, {}, "", omissions)
    place = tmp_path / "manifest.json"
    place.write_text(text)
    html = tmp_path / "r.html"
    pipeline.report_files(responses, book, margins, html)
    said = html.read_text(encoding="utf-8")
    for line in (
        "About 25 responses: taken back",
        "About 45 answers: off the path",
        "Fewer than 10 answers: of few",
        "1 question: in own words",
    ):
        assert f"<li>{line}</li>" in said
    assert "never sent" not in said
    data = dataset.read(responses, book)
    targets = population.read(margins)
    weighted = weighting.weight(data, targets)
    said = balance.html(weighted, targets, [], pipeline.rules_for(data.codebook))
    assert "Left out: About 45 answers: off the path." in said
    place.write_text(text.replace('"answers"', '"responses"'))
    with pytest.raises(DataError, match="the manifest is not complete"):
        dataset.read(responses, book)


def test_without_targets_it_says_that_it_is_unweighted(tmp_path: Path) -> None:
    text = page(tmp_path, targets=False)
    assert "These figures are not weighted" in text
    assert "Unweighted</th>" not in text
    assert "--targets" not in text


def test_a_margin_that_nobody_can_meet_is_left_out_and_named(tmp_path: Path) -> None:
    responses, book, targets = files(tmp_path)
    with targets.open("a") as file:
        file.write(
            "view,yes,100000,,,\nview,no,102000,,,\nview,unsure,60000,,,\nview,maybe,900,,,\n"
        )
    out = tmp_path / "r.html"
    pipeline.report_files(responses, book, targets, out)
    assert "Not used for weighting" in (text := out.read_text(encoding="utf-8"))
    assert "“maybe”, but nobody" in text


def test_labels_that_do_not_match_stop_the_report(tmp_path: Path) -> None:
    responses, book, targets = files(tmp_path)
    targets.write_text(targets.read_text().replace("rugby", "Rugby"))
    with pytest.raises(DataError, match="no population figure for “rugby”"):
        pipeline.report_files(responses, book, targets, tmp_path / "r.html")


@pytest.mark.parametrize("n", [1, 3, 12])
def test_small_consultations_have_a_report(tmp_path: Path, n: int) -> None:
    text = page(tmp_path, n=n)
    assert "<h1>A consultation</h1>" in text
    if n < 10:
        assert "Fewer than 10</strong> people responded" in text
        shown = re.sub(
            r"<style>.*?</style>|<nav.*?</nav>|<pre.*?</pre>|<dd>.*?</dd>", "", text, flags=re.S
        )
        told = re.findall(r"<td>([1-9][^<]*)", shown)
        assert set(told) <= {"44%", "56%"}  # the population's shares


def test_a_sample_shows_intervals(tmp_path: Path) -> None:
    responses, book, targets = files(tmp_path, mode="sample")
    pipeline.report_files(responses, book, targets, tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "95% interval</th>" in text
    assert "Why there is no margin of error" not in text


def test_an_unsuppressed_table_makes_no_report(tmp_path: Path) -> None:
    responses, book, _ = files(tmp_path)
    exact = crosstabs.tabulate(weighting.unweighted(dataset.read(responses, book)), "view")
    method = Method(Rules(), "0" * 64)
    with pytest.raises(TypeError, match="Publishable"):
        Report(Codebook(), [exact], method)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="Publishable"):
        Report(Codebook(), [], method, who=[WhoAnswered(exact)])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="PublishableThemes"):
        Report(Codebook(), [], method, themes=[exact])  # type: ignore[list-item]


def test_the_type_checker_refuses_it_too(tmp_path: Path) -> None:
    good = (
        "from analysis.codebook import Codebook\n"
        "from analysis.crosstabs import Table\n"
        "from analysis.disclosure import Publishable, protect\n"
        "from analysis.report import Method, Report\n"
        "def made(exact: Table, method: Method) -> Report:\n"
        "    return Report(Codebook(), [protect(exact)], method)\n"
    )
    (tmp_path / "good.py").write_text(good)
    (tmp_path / "bad.py").write_text(good.replace("[protect(exact)]", "[exact]"))
    # Both at once, on what the check of all types has kept: read anew, polars takes ten seconds.
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", tmp_path / "good.py", tmp_path / "bad.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    assert [Path(line.partition(":")[0]).name for line in errors] == ["bad.py"], done.stdout
    assert '"Table"; expected "Publishable"' in errors[0]
