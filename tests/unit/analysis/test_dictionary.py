"""Comments in other languages read through a dictionary, and themed with the English ones."""

import gzip
import json
from pathlib import Path

import pytest
from analysis_files import read_csv, write_csv
from click.testing import CliRunner

from analysis import streaming, text
from analysis.__main__ import cli
from analysis.dictionary import Dictionary, Reading
from analysis.errors import DataError

GERMAN = """Auto\tcar
Straße\tstreet; road
schnell\tfast, quick
fahren\tto drive; to go (by car)
Polizei\tpolice
Kamera\tcamera
Einbruch\tburglary, break-in
Einbrecher\tburglar
Haus\thouse
Fenster\twindow
Schloss\tlock; castle
Nacht\tnight
Geschwindigkeit\tspeed; velocity
Blitzer\tspeed camera
stehlen\tto steal
gestohlen\tstolen
zu\ttoo; to
und\tand
Alarmanlage\tburglar alarm
Garage\tgarage
rasen\tto speed; to race
"""
WELSH = "cerdyn\tcard\ncar\tcar\ngardd\tgarden\nheddlu\tpolice\npobl\tpeople\n"

SPEED = (
    "Cars drive too fast on our street and nobody checks their speed",
    "A speed camera on the main road would slow the cars down",
    "Fast cars race down the road every night of the week",
    "Speeding cars on the street need a camera, not another sign",
    "The speed of cars on this road is a danger to children",
)
THEFT = (
    "Burglars broke the window of the house and stole everything",
    "A burglary in our house, and nobody looked at the broken lock",
    "Our garage was broken into by a burglar and bikes were stolen",
    "Burglary of houses at night, with windows and locks broken",
    "A burglar stole from my garage while the alarm of the house rang",
)
RASEN = (
    "Die Autos fahren auf unserer Straße viel zu schnell",
    "Wir wollen einen Blitzer auf der Straße gegen die schnellen Autos",
    "Jede Nacht rasen Autos mit hoher Geschwindigkeit durch die Straßen",
    "Eine Kamera gegen die Geschwindigkeit der Autos wäre gut",
    "Zu schnelle Autos und niemand misst die Geschwindigkeit",
)
DIEBE = (
    "Einbrecher haben das Fenster von unserem Haus zerschlagen",
    "Nach dem Einbruch in die Garage kam niemand von der Polizei",
    "Beim Einbruch in unser Haus wurde alles gestohlen",
    "Die Einbrecher haben das Schloss der Garage zerstört",
    "Trotz Alarmanlage gab es wieder einen Einbruch in ein Haus",
)


@pytest.fixture
def german(tmp_path: Path) -> Path:
    path = tmp_path / "german.tsv"
    path.write_text(GERMAN, encoding="utf-8")
    return path


def words(english: str, folder: Path, language: str = "de") -> Dictionary:
    path = folder / "list.tsv"
    path.write_text(english, encoding="utf-8")
    return Dictionary.read(language, path)


def test_words_stand_for_english_ones_whatever_their_ending(german: Path) -> None:
    read = Dictionary.read("deu", german)
    assert read.language == "de"
    assert read.english("straße") == ("street", "road")
    assert read.english("schnelle") == ("fast", "quick")
    assert read.english("fahren") == ("drive", "go")
    assert read.english("xylophon") == ()
    assert read.read_through("Die Autos fahren!") == "car drive go"
    assert read.known(["Autos fahren", "Xylophon und"]) == 0.75


def test_welsh_words_are_known_however_they_begin(tmp_path: Path) -> None:
    read = words(WELSH, tmp_path, "cym")
    for form in ("cerdyn", "gerdyn", "ngherdyn", "cherdyn"):
        assert read.english(form) == ("card",), form
    assert read.english("bobl") == read.english("phobl") == ("people",)
    assert read.english("ardd") == ("garden",)
    assert read.english("heddlu'r") == ("police",)
    assert words("card\tcard\n", tmp_path, "deu").english("gard") == ()


@pytest.mark.parametrize("packed", [True, False])
def test_the_files_of_a_dictionary_server(tmp_path: Path, packed: bool) -> None:
    entries = {
        "00-database-info": "00-database-info\nSome words\n",
        "Haus": "Haus /haʊs/ <neut, n, sg>\n [arch.] house <n>, building <n>\n"
        '      "Haus am See" - lakeside villa\n see: {Gebäude}\n',
        "großes Haus": "großes Haus\nmansion\n",
        "Dom": "Dom /dɔm/\n1. cathedral\n(architektura) miejsce bardzo święte;\n"
        "2. dome, large round roof of it\n",
    }  # fmt: skip
    content, lines = b"", []
    for word, entry in entries.items():
        data = entry.encode()
        lines.append("\t".join([word, number(len(content)), number(len(data))]))
        content += data
    (tmp_path / "x.index").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if packed:
        (tmp_path / "x.dict.dz").write_bytes(gzip.compress(content))
    else:
        (tmp_path / "x.dict").write_bytes(content)
    read = Dictionary.read("de", tmp_path / "x.index")
    assert read.english("haus") == ("house", "building")
    assert read.english("dom") == ("cathedral", "dome")
    assert read.english("großes") == ()
    assert read.english("00-database-info") == ()


