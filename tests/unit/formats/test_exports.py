"""DDI, the data dictionary, and the commands."""

import csv
import io
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from click.testing import CliRunner
from defusedxml.ElementTree import fromstring

from consult.__main__ import cli
from consult.errors import ConsultError
from consult.questionnaire.formats import exports
from consult.questionnaire.formats.ddi import NAMESPACE
from consult.questionnaire.formats.outcome import FormatError
from consult.questionnaire.loading import load
from tests.unit.formats.making import xlsform

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(
    path.parent
    for part in ("surveys", "tests/surveys")
    for path in (ROOT / part).glob("*/survey.yaml")
)
#: The order that DDI-Codebook 2.5 asks of what a variable, a question and a study hold.
ORDER = {
    "codeBook": ["docDscr", "stdyDscr", "fileDscr", "dataDscr", "otherMat"],
    "stdyDscr": ["citation", "studyAuthorization", "stdyInfo", "studyDevelopment", "method"],
    "citation": ["titlStmt", "rspStmt", "prodStmt", "distStmt"],
    "titlStmt": ["titl", "subTitl", "altTitl", "parTitl", "IDNo"],
    "stdyInfo": ["studyBudget", "subject", "abstract", "sumDscr"],
    "sumDscr": ["timePrd", "collDate", "nation", "geogCover", "geogUnit", "anlyUnit", "universe"],
    "dataColl": ["timeMeth", "dataCollector", "frequenc", "sampProc", "sampleFrame", "collMode"],
    "var": [
        "location",
        "labl",
        "qstn",
        "valrng",
        "invalrng",
        "universe",
        "sumStat",
        "txt",
        "catgry",
        "codInstr",
        "concept",
        "derivation",
        "varFormat",
    ],
    "qstn": ["preQTxt", "qstnLit", "postQTxt", "forward", "backward", "ivuInstr"],
    "catgry": ["catValu", "labl", "txt", "catStat"],
}
NEEDED = {
    "codeBook": "stdyDscr",
    "stdyDscr": "citation",
    "citation": "titlStmt",
    "titlStmt": "titl",
}
KINDS = {"text", "numeric", "category", "multiple"}


def name(element: Element) -> str:
    namespace, _, tag = element.tag[1:].partition("}")
    assert namespace == NAMESPACE
    return tag


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_ddi_is_built_as_its_rules_ask(folder: Path) -> None:
    survey = load(folder)
    root = fromstring(exports.write(survey, "a.xml").content)
    ids: list[str] = []
    for element in root.iter():
        ids += [element.attrib["ID"]] if "ID" in element.attrib else []
        held = [name(child) for child in element]
        if name(element) in ORDER:
            order = ORDER[name(element)]
            assert set(held) <= set(order)
            assert held == sorted(held, key=order.index)
        assert NEEDED.get(name(element), held[0] if held else None) in {*held, None}
    assert len(ids) == len(set(ids))
    variables = [element.attrib["name"] for element in root.iter(f"{{{NAMESPACE}}}var")]
    assert variables == [c for q in survey.questions.values() for c, _ in q.columns()]
    assert {q.attrib["responseDomainType"] for q in root.iter(f"{{{NAMESPACE}}}qstn")} <= KINDS


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_the_dictionary_has_every_column(folder: Path) -> None:
    survey = load(folder)
    text = exports.write(survey, "a.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    columns = [c for q in survey.questions.values() for c, _ in q.columns()]
    assert list(dict.fromkeys(row["column"] for row in rows)) == columns
    assert all(row[f"label {language}"] for row in rows for language in survey.languages[:1])
    for row in rows:
        assert row["question"] in survey.questions
        assert row["required"] in {"yes", "no"}


def test_another_ending_is_refused() -> None:
    survey = load(SHIPPED[0])
    with pytest.raises(FormatError, match=r"\.docx"):
        exports.write(survey, "a.docx")


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["survey", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_import_and_export_from_the_command_line(tmp_path: Path) -> None:
    form = tmp_path / "Form.xlsx"
    form.write_bytes(
        xlsform(
            ("type", "name", "label"), ("text", "Name", "Your name?"), ("geopoint", "here", "Here?")
        )
    )
    code, said = run("import", form, "-o", tmp_path / "my-survey")
    assert code == 0
    assert "note: " in said
    assert "geopoint" in said
    assert "the survey never closes" in said
    assert "2 problems to mend" in said
    assert {path.name for path in (tmp_path / "my-survey").iterdir()} == {"survey.yaml", "en.yaml"}
    mended = tmp_path / "my-survey" / "survey.yaml"
    mended.write_text(mended.read_text() + "body: A body\ncloses: 2031-01-01T10:00\n")
    assert run("check", tmp_path / "my-survey")[0] == 0
    for ending in (".xlsx", ".json", ".xml", ".csv"):
        code, said = run("export", tmp_path / "my-survey", "-o", tmp_path / f"out{ending}")
        assert code == 0
        assert (tmp_path / f"out{ending}").stat().st_size > 100
    assert run("export", tmp_path / "my-survey", "-o", tmp_path / "out.docx")[0] == 2


def test_an_import_that_fails_changes_nothing(tmp_path: Path) -> None:
    form = tmp_path / "form.xlsx"
    form.write_bytes(b"no workbook")
    with pytest.raises(FormatError):
        run("import", form, "-o", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    form.write_bytes(xlsform(("type", "name", "label"), ("text", "a", "A?")))
    with pytest.raises(FormatError, match="small letters"):
        run("import", form, "-o", tmp_path / "My Survey")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "en.yaml").write_text("title: Mine")
    with pytest.raises(ConsultError, match="holds files already"):
        run("import", form, "-o", tmp_path / "full")
    assert (tmp_path / "full" / "en.yaml").read_text() == "title: Mine"
