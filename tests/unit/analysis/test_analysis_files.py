"""Files of every kind to text, what they bring of their own, and what is refused."""

import codecs
import datetime
import io
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pyreadstat
import pytest

from analysis import dataset, files
from analysis.codebook import Codebook, Option
from analysis.errors import DataError
from analysis.manifest import Manifest

URDU = "سڑک پر روشنی کم ہے"


def parsed(name: str, content: bytes) -> pl.DataFrame:
    frame = files.parse(Path(name), content)
    assert all(kind == pl.String for kind in frame.dtypes)
    return frame


def refused(name: str, content: bytes, *said: str) -> None:
    with pytest.raises(DataError) as caught:
        files.parse(Path(name), content)
    for words in (name, *said):
        assert words in str(caught.value)
    assert "Traceback" not in str(caught.value)


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ROWS = [{"id": "1", "a": "yes, often", "b": "2"}, {"id": "2", "a": None, "b": "3"}]


@pytest.mark.parametrize(
    "content",
    [
        b'id,a,b\n1,"yes, often",2\n2,,3\n',
        b'\xef\xbb\xbfid,a,b\r\n1," yes, often ",2\r\n2,  ,3',
        b"id;a;b\n1;yes, often;2\n2;;3\n",
        b'"id"\t"a"\t"b"\n1\tyes, often\t2\n2\t\t3\n\n\n',
        b'sep=;\r\nid;a;b\r\n1;"yes, often";2\r\n2;;3\r\n',
        codecs.BOM_UTF16_LE + "id\ta\tb\r\n1\tyes, often\t2\r\n2\t\t3\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + 'id,a,b\n1,"yes, often",2\n2,,3\n'.encode("utf-16-be"),
        b'id,a,b,,\n1,"yes, often",2,,\n2,,3,,\n,,,,\n',
    ],
)
def test_csv_in_every_dress_is_one_table(content: bytes, tmp_path: Path) -> None:
    assert parsed("r.csv", content).to_dicts() == ROWS
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    scanned = files.scan(path, ["id", "a", "b"]).collect(engine="streaming")
    assert scanned.filter(pl.col("id").is_not_null()).to_dicts() == ROWS


def test_commas_in_a_header_of_semicolons_separate_nothing() -> None:
    content = b"id;How safe, by day;x\n1;very;a,b\n2;not;c,d\n"
    assert parsed("r.csv", content).columns == ["id", "How safe, by day", "x"]
    assert parsed("r.csv", b"id\n1\n2\n").columns == ["id"]


def test_long_cells_line_breaks_emoji_and_urdu_come_through() -> None:
    long = "word " * 50_000
    content = f'id,text\n1,"{URDU}\n😀 “so”"\n2,"{long}"\n'.encode()
    frame = parsed("r.csv", content)
    assert frame["text"].to_list() == [f"{URDU}\n😀 “so”", long.strip()]
    assert files.rows(Path("r.csv"), content)[2][1] == long.strip()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n \n", "empty"),
        (b"id,a\n1,2\n3,4,5\n", "line 3 has 3 cells, the header 2"),
        (b'id,a\n1,"x\ny"\n2\n3,z\n', "line 4 has 1 cells"),
        (b"id,a\n1,secret\n2,caf\xe9\n", "line 3 is not UTF-8 text. Save the file as"),
        (b"id,a,a,id\n1,2,3,4\n", "two columns are named “a”, “id”"),
        (b'id,a\n1,x\n2,"secret\n', "line 3"),
    ],
)
def test_bad_csv_is_refused_by_its_line(content: bytes, said: str) -> None:
    refused("r.csv", content, said)
    with pytest.raises(DataError) as caught:
        files.parse(Path("r.csv"), content)
    assert "secret" not in str(caught.value)


def test_a_scan_names_columns_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"id,a\n1,2\n")
    with pytest.raises(DataError, match="no column “b”"):
        files.scan(path, ["b"])
    path.write_bytes(b"id,a\n1,2\n3,4,5\n")
    with pytest.raises(DataError, match=r"r\.csv"), files.reading(path):
        files.scan(path, None).collect(engine="streaming")


