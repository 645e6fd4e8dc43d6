"""Letters, mails and meeting notes as files.

Those in `letters/` were saved by LibreOffice 7.4, `locked.docx` was locked by msoffcrypto-tool, the
.msg files were written by the compound file writer of the npm package @kenjiuno/msgreader.
"""

import io
import json
import shutil
import zipfile
from email.message import EmailMessage
from pathlib import Path
from random import Random

import pytest
import typst
from analysis_files import read_csv
from click.testing import CliRunner
from pypdf import PdfReader, PdfWriter

from analysis import letters
from analysis.__main__ import cli
from analysis.errors import DataError
from analysis.letters import Read, days, trimmed
from analysis.letters.parts import Lines

HERE = Path(__file__).parent / "letters"
CARS = (
    "Cars race along the Kenilworth Road every Friday and Saturday night, and nobody ever seems to "
    "be stopped for it."
)
RING = "Last month I waited forty minutes on the 101 line to report a broken window and gave up."
WORRIES = (
    ("my mother", "she no longer leaves the house after the evening news"),
    ("the people at our church", "several have written to the paper about it since the spring"),
    ("every shopkeeper I know", "they speak of nothing else when one comes in to buy bread"),
    ("us in the village", "we held a meeting and wrote down what we want you to do about it"),
)
DISCLAIMER = (
    "This email and any attachments are confidential and intended solely for the addressee. If you "
    "have received it in error please delete it."
)


def read(folder: Path, **how: bool) -> Read:
    return letters.read(folder, **how)


def texts(found: Read) -> list[str]:
    return [one.text for one in found.passages]


def reasons(found: Read) -> set[str]:
    return {left.reason for _, _, left in found.left}


def said(found: Read) -> dict[str, str]:
    return {one.name: one.said for one in found.files if one.said}


def mail(body: str, subject: str = "Draft plan", number: int = 1) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "Jo Marsh <jo.marsh@example.org>", "consult@police.example"
    made["Subject"], made["Date"] = subject, "Mon, 09 Mar 2026 23:40:00 +0000"
    made["Message-ID"] = f"<{number}@example.org>"
    made.set_content(body)
    return made


def of_mail(folder: Path, made: EmailMessage) -> Read:
    (folder / "one.eml").write_bytes(bytes(made))
    return read(folder)


def pdf(lines: str) -> bytes:
    return typst.compile(lines.encode())


@pytest.mark.parametrize("ending", ["docx", "odt", "rtf"])
def test_a_letter_by_a_word_processor(tmp_path: Path, ending: str) -> None:
    shutil.copy(HERE / f"letter.{ending}", tmp_path)
    found = read(tmp_path)
    assert texts(found) == [
        f"I am writing about the draft plan. {CARS}",
        "A speed camera near the school would do more than another leaflet.",
        "The second thing is the 101 line. Last month I waited forty minutes to report a broken "
        "shop window and then gave up, and I know neighbours who no longer try to ring at all.",
        "Please put an officer back in the village, on foot.",
        "Please answer letters within a month.",
        "My neighbour [NAME] agrees with all of this, and asks besides that somebody looks at the "
        "fly-tipping in the lane behind the allotments.",
        "PS. The street light outside number nine has been out since Christmas and it makes the "
        "corner feel unsafe.",
    ]
    assert {p.kind for p in found.passages} == {"letter"}
    assert {p.day for p in found.passages} == {"2026-03-12"}
    assert {p.id for p in found.passages} == {f"{found.files[0].letter}-{k}" for k in range(1, 8)}
    assert reasons(found) >= {"letterhead", "salutation", "subject line", "signature"}
    if ending != "rtf":
        assert "Holly Walk Residents’ Association" in {left.text for _, _, left in found.left}
    assert "Gwendolyn Ashcroft" in " ".join(texts(read(tmp_path, raw=True)))


@pytest.mark.parametrize("ending", ["docx", "odt", "pdf"])
def test_meeting_notes_are_cut_at_their_items(tmp_path: Path, ending: str) -> None:
    shutil.copy(HERE / f"minutes.{ending}", tmp_path)
    found = read(tmp_path)
    assert texts(found) == [
        "Speeding. Residents said that lorries use Hillmorton Road as a short cut at night and "
        "asked for a weight limit.",
        "A volunteer speed watch will start in April if eight people sign up.",
        "The signs by the bridge are hidden by trees.",
        "Anti-social behaviour. Young people gather behind the precinct because the youth club "
        "closed. Several people asked for it to open again on two evenings.",
        "Any other business. Rural crime: quad bikes were taken from two farms in January.",
    ]
    assert {(p.kind, p.day) for p in found.passages} == {("meeting notes", "2026-02-03")}
    assert reasons(found) == {"meeting details", "page header or footer"}
    shown = [left.text for _, _, left in found.left if not left.personal]
    assert "Whitlock" not in " ".join(shown)


