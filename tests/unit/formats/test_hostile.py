"""Files made to harm or to confuse: refused in a moment, with what to do about it."""

import io
import json
import time
import zipfile

import pytest

from consult.questionnaire.formats import limits
from consult.questionnaire.formats.outcome import FormatError
from tests.unit.formats.making import questions, read, workbook, xlsform

HEAD = ("type", "name", "label")
FORM = xlsform(HEAD, ("text", "a", "A?"))


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """The small form with one of its parts replaced."""
    source, out = zipfile.ZipFile(io.BytesIO(FORM)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.infolist():
            if entry.filename != name:
                archive.writestr(entry.filename, source.read(entry))
        archive.writestr(name, content)
    return out.getvalue()


def lying(data: bytes) -> bytes:
    """A bomb that says of itself that it is small."""
    true = (limits.UNPACKED + 1).to_bytes(4, "little")
    return data.replace(true, (10).to_bytes(4, "little"))


def bomb() -> bytes:
    return zipped(**{"xl/sharedStrings.xml": bytes(limits.UNPACKED + 1)})


SHARED = "xl/worksheets/sheet1.xml"
SHEET = b'<?xml version="1.0"?>%s<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
FAR = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>type</t></is></c></row>'


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (bomb(), "unpacks to more"),
        (lying(bomb()), "damaged|unpacks to more"),
        (zipped(**{f"f{n}": b"" for n in range(limits.ENTRIES + 1)}), "files inside"),
        (zipped(inner=FORM), "cannot be read"),
        (b"", "empty"),
        (b"type,name,label\n", "no .xlsx workbook"),
        (FORM[: len(FORM) // 2], "no .xlsx workbook"),
        (FORM[:300] + bytes(200) + FORM[500:], "damaged|cannot be read|no .xlsx"),
        (bytes(limits.FILE + 1), "20 MB"),
        (with_part(SHARED, SHEET % (LAUGHS, b"&b;")), "cannot be read"),
        (with_part(SHARED, SHEET % (b"", b"<row><c")), "cannot be read"),
        (with_part(SHARED, SHEET % (b"", FAR)), "no column 'type'|no question"),
        (workbook(other=[("a",)]), "no sheet 'survey'"),
        (xlsform(HEAD, ("text", "a", "#REF!")), "cannot be read|no question|"),
        (
            xlsform(HEAD, *(("text", f"q{n}", "Q?") for n in range(10_000))),
            "more than 1,000 questions",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_workbooks(data: bytes, what: str) -> None:
    start = time.perf_counter()
    if not what.endswith("|"):
        with pytest.raises(FormatError, match=what) as raised:
            read("t.xlsx", data)
        assert raised.value.remedy
    assert time.perf_counter() - start < 20


def test_a_label_of_two_megabytes() -> None:
    data = json.dumps(
        {"elements": [{"type": "text", "name": "a", "title": "x" * 2_000_000}]}
    ).encode()
    with pytest.raises(FormatError, match="2,000,000 characters"):
        read("t.json", data)


def test_ten_thousand_questions_in_json() -> None:
    elements = [{"type": "text", "name": f"q{n}"} for n in range(10_000)]
    start = time.perf_counter()
    with pytest.raises(FormatError, match="more than 1,000 questions"):
        read("t.json", json.dumps({"elements": elements}).encode())
    assert time.perf_counter() - start < 10


def test_as_many_questions_as_may_be() -> None:
    elements = [
        {
            "type": "text",
            "name": f"q{n}",
            **({"visibleIf": f"{{q{n - 101}}} = 'x'"} if n > 101 else {}),
        }
        for n in range(limits.QUESTIONS)
    ]
    start = time.perf_counter()
    imported = read("t.json", json.dumps({"elements": elements}).encode())
    assert len(questions(imported)) == limits.QUESTIONS
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("name", ["t.xls", "t", "t.docx"])
def test_other_formats(name: str) -> None:
    with pytest.raises(FormatError, match="no format of forms"):
        read(name, b"x")


@pytest.mark.parametrize(
    "piece", ["<!--", "<a b='", "</", "<a b='>", "<script>", "<b>", "[a](", "{"]
)
def test_markup_that_never_ends(piece: str) -> None:
    text = ("<p>" + piece * 40_000)[: limits.CELL - 1]
    data = json.dumps({"elements": [{"type": "html", "name": "a", "html": text}]}).encode()
    start = time.perf_counter()
    read("t.json", data)
    assert time.perf_counter() - start < 3


def test_of_a_formula_its_last_value_is_taken() -> None:
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="str"><f>LOWER("TEXT")</f><v>%s</v></c>'
        b'<c r="B%d" t="inlineStr"><is><t>%s</t></is></c></row>' % (n, n, kind, n, name)
        for n, kind, name in (
            (1, b"type", b"name"),
            *((n, b"text", b"q%d" % n) for n in range(2, limits.QUESTIONS)),
        )
    )
    start = time.perf_counter()
    imported = read("t.xlsx", with_part(SHARED, SHEET % (b"", cells)))
    assert len(questions(imported)) == limits.QUESTIONS - 2
    assert "cell A2: there is a formula" in "\n".join(map(str, imported.notes))
    assert time.perf_counter() - start < 20