def test_parquet_is_the_same_parsed_and_scanned(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": [1, 2],
            "share": [1.0, float("nan")],
            "weight": [12.5, 13.0],
            "told": [True, None],
            "day": [datetime.date(2025, 1, 2), None],
            "at": [datetime.datetime(2025, 1, 2, 3, 4), datetime.datetime(2025, 1, 2)],  # noqa: DTZ001
            "kind": pl.Series(["a ", " "], dtype=pl.Categorical),
        }
    )
    path = tmp_path / "r.parquet"
    frame.write_parquet(path)
    expected = [
        {"id": "1", "share": "1", "weight": "12.5", "told": "1", "day": "2025-01-02",
         "at": "2025-01-02 03:04:00", "kind": "a"},
        {"id": "2", "share": None, "weight": "13", "told": None, "day": None,
         "at": "2025-01-02", "kind": None},
    ]  # fmt: skip
    assert parsed("r.parquet", path.read_bytes()).to_dicts() == expected
    assert files.scan(path).collect(engine="streaming").to_dicts() == expected
    pl.DataFrame({"id": [1], "tags": [["a"]]}).write_parquet(path)
    refused("r.parquet", path.read_bytes(), "“tags” holds lists")


def test_a_large_csv_takes_little_more_memory_than_itself() -> None:
    content = b"id,a,b\n" + b"".join(b"%d,some words here,2\n" % k for k in range(200_000))
    tracemalloc.start()
    frame = files.parse(Path("r.csv"), content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert frame.height == 200_000
    # What Python itself holds; polars keeps one table of the cells beside it.
    assert peak < len(content) / 2


def test_cells_of_a_workbook_become_text() -> None:
    made = workbook(
        {
            "Notes": [],
            "Data": [
                ["id", "n", "told", "day", "at", "clock", "wrong", None],
                [1, 2.5, True, datetime.date(2025, 3, 4), datetime.datetime(2025, 3, 4, 5, 6),  # noqa: DTZ001
                 datetime.time(7, 30), "#N/A", None],
                [2.0, 3, False, None, None, None, f" {URDU} 😀 ", None],
                [None] * 8,
            ],
        }
    )  # fmt: skip
    frame = parsed("r.xlsx", made)
    assert frame.rows() == [
        ("1", "2.5", "1", "2025-03-04", "2025-03-04 05:06:00", "07:30:00", None),
        ("2", "3", "0", None, None, None, f"{URDU} 😀"),
    ]


def test_workbooks_that_cannot_be_used_are_refused() -> None:
    good = workbook({"S": [["id", "a"], [1, 2]]})
    refused("r.xlsx", workbook({"A": [], "B": []}), "“A”, “B”")
    refused("r.xlsx", workbook({"S": [["id", "a", "a"], [1, 2, 3]]}), "two columns are named “a”")
    refused("r.xlsx", good[:-200], "damaged or not whole")
    refused("r.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "password")
    refused("r.xlsx", b"id,a\n1,2\n", "damaged or not whole")
    refused("r.ods", good, "files ending “.ods” are not read")
    assert parsed("r.xlsx", workbook({"S": [["id", "a"]]})).height == 0


def stating(size: int) -> bytes:
    """A workbook with a part of 30 MB of blanks that says it has another size."""
    out = io.BytesIO(workbook({"S": [["id"], [1]]}))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 30_000_000)
    content = out.getvalue()
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 24] + struct.pack("<I", size) + content[at + 28 :]


def test_zip_bombs_are_refused_by_what_they_state_and_what_they_are() -> None:
    refused("r.xlsx", stating(2_000_000_000), "unpacks to more")
    refused("r.xlsx", stating(10), "damaged or not whole")
    far = openpyxl.Workbook()
    far.active["XFD1048576"] = 1
    far.active["A1"] = "id"
    out = io.BytesIO()
    far.save(out)
    refused("r.xlsx", out.getvalue(), "unpacks to more")


