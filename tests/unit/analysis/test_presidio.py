"""Presidio beside our own redaction: real, with a small spaCy pipeline that is written here."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from analysis_files import read_csv, write_csv
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis import redaction
from analysis.__main__ import cli
from analysis.errors import DataError
from analysis.redaction.presidio import KINDS, SETTING

NAMED = ("zebedee quill", "Quillon", "High", "11 High", "Whitfield now", "NAME", "smith ]")
"""What the pipeline takes for people."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a spaCy pipeline that finds people by a list, where we find none."""
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    patterns = [{"label": "PERSON", "pattern": name} for name in NAMED]
    ruler.add_patterns([*patterns, {"label": "GPE", "pattern": "Rugby"}])
    folder = tmp_path_factory.mktemp("model") / "people"
    pipeline.to_disk(folder)
    return str(folder)


@pytest.fixture
def asked(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Presidio is asked for."""
    monkeypatch.setenv(SETTING, model)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("zebedee quill told me in Rugby", "[NAME] told me in Rugby"),
        ("zebedee quill, CV21 3AB, ring 07700 900123", "[NAME], [POSTCODE], ring [PHONE]"),
        ("Quillon rang +33 6 12 34 56 78 twice", "[NAME] rang [PHONE] twice"),
        ("Pay into GB29 NWBK 6016 1331 9268 19 today", "Pay into [BANK ACCOUNT] today"),
        ("I live at 11 High Street, Rugby", "I live at [ADDRESS], Rugby"),
        ("Sarah Whitfield now says no", "[NAME] says no"),
        ("[NAME] said [NAME] again, NAME", "[NAME] said [NAME] again, [NAME]"),
        ("smith ] said", "[NAME] said"),
        ("[NAME] [x] smith ] said", "[NAME] [x] [NAME] said"),
        ("The council is slow in Rugby since 3 May", "The council is slow in Rugby since 3 May"),
        ("", ""),
    ],
)
@pytest.mark.usefixtures("asked")
def test_what_either_finds_is_marked(said: str, left: str) -> None:
    found = redaction.redact(said)
    assert found.text == left
    assert redaction.redact_all([said, None, said]) == [found, redaction.Redacted("", ()), found]
    assert redaction.restore(found.text, found.pieces) == said


def test_it_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert redaction.redact("zebedee quill told me").pieces == ()
    check = "import sys; from analysis import redaction; redaction.redact('Ring 07700 900123'); "
    check += "sys.exit(bool({'spacy', 'presidio_analyzer'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


PARTS = (*NAMED, "Sarah Whitfield", "[NAME]", "[PHONE]", "07700 900123", "CV21 3AB", "I live at",
         "12 High Street", "Rugby", "[", "]", "é", "\n", "0", "she", "said")  # fmt: skip


@example("[NAME]NAME[NAME]")
@example("NAME NAME] [NAME NAME")
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join))
@pytest.mark.usefixtures("asked")
def test_it_comes_back_as_it_was_and_ours_is_never_less(said: str) -> None:
    found = redaction.redact(said)
    assert redaction.restore(found.text, found.pieces) == said
    ends = [0, *(piece.end for piece in found.pieces)]
    assert all(p.start >= end for p, end in zip(found.pieces, ends, strict=False))
    assert all(said[p.start : p.end] == p.text for p in found.pieces)
    marked = {k for p in found.pieces for k in range(p.start, p.end)}
    with pytest.MonkeyPatch.context() as without:
        without.delenv(SETTING)
        ours = redaction.redact(said).pieces
    assert {k for p in ours for k in range(p.start, p.end)} <= marked
    assert found.text.count("[NAME]") >= said.count("[NAME]")


@pytest.mark.usefixtures("asked")
def test_the_command_says_what_both_have_found(tmp_path: Path) -> None:
    rows = [{"id": 1, "text": "zebedee quill, CV21 3AB"}, {"id": 2, "text": "Too slow"}]
    out, pieces = tmp_path / "o.csv", tmp_path / "p.csv"
    call = ["redact", str(write_csv(tmp_path / "r.csv", rows)), "--text", "text", "-o", str(out)]
    done = CliRunner().invoke(cli, [*call, "--pieces", str(pieces)])
    assert done.exit_code == 0, done.output
    assert read_csv(out)[0] == {"id": "1", "text": "[NAME], [POSTCODE]", "kinds": "NAME|POSTCODE"}
    assert [row["piece"] for row in read_csv(pieces)] == ["zebedee quill", "CV21 3AB"]


def test_a_model_that_is_missing_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, "en_core_web_none")
    path = write_csv(tmp_path / "r.csv", [{"id": 1, "text": "Ring me"}])
    call = ["redact", str(path), "--text", "text", "-o", str(tmp_path / "o.csv")]
    done = CliRunner().invoke(cli, call)
    assert done.exit_code == 1
    assert "python -m spacy download en_core_web_none" in done.output
    assert not (tmp_path / "o.csv").exists()
    spacy.blank("en").to_disk(tmp_path / "blank")
    monkeypatch.setenv(SETTING, str(tmp_path / "blank"))
    with pytest.raises(DataError, match="finds no names"):
        redaction.redact_all(["Ring me"])


def test_presidio_that_is_missing_is_named_with_its_remedy() -> None:
    # As Python does it where a package is not installed.
    without = "import sys; sys.modules['presidio_analyzer'] = None; "
    without += "from analysis import redaction; redaction.redact('Ring me')"
    done = subprocess.run(
        [sys.executable, "-c", without],
        env={SETTING: "en_core_web_sm"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Install consult[presidio], or unset CONSULT_PRESIDIO." in done.stderr


@pytest.mark.usefixtures("asked")
def test_it_logs_nothing_of_a_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        redaction.redact("zebedee quill from Rugby, ring 07700 900123 or GB29 NWBK 6016 1331 9268")
    for secret in ("zebedee", "quill", "07700", "NWBK"):
        assert secret not in caplog.text


def test_its_kinds_are_ours() -> None:
    assert set(KINDS.values()) <= set(redaction.KINDS)