def test_a_mail_without_the_older_ones_its_signature_and_its_disclaimer(tmp_path: Path) -> None:
    made = mail(
        f"Hi all,\n\n{CARS}\n\nKind regards\nJo Marsh\nTel: 01926 555123\nwww.example.org\n\n"
        f"{DISCLAIMER}\n\nOn Fri, 6 Mar 2026 at 10:02, Consultation Team\n<consult@police.example> "
        "wrote:\n\n> Tell us what you think of burglary in your area.\n> Thank you\n"
    )
    found = of_mail(tmp_path, made)
    assert texts(found) == [CARS]
    assert [(p.kind, p.day) for p in found.passages] == [("email", "2026-03-09")]
    assert reasons(found) == {"salutation", "signature", "disclaimer", "older mail"}


@pytest.mark.parametrize(
    "below",
    [
        "-----Original Message-----\nFrom: Team\nSent: 6 March 2026\nTo: Jo\nSubject: Plan\n\n",
        "________________________________\nFrom: Team <t@police.example>\nSent: 06 March 2026\n"
        "To: Jo Marsh\nCc: Someone\nSubject: Plan\n\n",
        "Am 06.03.2026 um 10:02 schrieb Team <t@police.example>:\n\n",
        "Ar Gwe, 6 Maw 2026 ysgrifennodd Tîm <t@heddlu.example>:\n\n",
    ],
)
def test_what_programs_put_above_an_older_mail(tmp_path: Path, below: str) -> None:
    body = f"{CARS}\n\nJo\n\n{below}Tell us what you think of burglary in your area, please.\n"
    found = of_mail(tmp_path, mail(body))
    assert "burglary" not in " ".join(texts(found))
    assert texts(found)[0] == CARS
    assert any("burglary" in left.text for _, _, left in found.left)


def test_answers_written_between_the_lines_of_the_older_mail(tmp_path: Path) -> None:
    made = mail(
        "On 6 March 2026, Team wrote:\n> What worries you at night?\n\n"
        f"{CARS}\n\n> And by day?\n\n{RING}\n"
    )
    assert texts(of_mail(tmp_path, made)) == [CARS, RING]


@pytest.mark.parametrize("mark", ["", "> "])
def test_a_mail_that_was_passed_on_is_the_one_that_counts(tmp_path: Path, mark: str) -> None:
    inner = [
        "From: Ann Poole <ann@example.org>", "Date: 2 March 2026 at 08:15:00 GMT",
        "To: Jo Marsh", "Subject: Plan", "", "Dear Jo,", "", RING, "",
        "On 1 March 2026, Jo wrote:", "> Shall I ask them about burglary?",
    ]  # fmt: skip
    below = "\n".join(mark + line for line in inner)
    made = mail(
        f"For the consultation please.\n\nBegin forwarded message:\n\n{below}\n", "Fwd: Plan"
    )
    found = of_mail(tmp_path, made)
    assert texts(found) == [RING]
    assert [p.day for p in found.passages] == ["2026-03-02"]
    assert {"forwarding note", "older mail"} <= reasons(found)


@pytest.mark.parametrize("owner", ["", "Jo Marsh\n\n"])
def test_a_mail_saved_as_text_or_printed_is_a_mail(tmp_path: Path, owner: str) -> None:
    head = (
        "From:\tAnn Poole <ann@example.org>\nSent:\t02 March 2026 08:15\nTo:\tJo\nSubject:\tPlan\n"
    )
    (tmp_path / "plan.txt").write_text(f"{owner}{head}\nDear Jo,\n\n{RING}\n\nAnn Poole\n")
    found = read(tmp_path)
    assert texts(found)[0] == RING
    assert {(p.kind, p.day) for p in found.passages} == {("email", "2026-03-02")}


def test_a_brief_answer_is_not_taken_for_the_mail_it_answers(tmp_path: Path) -> None:
    below = "From: Team\nSent: 6 March 2026 10:02\nTo: Jo\nSubject: Plan\n\nWhat of burglary here?"
    assert texts(of_mail(tmp_path, mail(f"More police\n\n{below}\n", "Re: Plan"))) == [
        "More police"
    ]