SAV = pl.DataFrame(
    {
        "id": ["a", "b", "c", "d"],
        "safe": [1.0, 2.0, 99.0, None],
        "age": [34.0, -8.0, 71.5, 20.0],
        "sex": ["F", "M", "X", "F"],
        "day": [datetime.date(2025, 1, 2), None, None, None],
        "why": [URDU * 5, "", " ", "b"],
        "n1": [1.0, 2.0, 2.0, None],
        "n2": [2.0, 1.0, 2.0, None],
        "c1": [1.0, 3.0, 9.0, None],
        "c2": [2.0, None, None, None],
    }
)


def sav(folder: Path) -> bytes:
    path = folder / "panel.sav"
    places = {1.0: "Post", 2.0: "Web", 3.0: "Radio", 9.0: "Refused"}
    pyreadstat.write_sav(
        SAV,
        path,
        file_label="Feeling safe",
        column_labels={"safe": "How safe do you feel?", "n1": "Walks", "n2": "Cycles"},
        variable_value_labels={
            "safe": {1: "Very", 2: "Not", 99: "Refused"},
            "sex": {"F": "Female", "M": "Male"},
            "c1": places,
            "c2": places,
        },
        missing_ranges={
            "safe": [99], "age": [{"lo": -9, "hi": -1}], "sex": ["X"], "c1": [9], "c2": [9],
        },
    )  # fmt: skip
    with_sets(path)
    return path.read_bytes()


def with_sets(path: Path) -> None:
    # pyreadstat writes no multiple-response sets, so their record goes in before the data begins.
    said = b"$ways=D1 1 13 Ways to travel n1 n2\n$heard=C 12 How heard of c1 c2\n"
    record = struct.pack("<4i", 7, 7, 1, len(said)) + said
    content = path.read_bytes()
    at = content.index(struct.pack("<2i", 999, 0))
    path.write_bytes(content[:at] + record + content[at:])


def test_a_sav_file_brings_its_codebook(tmp_path: Path) -> None:
    content = sav(tmp_path)
    frame = parsed("panel.sav", content)
    assert frame.select("safe", "age", "sex", "day").rows() == [
        ("1", "34", "F", "2025-01-02"),
        ("2", None, "M", None),
        (None, "71.5", None, None),
        (None, "20", "F", None),
    ]
    assert frame["why"].to_list() == [URDU * 5, None, None, "b"]
    assert frame.select("n1", "n2").rows() == [("1", "0"), ("0", "1"), ("0", "0"), (None, None)]
    assert frame.select("heard/1", "heard/2", "heard/3").rows() == [
        ("1", "1", "0"),
        ("0", "0", "1"),
        (None, None, None),
        (None, None, None),
    ]
    book = files.dictionary(Path("panel.sav"), content)
    assert book is not None
    assert book.title == "Feeling safe"
    assert [(q.id, q.type) for q in book.questions] == [
        ("safe", "choice"), ("age", "choice"), ("sex", "choice"), ("day", "date"),
        ("why", "long_text"), ("ways", "choices"), ("heard", "choices"),
    ]  # fmt: skip
    safe = book.questions[0]
    assert safe.text == "How safe do you feel?"
    assert [(o.code, o.label) for o in safe.options] == [("1", "Very"), ("2", "Not")]
    assert [o.label for o in book.questions[5].options] == ["Walks", "Cycles"]
    assert [c.name for c in book.questions[6].columns] == ["heard/1", "heard/2", "heard/3"]
    assert files.dictionary(Path("r.csv"), b"id\n1\n") is None
    refused("panel.sav", content[:300], "cannot be read as SAV")


def seconds(*day: int) -> float:
    """A day as SPSS counts."""
    return float((datetime.date(*day) - datetime.date(1582, 10, 14)).days * 86_400)


