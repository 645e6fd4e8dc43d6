"""What is set apart before themes are sought, and in which language the rest is."""

import csv
import json
from pathlib import Path

import pytest
from analysis_files import shared, write_csv
from click.testing import CliRunner

from analysis import cleaning, dataset, redaction, themes, weighting
from analysis.__main__ import cli
from analysis.themes import OTHER, UNPROCESSED


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("More police on foot", ""),
        ("n/a", cleaning.NOTHING),
        ("👍", cleaning.NOTHING),
        ("\ufffd\ufffd\ufffd\ufffdlice \ufffd\ufffd", cleaning.UNREADABLE),
        ("\x00\x01\x02PK\x03", cleaning.UNREADABLE),
        ("caf\ufffd in the high street should be open at night", ""),
        ("پولیس کو زیادہ نظر آنا چاہیے", ""),
    ],
)
def test_why_an_answer_is_unprocessed(answer: str, reason: str) -> None:
    assert cleaning.unprocessed(answer) == reason


@pytest.mark.parametrize(
    ("answer", "language"),
    [
        ("We need more officers on the beat at night.", "en"),
        ("Mae angen mwy o heddlu yn ein pentref ni", "cy"),
        ("Potrzebujemy więcej policji na naszym osiedlu w nocy", "pl"),
        ("ہمیں اپنے محلے میں مزید پولیس چاہیے", "ur"),
        ("ਸਾਡੇ ਪਿੰਡ ਵਿੱਚ ਹੋਰ ਪੁਲਿਸ ਚਾਹੀਦੀ ਹੈ", "pa"),
        ("我們需要更多警察巡邏", "zh"),
    ],
)
def test_the_language_of_an_answer(answer: str, language: str) -> None:
    assert cleaning.languages([answer]) == [language]


def test_a_brief_answer_has_the_language_of_most() -> None:
    assert cleaning.languages(["Parking", "Więcej policji na ulicach w nocy"] * 2) == ["pl"] * 4
    assert cleaning.languages(["Parking", "police"]) == ["en", "en"]
    assert cleaning.languages([]) == []


def test_languages_of_public_conversations_and_of_patients() -> None:
    with shared("data", "text", "polis_open", "polis_open.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["text"]]
    german = [row["text"] for row in rows if row["lang"] == "de"][:1500]
    told = cleaning.languages(german)
    assert told.count("de") / len(told) > 0.97
    folder = ("data", "text", "patient_experience", "patient_experience.csv")
    with shared(*folder).open(encoding="utf-8") as file:
        english = [row["text"] for row in csv.DictReader(file) if row["text"]][:2000]
    told = cleaning.languages(english)
    assert told.count("en") / len(told) > 0.99


def several_languages(folder: Path) -> Path:
    with shared("data", "text", "polis_open", "polis_open.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["text"]]
    said = []
    for language, count in (("en", 250), ("de", 120)):
        every = [r["text"] for r in rows if r["lang"] == language][: 2 * count]
        told = zip(every, cleaning.languages(every), strict=True)
        clear = [t for t, code in told if code == language and len(t.split()) >= 6]
        said += clear[:count]
    said += ["Mae angen mwy o heddlu yn ein pentref ni", "n/a", "", "\ufffd\ufffd\ufffd\ufffd"]
    return write_csv(folder / "r.csv", [{"id": k, "text": t} for k, t in enumerate(said)])


def test_each_language_is_themed_by_itself_and_what_few_wrote_in_is_not(tmp_path: Path) -> None:
    data = weighting.unweighted(dataset.read(several_languages(tmp_path)))
    found = themes.theme(data, "text")
    best: dict[int, str] = {}
    for row, name, _ in found.assignments:
        best.setdefault(row, name)
    english, german = ({best[k] for k in rows} for rows in (range(250), range(250, 370)))
    assert len(english - {OTHER}) >= 5
    assert len(german - {OTHER}) >= 3
    said = found.data.dataset.frame["text"].to_list()[:370]
    told = cleaning.languages([redaction.redact(text).text for text in said])
    for name in english | german:
        languages = {told[k] for k in range(370) if best[k] == name}
        assert name == OTHER or len(languages) == 1
    assert found.apart == {
        370: cleaning.LANGUAGE, 371: cleaning.NOTHING, 373: cleaning.UNREADABLE,
    }  # fmt: skip
    assert {row for row, name in best.items() if name == UNPROCESSED} == set(found.apart)


def test_the_command_reconciles_every_response(tmp_path: Path) -> None:
    path = several_languages(tmp_path)
    done = CliRunner().invoke(cli, ["themes", str(path), "--text", "text", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "374 responses: 1 without an answer, " in done.output
    assert "3 unprocessed (1 say nothing, 1 unreadable, 1 in languages of few)" in done.output
    with (tmp_path / "unprocessed.csv").open(encoding="utf-8") as file:
        assert [row["reason"] for row in csv.DictReader(file)] == [
            "language", "says nothing", "unreadable",
        ]  # fmt: skip
    listed = json.loads((tmp_path / "themes.json").read_text("utf-8"))
    assert next(t["size"] for t in listed if t["id"] == UNPROCESSED) == 3