def test_a_mail_of_outlook(tmp_path: Path) -> None:
    """With what is attached to it, and the mail in it; the same ids each time."""
    shutil.copy(HERE / "outlook.msg", tmp_path)
    found = read(tmp_path)
    assert [(p.text, p.day, p.kind) for p in found.passages] == [
        (f"{CARS} A speed camera near the school would do more than another leaflet.",
         "2026-03-09", "email"),
        ("The street light outside number nine has been out since Christmas.", "2026-03-09",
         "letter"),
        (RING, "2026-03-02", "email"),
    ]  # fmt: skip
    assert found.letters == {"email": 2}
    assert {"salutation", "signature", "older mail"} <= reasons(found)
    assert [p.id for p in read(tmp_path).passages] == [p.id for p in found.passages]


def test_a_mail_of_outlook_in_rich_text_alone_is_named(tmp_path: Path) -> None:
    shutil.copy(HERE / "rich.msg", tmp_path)
    assert "Save it as text in Outlook" in said(read(tmp_path))["rich.msg"]


def test_a_mail_in_html_alone(tmp_path: Path) -> None:
    made = mail("")
    made.set_content(
        f"<html><head><style>p {{}}</style></head><body><p>Dear team,</p><p>{CARS}</p><ul><li>"
        f"{RING}</li></ul><p>Regards,<br>Jo</p><div>On 6 March 2026, Team wrote:"
        "<blockquote type='cite'>"
        "<p>Tell us about burglary.</p></blockquote></div></body></html>",
        subtype="html",
    )
    assert texts(of_mail(tmp_path, made)) == [CARS, RING]


def test_what_is_attached_is_of_the_same_letter(tmp_path: Path) -> None:
    made = mail("Dear team,\n\nPlease find our answer to the draft plan in the attached letter.\n")
    made.add_attachment((HERE / "letter.docx").read_bytes(), maintype="application",
                        subtype="octet-stream", filename="answer.docx")  # fmt: skip
    made.add_attachment(b"BEGIN:VCARD", maintype="text", subtype="x-vcard", filename="jo.vcf")
    made.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="scan.png")
    found = of_mail(tmp_path, made)
    assert len({p.letter for p in found.passages}) == 1
    assert len({p.id for p in found.passages}) == len(found.passages) == 8
    assert [p.kind for p in found.passages] == ["email"] + ["letter"] * 7
    assert "attachment without text" in reasons(found)
    assert "OCR" in said(found)["one.eml, attachment scan.png"]


def test_mails_attached_to_a_mail_are_letters_of_their_own(tmp_path: Path) -> None:
    made = mail("Two for you to log.\n\nThanks\nTeam")
    made.add_attachment(mail(CARS, number=2))
    made.add_attachment(mail(RING, number=3))
    found = of_mail(tmp_path, made)
    assert texts(found) == [CARS, RING]
    assert found.letters == {"email": 2}
    assert said(found) == {"one.eml": "passes on the mails in it"}


def test_a_mailbox_and_an_archive_are_read_like_folders(tmp_path: Path) -> None:
    whole = tmp_path / "there"
    whole.mkdir()
    several = (
        mail(f"{said}\n\nFrom here on it is worse.", number=k)
        for k, said in enumerate((CARS, RING))
    )
    box = b"".join(
        b"From jo@example.org Mon Mar  9 23:40:00 2026\n"
        + bytes(one).replace(b"\nFrom ", b"\n>From ") + b"\n" for one in several
    )  # fmt: skip
    (whole / "inbox.mbox").write_bytes(box)
    shutil.copy(HERE / "letter.odt", whole)
    found = read(whole)
    assert found.letters == {"email": 2, "letter": 1}
    assert sum("From here on it is worse." in text for text in texts(found)) == 2
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for one in sorted(whole.iterdir()):
            archive.write(one, f"letters/{one.name}")
        archive.writestr("__MACOSX/._letter.odt", b"\0\5\x16\7")
    assert [p.id for p in read(tmp_path / "all.zip").passages] == [p.id for p in found.passages]


def test_lines_that_run_along_pages_and_paragraphs_across_them(tmp_path: Path) -> None:
    filler = " ".join([CARS, RING] * 12)
    made = pdf(
        "#set page(header: [Holly Walk], footer: context [Draft #counter(page).display()])\n"
        f"Dear team,\n\n{filler}\n\n{filler}\n\nYours faithfully\n\nJo Marsh"
    )
    assert len(PdfReader(io.BytesIO(made)).pages) > 1
    (tmp_path / "long.pdf").write_bytes(made)
    found = read(tmp_path, raw=True)
    assert " ".join(texts(found)) == f"{filler} {filler}"
    assert "page header or footer" in reasons(found)