def test_a_missing_value_labelled_not_asked_is_that(tmp_path: Path) -> None:
    """And a missing value of another label, or that label on a value that counts, is not."""
    path, label = tmp_path / "r.sav", "(not asked)"
    frame = pl.DataFrame(
        {
            "id": ["a", "b", "c"],
            "n": [1.5, -9.0, -8.0],
            "t": ["F", "NA", "DK"],
            "d": [seconds(2025, 1, 2), seconds(1900, 1, 1), None],
            "counts": [1.0, 2.0, 2.0],
            "n1": [1.0, 9.0, None],
            "n2": [0.0, 9.0, 1.0],
            "c1": [1.0, 9.0, None],
            "c2": [9.0, 9.0, None],
        }
    )
    first, nine = seconds(1900, 1, 1), {9: label}
    pyreadstat.write_sav(
        frame,
        path,
        variable_value_labels={
            "n": {-9: label, -8: "Refused"}, "t": {"NA": label, "DK": "Refused"},
            "d": {first: label}, "counts": {2: label}, "n1": nine, "n2": nine,
            "c1": {1: "Post", **nine}, "c2": {1: "Post", **nine},
        },
        missing_ranges={
            "n": [{"lo": -9, "hi": -8}], "t": ["NA", "DK"], "d": [first],
            "n1": [9], "n2": [9], "c1": [9], "c2": [9],
        },
        variable_format={"d": "DATE11"},
    )  # fmt: skip
    with_sets(path)
    found = parsed("r.sav", path.read_bytes())
    assert found.drop("c1", "c2").rows() == [
        ("a", "1.5", "F", "2025-01-02", "1", "1", "0", "1"),
        ("b", *[label] * 3, "2", *[label] * 3),
        ("c", None, None, None, "2", None, "1", None),
    ]
    data = dataset.read(path)
    assert [o.code for o in data.question("t").options] == ["F"]
    assert [data.asked(name).tolist() for name in ("n", "t", "heard/1", "counts")] == [
        *[[True, False, True]] * 3, [True] * 3,
    ]  # fmt: skip


def test_a_dataset_takes_the_codebook_of_a_sav_file(tmp_path: Path) -> None:
    sav(tmp_path)
    data = dataset.read(tmp_path / "panel.sav")
    assert data.question("safe").label("1") == "Very"
    assert data.question("ways").type == "choices"


OWN = Manifest("from memory", "", 3)


def test_a_table_in_memory_reads_as_its_file_would(tmp_path: Path) -> None:
    """Blanks, empty texts, figures and days; categories that say nothing are no answer."""
    view, sex = pl.Enum(["yes", "no", "never"]), pl.Enum([" f", "f", " "])
    frame = pl.DataFrame(
        {
            "id": ["a", " b ", "c"],
            "view": pl.Series(["yes", None, "no"], dtype=view),
            "sex": pl.Series([" f", "f", " "], dtype=sex),
            "words": [" said ", "", "(not asked)"],
            "n": [1.0, 2.5, None],
            "day": [datetime.date(2025, 1, 2), None, None],
            "flags": ["fast  new", None, ""],
        }
    )
    frame.write_parquet(tmp_path / "r.parquet")
    book = Codebook(flags=(Option("fast", "Fast"), Option("same", "Same")))
    own = dataset.of(frame, book, OWN)
    read = dataset.read(tmp_path / "r.parquet").frame
    assert own.frame["view"].dtype == view
    assert own.frame.select(read.columns).cast(pl.String).rows() == read.rows()
    assert own.frame.select("(flagged)", "(flag fast)", "(flag same)").rows() == [
        ("yes", "1", "0"),
        *[("no", "0", "0")] * 2,
    ]
    assert own.distinct("view") == ["no", "yes"]
    assert own.coded("view", ["no", "never"]).tolist() == [2, 2, 0]
    assert own.frame.select("id", "sex", "words", "n", "day").rows() == [
        ("a", "f", "said", "1", "2025-01-02"),
        ("b", "f", None, "2.5", None),
        ("c", None, "(not asked)", None, None),
    ]


def test_a_table_in_memory_is_refused_as_its_file_would_be() -> None:
    for cells, said in (
        ({"id": ["a", "b", "b"]}, "the id “b” comes 2 times (rows 2, 3)"),
        ({"id": ["b", "a", "b"]}, "the id “b” comes 2 times (rows 1, 3)"),
        ({"id": ["a", "b", " "]}, "row 3 has no “id”"),
        ({"id": []}, "no rows"),
        ({"k": ["a"]}, "no column “id”"),
        ({"id": ["a"], "x": [["b"]]}, "“x” holds lists"),
    ):
        with pytest.raises(DataError) as caught:
            dataset.of(pl.DataFrame(cells, schema_overrides={"id": pl.String}), Codebook(), OWN)
        assert said in str(caught.value)
