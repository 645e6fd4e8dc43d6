"""What people do to a code frame, and what that makes of assignments."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.coding.changes import changed, described
from consult.coding.figures import SUPPRESSED, Group, Shares, trend
from consult.coding.frame import MOST_CODES, Code, Frame, read
from consult.coding.learning import Learner
from consult.coding.marking import line, marked
from consult.coding.model import Assignment, Comment, Place
from consult.coding.standing import SURE, by_people, sizes, standings
from consult.coding.starting import shipped_frames
from consult.coding.waves import rows
from consult.errors import ConsultError
from consult.settings import shipped

THREE = Frame().add("Roads").add("Speeding").add("Victims", "Help for them")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def names(frame: Frame) -> list[str]:
    return [code.name for code in frame.codes]


def test_codes_are_added_with_ids_of_their_own() -> None:
    assert [code.id for code in THREE.codes] == ["c1", "c2", "c3"]
    assert [code.id for code in THREE.delete("c3").add("New").codes] == ["c1", "c2", "c4"]


@pytest.mark.parametrize("name", ["", "  ", "roads", "ROADS ", "x" * 101])
def test_a_name_that_cannot_be(name: str) -> None:
    with pytest.raises(ConsultError):
        THREE.add(name)


def test_a_frame_has_an_end() -> None:
    frame = Frame()
    for number in range(MOST_CODES):
        frame = frame.add(f"Code {number}")
    with pytest.raises(ConsultError, match="Merge some"):
        frame.add("One more")


def test_a_merged_code_keeps_what_was_coded_and_gives_it_back() -> None:
    merged = THREE.merge(["c1", "c2"], "Roads and speed")
    assert names(merged) == ["Roads and speed", "Victims"]
    assert merged.now(["c2"]) == ("c1",)
    assert merged.now(["c2", "c1", "c3"]) == ("c1", "c3")
    assert THREE.now(["c2"]) == ("c2",)
    again = merged.merge(["c3", "c1"])
    assert again.now(["c2"]) == again.now(["c1"]) == ("c3",)


def test_a_deleted_code_is_nobodys() -> None:
    assert THREE.delete("c1").now(["c1"]) == ()


def test_parts_and_their_whole() -> None:
    frame = THREE.split("c1", ["Potholes", "", "Parking"])
    assert [code.name for code in frame.parts("c1")] == ["Potholes", "Parking"]
    with pytest.raises(ConsultError, match="has parts"):
        frame.move("c1", "c2")
    with pytest.raises(ConsultError, match="two levels"):
        frame.add("Deeper", parent="c4")
    with pytest.raises(ConsultError, match="is a part"):
        frame.split("c4", ["a", "b"])
    with pytest.raises(ConsultError, match="part of itself"):
        THREE.move("c1", "c1")
    assert frame.delete("c1").find("c4").parent is None
    moved = frame.move("c4", "c2")
    assert [code.id for code in moved.parts("c2")] == ["c4"]
    # What was part of a code that is merged away is part of what it has become.
    assert moved.merge(["c3", "c2"]).find("c4").parent == "c3"
    assert moved.merge(["c4", "c2"]).find("c4").parent is None


def test_parts_count_in_their_whole_once() -> None:
    frame = THREE.split("c1", ["Potholes", "Parking"])
    said = {UUID(int=1): Assignment(UUID(int=1), ("c4", "c5"), "ann", 2, None, NOW)}
    every, people = sizes(standings(said, {}, frame).values(), frame)
    assert every == people == {"c1": 1, "c4": 1, "c5": 1}


def test_what_a_comment_counts_as() -> None:
    one, two, three, four = (UUID(int=k) for k in range(4))
    machine = {k: Assignment(k, ("c1",), "", 1, 0.6, NOW) for k in (one, two, three)}
    people = {
        two: Assignment(two, (), "ann", 1, None, NOW),
        three: Assignment(three, ("c9",), "ann", 1, None, NOW),
        four: Assignment(four, ("c3",), "ann", 1, None, NOW),
    }
    found = standings(people, machine, THREE)
    assert found[one].unsure
    assert SURE > 0.6
    assert (found[two].codes, found[two].by) == ((), "ann")
    assert (found[three].codes, found[three].by) == (("c1",), "")
    assert not found[four].unsure


def test_what_is_said_later_counts_more_than_the_check_sample() -> None:
    one = UUID(int=1)
    blind = {one: {"ann": Assignment(one, ("c1",), "ann", 1, None, NOW)}}
    assert by_people({}, blind)[one].codes == ("c1",)
    said = {one: Assignment(one, ("c2",), "bob", 1, None, NOW)}
    assert by_people(said, blind)[one].codes == ("c2",)


@given(st.lists(st.text(min_size=1, max_size=20).filter(str.strip), max_size=8))
def test_a_frame_is_kept_and_read_as_it_is(wanted: list[str]) -> None:
    frame = Frame()
    for name in wanted:
        try:
            frame = frame.add(name, parent=frame.codes[0].id if len(frame.codes) == 3 else None)
        except ConsultError:
            continue
    assert Frame.of(frame.as_dict()) == frame
    if frame.codes:
        again = Frame().start(read(frame.as_csv()))
        assert [(c.id, c.name, c.parent) for c in again.codes] == [
            (c.id, c.name, c.parent) for c in frame.codes
        ]


def test_the_next_wave_has_the_same_ids() -> None:
    this_year = Frame().start(THREE.delete("c2").codes)
    assert [(c.id, c.name) for c in this_year.codes] == [("c1", "Roads"), ("c3", "Victims")]
    assert this_year.add("New").codes[-1].id == "c4"
    # Ids that were given here already are given anew.
    mixed = Frame().add("Own").start(THREE.codes)
    assert [c.name for c in mixed.codes] == ["Own", "Roads", "Speeding", "Victims"]
    assert len({c.id for c in mixed.codes}) == 4
    assert mixed.start(THREE.codes) == mixed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,description\nc1,x\n", "first line"),
        ("", "first line"),
        ("name\n", "no code in the file"),
        ("name,code\nRoads,c1\n,c2\n", "Line 3 has no name"),
        ("name,code\nRoads,c1\nSpeed,c1\n", "Line 3: the code “c1” stands there twice"),
        ("name,part_of\nRoads,Cars\n", "Line 2: there is no code “Cars” above"),
    ],
)
def test_a_file_that_is_no_frame(text: str, says: str) -> None:
    with pytest.raises(ConsultError, match=says):
        read(text)


def test_frames_that_come_with_consult_can_be_started_from() -> None:
    assert "warwickshire-2016-concerns" in shipped_frames()
    for name in shipped_frames():
        text = (shipped("surveys") / "frames" / f"{name}.csv").read_text()
        assert len(Frame().start(read(text)).codes) >= 8


THEMES = [
    {"id": "t1", "label": "Speeding cars", "keywords": ["speed", "cars"], "reading": 2},
    {
        "id": "t2",
        "reading": 2,
        "label": "Dogs",
        "keywords": ["dog"],
        "description": "Mess that dogs leave behind",
    },
    {"id": "other", "label": "Other comments", "keywords": []},
]


def test_candidates_become_codes() -> None:
    form = {"act": ["take"], "theme": ["t1", "t2", "other"]}
    frame, summary = changed(Frame(), form, THEMES)
    assert names(frame) == ["Speeding cars", "Dogs"]
    assert summary == "Took “Speeding cars”, “Dogs” from the candidates"
    assert frame.codes[0].description == described(THEMES[0]) == "Words: speed, cars."
    assert frame.codes[1].description == "Mess that dogs leave behind"
    with pytest.raises(ConsultError, match="already"):
        changed(frame, form, THEMES)


def test_codes_made_of_candidates_start_from_their_members() -> None:
    form = {"act": ["take"], "theme": ["t1", "t2"]}
    frame = changed(Frame().add("By hand"), form, THEMES)[0]
    comments = [
        Comment(uuid4(), f"comment {k}", themes=themes)
        for k, themes in enumerate([("t1",), ("t1", "t2"), ("other",), ("t2",)])
    ]

    def members(frame: Frame, reading: int = 2) -> dict[str, set[int]]:
        learner = Learner(Place("s", "q"), (reading, len(comments)), comments, frame)
        return {code: set(places) for code, places in learner.task({}).members.items()}

    assert members(frame) == {"c2": {0, 1}, "c3": {1, 3}}
    assert members(frame, reading=3) == {}  # its t1 is another theme
    merged = frame.merge(["c1", "c2", "c3"])
    assert members(merged) == {"c1": {0, 1, 3}}
    assert members(Frame.of(merged.as_dict())) == members(merged)
    assert members(Frame().start(frame.codes)) == {}  # another question's comments
    assert members(frame.split("c2", ["a", "b"])) == {"c3": {1, 3}}


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "buttons"),
        ({"act": ["explode"]}, "buttons"),
        ({"act": ["take"]}, "Choose one or more"),
        ({"act": ["merge"], "code": ["c1"]}, "two or more"),
        ({"act": ["merge"], "code": ["c1", "c1"]}, "two or more"),
        ({"act": ["rename"], "code": ["c1"], "name": ["Roads"]}, "Nothing"),
        ({"act": ["rename"], "code": ["c7"], "name": ["Roads"]}, "no longer"),
        ({"act": ["split"], "code": ["c1"], "parts": ["only one"]}, "two or more parts"),
        ({"act": ["add"], "name": ["N"], "description": ["x" * 501]}, "500 letters"),
    ],
)
def test_a_form_that_cannot_be_done(form: dict[str, list[str]], says: str) -> None:
    with pytest.raises(ConsultError, match=says):
        changed(THREE, form, THEMES)


def test_every_change_is_told() -> None:
    for form, told in (
        ({"act": ["add"], "name": ["Dogs"]}, "Added “Dogs”"),
        ({"act": ["rename"], "code": ["c1"], "name": ["Streets"]}, "Renamed “Roads” to “Streets”"),
        (
            {"act": ["rename"], "code": ["c1"], "name": ["Roads"], "description": ["All of them"]},
            "Described “Roads” anew",
        ),
        ({"act": ["move"], "code": ["c1"], "parent": ["c3"]}, "Moved “Roads” under “Victims”"),
        ({"act": ["merge"], "code": ["c2", "c1"]}, "Merged “Speeding” and “Roads” into “Speeding”"),
        ({"act": ["split"], "code": ["c1"], "parts": ["a\nb"]}, "Split “Roads” into 2 codes"),
        ({"act": ["delete"], "code": ["c1"]}, "Deleted “Roads”"),
    ):
        assert changed(THREE, form, [])[1] == told


def test_words_that_spoke_are_marked() -> None:
    text = "Speeding on [ADDRESS] is speeding, not speed. Übergriff!"
    runs = marked(text, ["speeding", "übergriff"])
    assert "".join(run.text for run in runs) == text
    assert [(r.text, r.kind) for r in runs if r.kind] == [
        ("Speeding", "word"), ("[ADDRESS]", "personal"), ("speeding", "word"),
        ("Übergriff", "word"),
    ]  # fmt: skip
    assert [run.text for run in marked("plain [sic]", [])] == ["plain [sic]"]
    assert marked("", ["x"]) == []


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=5), max_size=4))
def test_marking_loses_nothing(text: str, words: list[str]) -> None:
    assert "".join(run.text for run in marked(text, words)) == text


def test_a_line_has_what_was_looked_for_in_its_middle() -> None:
    text = "word " * 40 + "the  POLICE\nstation " + "end " * 40
    found = line(text, "police station")
    assert found.found == "POLICE station"
    assert found.before.startswith("…")
    assert found.after.endswith("…")
    assert line("short", "absent").after == "short"


def test_a_trend_is_told_by_days_or_weeks() -> None:
    days = [date(2026, 11, day) for day in (2, 3, 3)]
    assert [(s.count, s.of, s.steps) for s in trend(days[:2], days)] == [(1, 1, 20), (1, 2, 10)]
    weekly = trend([date(2026, 1, 7)], [date(2026, 1, 5), date(2026, 1, 7), date(2026, 3, 2)])
    assert [(s.label, s.count, s.of) for s in weekly] == [
        ("Week of 5 January 2026", 1, 2), ("Week of 2 March 2026", 0, 1),
    ]  # fmt: skip
    assert trend([None], [None]) == []


def test_waves_side_by_side() -> None:
    def share(percent: int | None) -> Shares:
        told = SUPPRESSED if percent is None else f"{percent}%"
        return Shares(False, Group("Everyone", told, "", "100", percent), ())

    now = Frame().start(THREE.codes).add("Dogs").delete("c3")
    before = {"c1": share(20), "c2": share(9), "c3": share(None)}
    today = {"c1": share(25), "c2": share(1), "c4": share(4)}
    found = rows(THREE, before, now, today)
    assert [(r.name, r.before, r.now, r.change, r.says) for r in found] == [
        ("Roads", "20%", "25%", "+5", ""), ("Speeding", "9%", "1%", "−8", "Faded"),
        ("Dogs", "–", "4%", "", "New"), ("Victims", "[c]", "–", "", "Gone"),
    ]  # fmt: skip


def test_a_code_that_is_not_there() -> None:
    with pytest.raises(ConsultError, match="no longer"):
        THREE.find("c9")
    assert Code("c1", "x") != Code("c2", "x")