def test_what_cannot_be_read_is_named_with_the_remedy_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(CARS)
    (tmp_path / "named.pdf").write_text(RING)
    (tmp_path / "again.txt").write_text(CARS)
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "cut.pdf").write_bytes((HERE / "minutes.pdf").read_bytes()[:900])
    (tmp_path / "cut.docx").write_bytes((HERE / "letter.docx").read_bytes()[:3000])
    (tmp_path / "large.txt").write_bytes(b"a word " * 7_500_000)
    (tmp_path / "many.txt").write_bytes(b"a word " * 60_000)
    (tmp_path / "odd.bin").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "~$good.docx").write_bytes(b"\0lock")
    shutil.copy(HERE / "letter.doc", tmp_path / "old.doc")
    shutil.copy(HERE / "locked.docx", tmp_path / "locked.docx")
    (tmp_path / "scan.pdf").write_bytes(pdf("#rect(width: 5cm, height: 5cm)"))
    writer = PdfWriter(PdfReader(HERE / "minutes.pdf"))
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(tmp_path / "locked.pdf")
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 60_000_000)
    found = read(tmp_path)
    assert texts(found) == [CARS, RING]
    expected = {
        "named.pdf": "read as text", "good.txt": "the same as again.txt", "empty.txt": "is empty",
        "cut.pdf": "is damaged", "cut.docx": "is damaged", "large.txt": "has 52 MB",
        "many.txt": "more words than any letter", "odd.bin": "of no kind", "old.doc": "as .docx",
        "scan.pdf": "OCR", "locked.pdf": "password", "locked.docx": "password",
        "bomb.docx": "more text than any letter",
    }  # fmt: skip
    told = said(found)
    assert set(told) == set(expected)
    for name, words in expected.items():
        assert words in told[name], (name, told[name])
    assert len(texts(read(tmp_path, copies=True))) == 3


def test_the_same_mail_twice_is_one_and_the_same_words_of_two_people_are_two(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.eml").write_bytes(bytes(mail(CARS)))
    (tmp_path / "b.eml").write_bytes(bytes(mail(CARS)) + b"\n")
    (tmp_path / "c.eml").write_bytes(bytes(mail(CARS, number=2)))
    found = read(tmp_path)
    assert found.letters == {"email": 2}
    assert "same mail as a.eml" in said(found)["b.eml"]
    assert "same words as a.eml; both are counted" in said(found)["c.eml"]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("12th March 2026", "2026-03-12"), ("Date: Thursday, March 12, 2026", "2026-03-12"),
        ("13/03/2026", "2026-03-13"), ("03/03/2026", "2026-03-03"), ("2026-03-12", "2026-03-12"),
        ("3/4/2026", ""), ("30 February 2026", ""), ("12 March", ""),
        ("In your letter of 12 March 2026 you say", ""),
    ],
)  # fmt: skip
def test_a_day_is_taken_only_where_it_is_certain(line: str, day: str) -> None:
    assert (days.only([line]) if days.alone(line) else "") == day


def test_two_days_in_a_head_are_none() -> None:
    found = trimmed.trimmed("letter", ["1 March 2026", "2 March 2026", "Dear all,", CARS])
    assert found.day == ""


@pytest.mark.parametrize(
    "line",
    [
        "Thank you for asking us, and please do something about the lorries on our road at night.",
        "Present day policing is out of touch with what we need, and nobody at all seems to care.",
        "Hi there is a problem with speeding on my road that nobody seems to do anything about.",
        "Registered keepers of such cars should be fined, whoever it was that drove them that day.",
        "Date stamps on replies would help, for I never know whether anybody has read what I sent.",
    ],
)
@pytest.mark.parametrize("kind", ["letter", "email", "meeting notes"])
def test_what_only_looks_like_a_head_or_an_end_stays(kind: str, line: str) -> None:
    assert trimmed.trimmed(kind, ["Dear team,", CARS, line, RING]).lines[-2:] == [line, RING]


@pytest.mark.parametrize("line", ["-- ", "Thank you", "Kind regards"])
def test_what_is_longer_than_a_signature_is_none(line: str) -> None:
    """A list under “Thank you” or a line of dashes in the midst of a paper."""
    below = [f"Item {k} of what we ask for" for k in range(30)]
    assert trimmed.trimmed("letter", ["Dear team,", CARS, line, *below]).lines[-30:] == below
    above = trimmed.trimmed("letter", [*below[:20], "Dear team,", CARS])
    assert above.lines == [*below[:20], CARS]


def test_marks_of_markdown_are_no_words(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"# Our view\n{CARS}\n\n- 1. **Speed**: {RING}\n")
    assert texts(read(tmp_path)) == [f"Our view. {CARS}", f"Speed: {RING}"]