def number(value: int) -> str:
    """As a dictd index has it: base 64, the largest digit first."""
    digits = ""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    while value or not digits:
        digits, value = alphabet[value % 64] + digits, value // 64
    return digits


def test_what_is_no_dictionary_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        Dictionary.read("de", tmp_path / "gone.tsv")
    (tmp_path / "a.index").write_text("Haus\tAA\tBB\n")
    with pytest.raises(DataError, match="cannot be read"):
        Dictionary.read("de", tmp_path / "a.index")
    (tmp_path / "a.dict").write_text("Haus\nhouse\n")
    (tmp_path / "a.index").write_text("Haus is a house\n")
    with pytest.raises(DataError, match="is no dictionary"):
        Dictionary.read("de", tmp_path / "a.index")
    with pytest.raises(DataError, match="lists no word"):
        words("house\n", tmp_path)


def test_what_was_redacted_is_no_word(german: Path) -> None:
    read = Reading.of(
        ["Die Autos von [NAME] fahren zu schnell auf der Straße und in der Nacht"],
        {"de": Dictionary.read("de", german)},
    )
    assert read.written == ["de"]
    assert read.languages == ["en"]
    assert "name" not in read.texts[0]


def test_german_words_for_keywords_let_german_comments_be_quoted(german: Path) -> None:
    said = [f"{RASEN[0]}.\n{RASEN[1]}.", f"{SPEED[0]}."]
    read = Reading.of(said, {"de": Dictionary.read("de", german)})
    assert read.telling(["fast cars"]) == ["autos", "schnell", "schnellen"]
    assert read.spoken(f"{RASEN[0]}. {RASEN[1]}.") == "de"
    assert read.spoken(f"{SPEED[0]}.") == "en"
    assert read.through([3, 1])["de"][0] == 3


def comments(folder: Path) -> Path:
    """Three wordings of each: those sentences and what people add to them."""
    more = {
        "en": ("", " Please help.", " It gets worse."),
        "de": ("", " Bitte helfen Sie uns.", " Es wird schlimmer."),
    }
    rows = [
        {"id": f"{language}-{about}-{k}{j}", "text": f"{said}.{also}"}
        for language, about, sentences in (
            ("en", "speed", SPEED), ("en", "theft", THEFT),
            ("de", "speed", RASEN), ("de", "theft", DIEBE),
        )
        for k, said in enumerate(sentences)
        for j, also in enumerate(more[language])
    ]  # fmt: skip
    return write_csv(folder / "responses.csv", rows)


def themed(folder: Path, *more: str) -> tuple[str, dict[str, str], list[dict[str, object]]]:
    """What the command said, the likeliest theme of each comment, and the themes."""
    out = folder / "out"
    call = ["themes", str(comments(folder)), "--text", "text", "--themes", "2", "-o", str(out)]
    done = CliRunner().invoke(cli, [*call, *more])
    assert done.exit_code == 0, done.output
    of: dict[str, str] = {}
    for row in read_csv(out / "assignments.csv"):
        of.setdefault(row["id"], row["theme"])
    return done.stdout, of, json.loads((out / "themes.json").read_text(encoding="utf-8"))


def test_german_comments_are_in_the_english_themes(tmp_path: Path, german: Path) -> None:
    _, apart, _ = themed(tmp_path)
    languages = {name: {apart[i] for i in apart if i.startswith(name)} for name in ("en", "de")}
    assert not languages["en"] & languages["de"]
    told, of, themes = themed(tmp_path, "--dictionary", f"deu={german}")
    for about in ("speed", "theft"):
        english = {of[i] for i in of if i.startswith(f"en-{about}")}
        assert len(english) == 1
        right = [of[i] in english for i in of if i.startswith(f"de-{about}")]
        assert sum(right) >= 0.8 * len(right)
    assert "30 answers in “de” were read through the dictionary, which has" in told
    written = set(text.words(" ".join([*SPEED, *THEFT])))
    for theme in themes:
        assert set(text.words(str(theme["label"]))) <= written | {"and"}
        assert "fast quick" not in theme["keywords"]
        spoken = theme.get("example_languages", [])
        for language, quoted in zip(spoken, theme["examples"], strict=True):
            english = quoted.split(".")[0] in (*SPEED, *THEFT)
            assert language == ("en" if english else "de")
    assert any(theme["examples"] for theme in themes)


def test_a_large_file_is_told_that_it_cannot_be(
    tmp_path: Path, german: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "FROM", 20)
    call = ["themes", str(comments(tmp_path)), "--text", "text", "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(cli, [*call, "--dictionary", f"de={german}"])
    assert done.exit_code == 1
    assert "--dictionary goes with fewer than 20 rows" in done.stderr
