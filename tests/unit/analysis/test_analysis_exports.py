"""Exports of other tools: invented answers in the layouts that the tools write."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from analysis import dataset, exports
from analysis.__main__ import cli
from analysis.errors import DataError
from analysis.exports import days, mapping, scales

Rows = list[list[Any]]
URDU = "سڑک پر روشنی کم ہے"


def save(path: Path, rows: Rows) -> Path:
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([None if cell == "" else cell for cell in row])
        book.save(path)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
    return path


def surveymonkey() -> Rows:
    about = ["Respondent ID", "Collector ID", "Date Created", "Date Modified", "IP Address",
             "Email Address", "First Name", "Last Name", "Custom Data 1"]  # fmt: skip
    header = [
        *about, "1. In which district do you live?", "2. How safe do you feel?", "",
        "3. What would help?", "", "", "", "4. Anything else?",
        "5. Rank these", "", "", "6. Who are you?", "", "7. How do you travel?", "",
    ]  # fmt: skip
    second = [
        *[""] * 9, "Response", "By day", "At night", "Lights", "Patrols", "Cameras",
        "Other (please specify)", "Open-Ended Response", "Speed", "Burglary", "Noise",
        "Name", "Email Address", "Response", "Other (please specify)",
    ]  # fmt: skip
    rows = [
        ["Rugby", "Very safe", "Unsafe", "Lights", "", "", "", f"{URDU}\nplease", 1, 2, 3,
         "Ann", "ann@x.org", "Bus", ""],
        ["Warwick", "Fairly safe", "Very unsafe", "Lights", "Patrols", "", "a bench", "", 2, 1, 3,
         "", "", "", "by boat"],
        ["Rugby", "Very safe", "Fairly safe", "", "", "", "", "", "", "", "", "", "", "Car", ""],
        ["Warwick", "Unsafe", "Unsafe", "", "", "Cameras", "", "no", 3, 2, 1, "", "", "Bus", ""],
    ]  # fmt: skip
    own = [
        [118000000001 + k, 400, "01/30/2025 10:11:12 AM", "01/31/2025 10:15:00 AM",
         "10.0.0.1", "", "", "", "x"]
        for k in range(4)
    ]  # fmt: skip
    return [header, second, *([*o, *r] for o, r in zip(own, rows, strict=True))]


def smartsurvey() -> Rows:
    header = [
        "UserID", "UserNo", "Name", "Email", "IP Address", "Unique ID", "Started", "Ended",
        "Status", "Q1. Are you answering as …?", "Q2. Which matter to you?", "", "",
        "Q3. How good is", "", "Q4. Why?",
    ]  # fmt: skip
    second = [*[""] * 9, "", "Parks", "Roads", "Other (please specify):", "Lighting", "Paving", ""]
    own = ["", "", "10.0.0.1", ""]
    a, b = "30/01/2025 09:00:00", "31/01/2025 09:10:00"
    return [
        header,
        second,
        [71, 1, *own, a, b, "Completed", "A resident", "Parks", "", "", "Good", "Poor", "x y z"],
        [72, 2, *own, a, b, "Completed", "A business", "", "Roads", "bins", "Poor", "", ""],
        [73, 3, *own, a, "", "Partial", "A resident", "Parks", "", "", "", "", ""],
        [74, 4, *own, a, b, "Test", "A resident", "Parks", "", "", "", "", ""],
        [75, 5, *own, a, b, "Completed", "A resident", "Parks", "Roads", "", "Good", "Good", ""],
        [76, 6, *own, a, b, "Completed", "", "", "", "", "", "", ""],
        [77, 7, *own, a, b, "Completed", "A business", "Parks", "", "", "Good", "Fair", "w"],
    ]


def microsoft() -> Rows:
    header = ["ID", "Start time", "Completion time", "Email", "Name", "Last modified time",
              "How old are you?", "What should we fund?", "Put in order", "Your comments",
              "The police listen", "The council listens"]  # fmt: skip
    ages = ["16-24", "Under 16", "65+", "25-34"] * 3
    funds = ["Parks;Roads;", "Roads;", "Parks;", ""] * 3
    order = ["A;B;C;", "B;A;C;", "C;B;A;", "A;B;C;"] * 3
    agree = ["Agree", "Strongly agree", "Disagree", "Neither agree nor disagree"] * 3
    rows: Rows = [
        [k + 1, "1/30/2025 10:00:00", "1/31/2025 10:05:00", "anonymous", "", "", ages[k], funds[k],
         order[k], f"Comment number {k} is a sentence of its own.", agree[k], agree[-k]]
        for k in range(12)
    ]  # fmt: skip
    rows[1][7], rows[5][7] = "Roads;My own; idea;", "Roads;A swing for Tom;"
    return [header, *rows]


def lime(style: str) -> Rows:
    about = {
        "codes": ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate",
                  "datestamp", "ipaddr", "refurl"],
        "full": ["Response ID", "Date submitted", "Last page", "Start language", "Seed",
                 "Access code", "Date started", "Date last action", "IP address",
                 "Referrer URL"],
    }[style]  # fmt: skip
    asked = {
        "codes": ["area", "area[other]", "ways[SQ001]", "ways[SQ002]", "ways[other]",
                  "view[SQ001]", "view[SQ002]", "rank[1]", "rank[2]", "why", "interviewtime",
                  "groupTime7", "areaTime"],
        "full": ["area. Where do you live? [please say]", "area. Where do you live? [please say] "
                 "[Other]", "ways. How do you travel? [Bus]", "ways. How do you travel? "
                 "[Car [own]]", "ways. How do you travel? [Other]",
                 "view. How far do you agree? [Lights]",
                 "view. How far do you agree? [Roads]", "rank. Rank them [Rank 1]",
                 "rank. Rank them [Rank 2]", "why. Why?", "Total time", "Group time: One",
                 "Question time: area"],
    }[style]  # fmt: skip
    yes, no, other = ("Y", "", "-oth-") if style == "codes" else ("Yes", "No", "Other")
    off = "" if style == "codes" else "N/A"
    said = [
        ["Rugby", "", yes, no, "", "Agree", "Disagree", "Police", "Fire", "Because"],
        [other, "a boat", no, yes, "on a horse", "Agree", "Agree", "Fire", "Police", ""],
        ["Rugby", "", no, no, "", "Disagree", "", off, off, ""],
        ["Warwick", "", yes, yes, "", "", "", "", "", ""],
        ["Rugby", "", yes, no, "", "Agree", "Agree", "Police", "Fire", "x"],
    ]
    own = [
        [k + 1, "" if k == 3 else "2025-01-31 10:00:00", 3, "en", 99, "tok", "2025-01-30 10:00:00",
         "2025-01-31 10:00:00", "10.0.0.1", ""]
        for k in range(5)
    ]  # fmt: skip
    rows = [[*o, *s, 12.5, 3, 4] for o, s in zip(own, said, strict=True)]
    return [[*about, *asked], *rows]


def citizenspace() -> Rows:
    header = [
        "Response ID", "Date Submitted", "1. What is your name? - Name",
        "2. What is your email address? - Email", "3. Do you agree with the plan? - Agree",
        "4. Which areas matter? - Parks", "4. Which areas matter? - Roads",
        "4. Which areas matter? - Other", "5. Please give your reasons - Reasons",
        "5. Please give your reasons - Analyst notes",
    ]  # fmt: skip
    each = [
        ["Ann", "ann@x.org", "Yes", "Parks", "", "", f"I like it. {URDU}"],
        ["", "", "No", "", "Roads", "the pond", ""],
        ["Bo", "", "Yes", "Parks", "Roads", "", "All of it should be done at once, and well."],
        ["", "", "Yes", "", "", "", ""],
    ]
    return [header, *([f"ANON-ABC{k}-1234-{k}", f"2025-01-2{k} 10:00:00", *row, "note"]
                      for k, row in enumerate(each))]  # fmt: skip


SAMPLES = {
    "surveymonkey": (surveymonkey, "SurveyMonkey"),
    "smartsurvey": (smartsurvey, "SmartSurvey"),
    "forms": (microsoft, "Microsoft Forms"),
    "lime-codes": (lambda: lime("codes"), "LimeSurvey"),
    "lime-full": (lambda: lime("full"), "LimeSurvey"),
    "citizen": (citizenspace, "Citizen Space"),
}


def sample(folder: Path, name: str, ending: str = ".csv") -> Path:
    return save(folder / f"{name}{ending}", SAMPLES[name][0]())


def converted(folder: Path, name: str, ending: str = ".csv") -> exports.Converted:
    path = sample(folder, name, ending)
    return exports.convert(path, exports.recognise(path))


def asked(made: exports.Converted) -> dict[str, dict[str, Any]]:
    return {q["id"]: q for q in made.codebook["questions"]}


def labels(question: dict[str, Any]) -> list[str]:
    return [o["label"]["en"] for o in question["options"]]


@pytest.mark.parametrize("name", SAMPLES)
def test_each_tool_is_recognised_and_csv_and_xlsx_are_one(name: str, tmp_path: Path) -> None:
    path = sample(tmp_path, name)
    found = exports.recognise(path)
    assert found.tool == SAMPLES[name][1]
    assert "column" in found.why
    assert [e.column for e in found.entries] == list(range(1, len(SAMPLES[name][0]()[0]) + 1))
    assert all(e.why for e in found.entries)
    here, there = converted(tmp_path, name), converted(tmp_path, name, ".xlsx")
    assert here.frame.equals(there.frame)
    assert here.codebook["questions"] == there.codebook["questions"]
    text = here.frame.write_csv() + json.dumps(here.codebook)
    for person in ("10.0.0.1", "ann@x.org", "Ann", "tok", "10:1", "10:00", "anonymous"):
        assert person not in text


def test_surveymonkey(tmp_path: Path) -> None:
    made = converted(tmp_path, "surveymonkey")
    book, frame = asked(made), made.frame
    assert {q: b["type"] for q, b in book.items()} == {
        "q1": "choice", "q2_1": "choice", "q2_2": "choice", "q3": "choices",
        "q3_other": "long_text", "q4": "short_text", "q5": "ranking", "q7": "choice",
        "q7_other": "long_text",
    }  # fmt: skip
    assert frame["id"][0] == "118000000001"
    assert frame["day"].unique().to_list() == ["2025-01-31"]
    assert book["q1"]["text"]["en"] == "In which district do you live?"
    assert book["q1"]["role"] == "area"
    assert book["q2_2"]["text"]["en"] == "How safe do you feel?: At night"
    assert labels(book["q2_2"]) == ["Fairly safe", "Unsafe", "Very unsafe"]
    assert labels(book["q3"]) == ["Lights", "Patrols", "Cameras", "Other"]
    ticks = frame.select(c["name"] for c in book["q3"]["columns"]).rows()
    assert ticks == [("1", "0", "0", "0"), ("1", "1", "0", "1"), (None,) * 4, ("0", "0", "1", "0")]
    assert frame["q7"].to_list() == ["Bus", "Other", "Car", "Bus"]
    assert frame["q7_other"].to_list() == [None, "by boat", None, None]
    assert frame["q5_1"].to_list() == ["1", "2", None, "3"]
    left = [e for e in exports.recognise(tmp_path / "surveymonkey.csv").entries if not e.keep]
    assert {e.option_header or e.header for e in left} == {
        "Collector ID", "Date Created", "IP Address", "Email Address", "First Name", "Last Name",
        "Custom Data 1", "Name",
    }  # fmt: skip


def test_smartsurvey_leaves_out_drafts_trials_and_empty_ones(tmp_path: Path) -> None:
    made = converted(tmp_path, "smartsurvey")
    assert made.frame["id"].to_list() == ["71", "72", "75", "77"]
    assert sum(made.exclusions.values()) == 3
    assert set(made.exclusions) == {
        "not finished: it was never sent",
        "a trial, not a response",
        "no question was answered",
    }
    book = asked(made)
    assert book["q1"]["role"] == "strand"
    assert book["q3_1"]["text"]["en"] == "How good is: Lighting"
    assert labels(book["q3_2"]) == ["Good", "Fair", "Poor"]
    assert made.frame["q2_other"].to_list() == [None, "bins", None, None]


def test_microsoft_forms_lists_in_cells_and_what_was_written_in(tmp_path: Path) -> None:
    made = converted(tmp_path, "forms")
    book = asked(made)
    assert [b["type"] for b in book.values()] == [
        "choice", "choices", "long_text", "ranking", "long_text", "choice", "choice",
    ]  # fmt: skip
    assert labels(book["q1"]) == ["Under 16", "16-24", "25-34", "65+"]
    assert labels(book["q2"]) == ["Parks", "Roads", "Other"]
    assert made.frame["q2_other"][1] == "My own; idea"
    assert made.frame.select("q2_1", "q2_2", "q2_3").rows()[:4] == [
        ("1", "1", "0"), ("0", "1", "1"), ("1", "0", "0"), (None, None, None),
    ]  # fmt: skip
    assert made.frame.select("q3_1", "q3_2", "q3_3").row(1) == ("2", "1", "3")
    assert labels(book["q5"]) == [
        "Strongly agree", "Agree", "Neither agree nor disagree", "Disagree",
    ]  # fmt: skip


@pytest.mark.parametrize("style", ["codes", "full"])
def test_limesurvey_in_both_styles(style: str, tmp_path: Path) -> None:
    made = converted(tmp_path, f"lime-{style}")
    book, frame = asked(made), made.frame
    assert made.exclusions == {"not finished: it was never sent": 1}
    assert frame["id"].to_list() == ["1", "2", "3", "5"]
    assert {q: b["type"] for q, b in book.items()} == {
        "area": "choice", "area_other": "long_text", "ways": "choices",
        "ways_other": "long_text", "view_1": "choice", "view_2": "choice", "rank": "ranking",
        "why": "short_text",
    }  # fmt: skip
    assert frame["area"].to_list() == ["Rugby", "Other", "Rugby", "Rugby"]
    bus, car = ("SQ001", "SQ002") if style == "codes" else ("Bus", "Car [own]")
    assert labels(book["ways"]) == [bus, car, "Other"]
    assert frame.select("ways_1", "ways_2", "ways_3").rows() == [
        ("1", "0", "0"), ("0", "1", "1"), (None,) * 3, ("1", "0", "0"),
    ]  # fmt: skip
    assert labels(book["rank"]) == ["Fire", "Police"]
    assert labels(book["area"]) == ["Rugby", "Warwick", "Other"]
    off = None if style == "codes" else "(not asked)"
    assert frame["rank_1"].to_list() == ["2", "1", off, "2"]
    assert book["rank"]["conditional"] is (style == "full")
    if style == "full":
        assert book["area"]["text"]["en"] == "Where do you live? [please say]"
        assert book["view_2"]["text"]["en"] == "How far do you agree?: Roads"


def test_citizen_space(tmp_path: Path) -> None:
    made = converted(tmp_path, "citizen")
    book = asked(made)
    assert {q: b["type"] for q, b in book.items()} == {
        "q3": "choice", "q4": "choices", "q4_other": "long_text", "q5": "long_text",
    }  # fmt: skip
    assert labels(book["q4"]) == ["Parks", "Roads", "Other"]
    assert made.codebook["consultation"]["opens"] == "2025-01-20"
    found = exports.recognise(tmp_path / "citizen.csv")
    assert "ANON-" in found.why
    assert {e.header[:1] for e in found.entries if not e.keep} == {"1", "2", "5"}


def test_the_result_is_tabulated_and_reported_as_it_is(tmp_path: Path) -> None:
    path, out = sample(tmp_path, "forms", ".xlsx"), tmp_path / "out"
    said = exports.run(path, None, out)
    assert said[0].startswith("forms.xlsx: an export of Microsoft Forms")
    assert any("Email" in line and "identifies" in line for line in said)
    assert sorted(p.name for p in out.iterdir()) == [
        "codebook.json", "manifest.json", "mapping.csv", "responses.csv",
    ]  # fmt: skip
    data = dataset.read(out / "responses.csv", out / "codebook.json")
    assert {name for name, _ in data.manifest.sources} == {"forms.xlsx", "mapping.csv"}
    files = [out / "responses.csv", "--codebook", out / "codebook.json"]
    calls = [
        ["tabulate", *files, "--questions", "q1,q2,q3", "--by", "q1", "-o", tmp_path / "t.csv"],
        ["report", *files, "-o", tmp_path / "r.html"],
    ]
    for call in calls:
        done = CliRunner().invoke(cli, [*map(str, call)])
        assert (done.exit_code, done.output) == (0, "")
    first = {p.name: p.read_bytes() for p in out.iterdir()}
    exports.run(path, out / "mapping.csv", out)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == first


def edited(folder: Path, name: str, **changes: dict[str, str]) -> tuple[Path, Path]:
    """An export and its mapping with cells changed: `c3={"keep": "no"}` for column 3."""
    path = sample(folder, name)
    exports.recognise(path).write(folder / "m.csv")
    rows = list(csv.DictReader((folder / "m.csv").read_text("utf-8-sig").splitlines()))
    for row in rows:
        row.update(changes.get(f"c{row['column']}", {}))
    # As a spreadsheet in a country of semicolons saves it.
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    (folder / "m.csv").write_text(text.getvalue(), "utf-8-sig")
    return path, folder / "m.csv"


def test_an_edited_mapping_gives_the_edited_result(tmp_path: Path) -> None:
    path, changed = edited(
        tmp_path,
        "surveymonkey",
        c10={"question": "district", "option": "Warwick | Rugby | Stratford"},
        c11={"keep": "no"},
        c13={"option": "Better lights"},
        c4={"keep": "no"},
        c21={"keep": "yes", "question": "who", "type": "short_text"},
    )
    exports.run(path, changed, tmp_path / "out")
    data = dataset.read(tmp_path / "out" / "responses.csv", tmp_path / "out" / "codebook.json")
    assert [o.label for o in data.question("district").options] == ["Warwick", "Rugby", "Stratford"]
    assert data.codebook.find("q2_1") is None
    assert data.question("q3").options[0].label == "Better lights"
    assert "day" not in data.frame.columns
    assert data.column("who").to_list()[0] == "Ann"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"c3": {"header": "Q9"}}, "row 4: column 3 of surveymonkey.csv is headed otherwise"),
        ({"c3": {"column": "99"}}, "row 4: surveymonkey.csv has no column 99"),
        ({"c3": {"column": "2"}}, "row 4: column 2 stands in row 3 too"),
        ({"c3": {"column": "x"}}, "row 4: “column” must be the number"),
        ({"c10": {"type": "chioce"}}, "row 11: “type” must be one of id, ended"),
        ({"c10": {"keep": "maybe"}}, "row 11: “keep” must be yes or no"),
        ({"c10": {"role": "boss"}}, "row 11: “role” must be empty or one of area"),
        ({"c10": {"question": "a*b"}}, "row 11: “question” must be a short name"),
        ({"c10": {"question": "id"}}, "row 11: “question” must be a short name"),
        ({"c11": {"question": "q1"}}, "row 12: row 11 is q1 too"),
        ({"c14": {"type": "number"}}, "row 15: q3 is of type choices in row 14"),
        ({"c14": {"option": ""}}, "row 15: write under “option”"),
        ({"c14": {"option": "Lights"}}, "row 15: row 14 stands for the same option"),
        ({"c10": {"type": "number"}}, "row 3, column 10 (“1. In which"),
        ({"c16": {"question": "zz"}}, "row 17 is what was written in beside the options of zz"),
        ({"c8": {"keep": "yes", "type": "id"}}, "row 9: row 2 is of type id too"),
        ({"c10": {"question": "q3_1"}}, "two questions would have the column “q3_1”"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_by_its_row(
    changes: dict[str, dict[str, str]], said: str, tmp_path: Path
) -> None:
    path, changed = edited(tmp_path, "surveymonkey", **changes)
    with pytest.raises(DataError) as caught:
        exports.run(path, changed, tmp_path / "out")
    assert said in str(caught.value)
    assert not (tmp_path / "out").exists()
    for answer in ("Warwick", "by boat", "ann@x.org"):
        assert answer not in str(caught.value)


def test_a_column_without_a_row_is_refused(tmp_path: Path) -> None:
    path, changed = edited(tmp_path, "forms")
    lines = changed.read_text("utf-8-sig").splitlines()
    changed.write_text("\n".join([*lines[:7], *lines[8:]]), "utf-8-sig")
    with pytest.raises(DataError, match=r"no row for column 7 of forms\.csv"):
        exports.run(path, changed, tmp_path / "out")
    changed.write_text("column,header\n1,x\n", "utf-8")
    with pytest.raises(DataError, match=r"is missing\. The first row must read"):
        exports.run(path, changed, tmp_path / "out")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["a", "b"], [1, 2]], "no export of SurveyMonkey"),
        (microsoft()[:1], "no responses below its headers"),
        ([lime("codes")[0], [1, *[""] * 22]], "no response counts: 1 not finished"),
        ([*microsoft(), microsoft()[1]], "rows 2 and 14 have the same “ID”"),
        ([*microsoft(), ["", *microsoft()[1][1:]]], "row 14 has no “ID”"),
        ([*microsoft(), [99, "", "soon", *microsoft()[1][3:]]], "row 14, column 3"),
    ],
)
def test_what_cannot_be_used_is_refused(rows: Rows, said: str, tmp_path: Path) -> None:
    path = save(tmp_path / "x.csv", rows)
    with pytest.raises(DataError) as caught:
        exports.run(path, None, tmp_path / "out")
    assert said in str(caught.value)


def test_formulas_in_a_mapping_are_text_in_a_spreadsheet(tmp_path: Path) -> None:
    rows = microsoft()
    rows[0][9] = '=HYPERLINK("http://x")'
    path = save(tmp_path / "x.csv", rows)
    exports.recognise(path).write(tmp_path / "m.csv")
    assert "'=HYPERLINK" in (tmp_path / "m.csv").read_text("utf-8-sig")
    assert mapping.read(tmp_path / "m.csv").entries == exports.recognise(path).entries
    exports.run(path, tmp_path / "m.csv", tmp_path / "out")


def test_a_workbook_is_looked_through_for_the_sheet_with_responses(tmp_path: Path) -> None:
    path = sample(tmp_path, "forms", ".xlsx")
    book = openpyxl.load_workbook(path)
    book.create_sheet("Empty", 0)
    book.create_sheet("Summary", 0).append(["Responses", 12])
    book.save(path)
    assert exports.recognise(path).tool == "Microsoft Forms"


def test_what_a_spreadsheet_would_change_survives_one(tmp_path: Path) -> None:
    rows = smartsurvey()
    rows[1][10], rows[1][11], rows[0][9] = "10-12", "'90s", "007"
    for row in rows[2:]:
        row[10] = "10-12" if row[10] else ""
        row[11] = "'90s" if row[11] else ""
    path = save(tmp_path / "x.csv", rows)
    found = exports.recognise(path)
    found.write(tmp_path / "m.csv")
    assert "'10-12" in (tmp_path / "m.csv").read_text("utf-8-sig")
    assert mapping.read(tmp_path / "m.csv").entries == found.entries
    assert labels(asked(exports.convert(path, found))["q2"])[:2] == ["10-12", "'90s"]


def test_a_box_beside_no_is_ticked_where_it_says_no(tmp_path: Path) -> None:
    rows = surveymonkey()
    rows[1][14] = "No"
    for row in rows[2:]:
        row[14] = "No" if row[14] else ""
    path = save(tmp_path / "x.csv", rows)
    made = exports.convert(path, exports.recognise(path))
    assert made.frame["q3_2"].to_list() == ["0", "1", None, "0"]


def test_a_long_hostile_answer_takes_no_time(tmp_path: Path) -> None:
    rows = microsoft()
    rows[1][9], rows[2][9] = "http://a" * 20_000 + " \n", "a@" + "." * 200_000 + " "
    path = save(tmp_path / "x.csv", rows)
    assert exports.convert(path, exports.recognise(path)).frame["q4"][0] == rows[1][9].strip()


def test_a_question_called_status_leaves_nobody_out(tmp_path: Path) -> None:
    rows = [["ID", "Start time", "Completion time", "Status", "Upload", "Name"]]
    link = "https://x.sharepoint.com/f.pdf"
    rows += [[k, "", "2025-01-01", ("Employed", "Retired")[k % 2], link, "A"] for k in range(9)]
    path = save(tmp_path / "x.csv", rows)
    made = exports.convert(path, exports.recognise(path))
    assert made.frame.columns == ["id", "day", "q1"]
    assert made.frame.height == 9


def test_rare_answers_are_options_or_written_in(tmp_path: Path) -> None:
    rows = [["ID", "Start time", "Completion time", "Which?", "Gender", "Contact me by e-mail?"]]
    rows += [[k, "", "2025-01-01", ("Bus", "Car")[k % 2], "Woman", "Yes"] for k in range(60)]
    rows[5][3] = "Tom's donkey from Mill Lane"
    path = save(tmp_path / "x.csv", rows)
    found = exports.recognise(path)
    assert found.entries[3].option == "Bus | Car | (other)"
    assert [e.keep for e in found.entries[3:]] == [True, True, True]
    made = exports.convert(path, found)
    assert "donkey" not in json.dumps(made.codebook)
    assert made.frame["q1_other"].drop_nulls().to_list() == ["Tom's donkey from Mill Lane"]


def test_orders_of_answers() -> None:
    assert scales.ordered(["No", "Don't know", "Yes", "Other"]) == [
        "Yes", "No", "Other", "Don't know",
    ]  # fmt: skip
    assert scales.ordered(["65+", "Under 18", "18-24"]) == ["Under 18", "18-24", "65+"]
    assert scales.ordered(["10", "9", "2"]) == ["2", "9", "10"]
    assert scales.ordered(["Warwick", "Rugby"]) == ["Rugby", "Warwick"]


def test_times_are_cut_to_days() -> None:
    from analysis.exports.grid import Grid

    def cut(*cells: str, month_first: bool = False) -> list[str | None]:
        grid = Grid("x", [["At"], *([c] for c in cells)])
        return days.cut(grid, 1, range(len(cells)), cells, month_first)

    assert cut("03/04/2025 10:00", "31/01/2025") == ["2025-04-03", "2025-01-31"]
    assert cut("03/04/2025", "01/31/2025") == ["2025-03-04", "2025-01-31"]
    assert cut("03/04/25 9:00:00", month_first=True) == ["2025-03-04"]
    assert cut("2025-01-31T10:00:00Z", "31 January 2025 10:00", "45688.4", "") == [
        "2025-01-31", "2025-01-31", "2025-01-31", None,
    ]  # fmt: skip
    assert cut("1980-01-01 00:00:00") == [None]


def test_a_large_export_is_converted_quickly(tmp_path: Path) -> None:
    rows = surveymonkey()
    path = save(tmp_path / "x.csv", [*rows[:2], *([k, *rows[2 + k % 4][1:]] for k in range(5000))])
    made = exports.convert(path, exports.recognise(path))
    assert made.frame.height == 5000
    assert all(kind == pl.String for kind in made.frame.dtypes)