def test_broken_files_of_every_kind_are_read_or_refused_one_by_one(tmp_path: Path) -> None:
    random = Random(5)
    for k in range(150):
        source = random.choice(sorted(HERE.iterdir()))
        content = bytearray(source.read_bytes())
        for _ in range(random.choice((1, 5, 40))):
            at = random.randrange(len(content))
            if random.random() < 0.5:
                content[at] = random.randrange(256)
            else:
                del content[at : at + random.randrange(200)]
        (tmp_path / f"{k}{source.suffix}").write_bytes(content)
    (tmp_path / "good.txt").write_text(CARS)
    found = read(tmp_path)
    # Of a mail, what is in it is named by itself.
    assert len({one.name.split(",")[0] for one in found.files}) == 151
    assert all(one.passages or one.said for one in found.files)
    assert CARS in texts(found)
    assert sum("damaged" in one.said for one in found.files) > 10


def test_wrapped_lines_become_paragraphs() -> None:
    wrapped = ["Cars race along the road", "every night, and no-", "body stops them at all.",
               "- Noise", "- Litter", "", "The end"]  # fmt: skip
    assert trimmed.unwrapped(Lines(wrapped, wrapped=True)) == [
        "Cars race along the road every night, and no-body stops them at all.",
        "- Noise",
        "- Litter",
        "The end",
    ]


def test_the_command_writes_three_files_and_no_name_in_two_of_them(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "passages.csv"
    folder.mkdir()
    shutil.copy(HERE / "letter.docx", folder / "Margaret Holloway.docx")
    (folder / "empty.txt").touch()
    done = CliRunner().invoke(cli, ["letters", str(folder), "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "7 passages of 1 letters (1 letters); 1 files not read" in done.stdout
    assert done.stderr == "empty.txt: is empty. Ask whoever sent it, or take it away.\n"
    assert list(read_csv(out)[0]) == ["id", "letter", "passage", "day", "kind", "text"]
    files = read_csv(tmp_path / "passages.files.csv")
    assert [row["file"] for row in files] == ["Margaret Holloway.docx", "empty.txt"]
    left = read_csv(tmp_path / "passages.left-out.csv")
    assert {row["words"] for row in left if row["reason"] == "signature"} == {"8"}
    for path in (out, tmp_path / "passages.left-out.csv"):
        assert "Holloway" not in path.read_text(encoding="utf-8")


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no files"):
        read(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path / "gone")
    (tmp_path / "a.txt").write_text("Dear all,\n\nThank you.\n\nJo\n")
    assert not read(tmp_path, raw=True).passages
    done = CliRunner().invoke(cli, ["letters", str(tmp_path), "-o", str(tmp_path / "p.csv")])
    assert done.exit_code == 1
    assert "nothing in it can be read" in done.stderr


def test_themes_of_passages_are_counted_in_letters(tmp_path: Path) -> None:
    """A letter that comes back to a thing four times is one letter about it."""
    folder, out, themes = tmp_path / "in", tmp_path / "passages.csv", tmp_path / "themes"
    folder.mkdir()
    for k, what in enumerate(("Speeding cars", "Burgled shops", "Dog fouling") * 4):
        said = (f"{what} worry {who} so much that {why}." for who, why in WORRIES)
        (folder / f"{k}.txt").write_text(f"Letter {k}.\n\n" + "\n\n".join(said))
    assert CliRunner().invoke(cli, ["letters", str(folder), "-o", str(out)]).exit_code == 0
    call = ["themes", str(out), "--text", "text", "--themes", "2", "-o", str(themes)]
    done = CliRunner().invoke(cli, [*call, "--within", "letter"])
    assert done.exit_code == 0, done.output
    assert "They are of 12 different “letter”." in done.stdout
    found = json.loads((themes / "themes.json").read_text())
    letters_in: dict[str, set[str]] = {}
    for row in read_csv(themes / "assignments.csv"):
        letters_in.setdefault(row["theme"], set()).add(row["id"].rsplit("-", 1)[0])
    assert {one["id"]: one["distinct"] for one in found} == {
        theme: {"letter": len(of)} for theme, of in letters_in.items()
    }
    assert any(one["size"] > one["distinct"]["letter"] for one in found)
    groups = json.loads((themes / "groups.json").read_text())
    for group in groups:
        inside = set().union(*(letters_in[theme] for theme in group["themes"]))
        assert group["distinct"] == {"letter": len(inside)}
    done = CliRunner().invoke(cli, [*call, "--within", "writer"])
    assert done.exit_code == 1
    assert "writer" in done.stderr
