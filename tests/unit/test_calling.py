"""Calls: lists as staff bring them, when to ring again, the response rate."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from consult.calling import cases
from consult.calling.model import MOST_TRIES, OUTCOMES, after, normal_phone, response_rate
from consult.calling.sealing import Interview, digest, seal, unseal
from consult.errors import ConsultError

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_response_rate_is_aapors_first() -> None:
    """By hand: 50 / ((50 + 0) + (21 + 5 + 4) + (15 + 5)) of 110 cases, 10 of them not eligible."""
    counts = {
        "complete": 50, "refused": 18, "stopped": 2, "broken_off": 1, "call_back": 5,
        "language_barrier": 4, "no_answer": 6, "busy": 1, "voicemail": 3, "": 5,
        "wrong_number": 5, "not_eligible": 7, "quota_full": 3,
    }  # fmt: skip
    assert set(counts) == {*OUTCOMES, ""}
    rate = response_rate(counts)
    assert rate.value == 0.5
    assert rate.groups == {"I": 50, "P": 0, "R": 21, "NC": 5, "O": 4, "UH": 15, "UO": 5}
    assert response_rate({"not_eligible": 3}).value is None
    assert response_rate({}).value is None


def test_when_to_ring_again() -> None:
    assert after("busy", 1, NOW, None).due_at == NOW + timedelta(minutes=30)
    assert after("no_answer", MOST_TRIES - 1, NOW, None).due_at == NOW + timedelta(hours=4)
    assert after("no_answer", MOST_TRIES, NOW, None).final
    # Whoever broke off is not given up for having been rung often.
    assert after("broken_off", 99, NOW, None).due_at == NOW
    assert after("refused", 1, NOW, None).final
    agreed = after("call_back", 1, NOW, NOW + timedelta(days=2))
    assert (agreed.promised, agreed.final) == (True, False)
    for wrong in (None, NOW, NOW - timedelta(hours=1), NOW + timedelta(days=61)):
        with pytest.raises(ConsultError, match="call back"):
            after("call_back", 1, NOW, wrong)
    for made_up in ("", "complete", "quota_full", "x"):
        with pytest.raises(ConsultError, match="Select"):
            after(made_up, 1, NOW, None)


def test_one_number_written_in_many_ways_is_one() -> None:
    written = ("01632 960100", "+44 1632 960100", "0044 (1632) 960-100", "441632960100")
    assert {normal_phone(text) for text in written} == {"441632960100"}
    for wrong in ("", "12", "call me", "01632 96010x", "+"):
        with pytest.raises(ConsultError):
            normal_phone(wrong)


def test_a_list_is_read_whole_or_every_bad_line_is_named_without_its_number() -> None:
    good = "case,phone,name,strand\nA1,01632 960100,Åsa,public\nA2,+441632960101,,\n"
    found = cases.read(b"\xef\xbb\xbf" + good.encode())
    assert [case.reference for case in found] == ["A1", "A2"]
    bad = (
        good
        + "A1,01632 960102,,\nB1,0163 2960100,,\nB2,7,,\n,01632 960103,,\nB4,01632 960104,x\x07,\n"
    )
    with pytest.raises(ConsultError) as said:
        cases.read(bad.encode())
    lines = str(said.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"Line {n}" for n in (4, 5, 6, 7, 8)]
    assert not re.search("96010[234]", str(said.value))
    for content, reason in (
        (b"phone,case\n", "first line"),
        (b"case,phone,age\nA,01632 960100,7\n", "first line"),
        (b"case,phone\n", "0 cases"),
        (b"\xff", "UTF-8"),
        (b'case,phone\nA,"0163', "unexpected end"),
        (b"x" * (cases.MOST_BYTES + 1), "20 MB"),
        (("case,phone\n" + "x,1\n" * 30).encode(), "And 10 more"),
    ):
        with pytest.raises(ConsultError, match=reason):
            cases.read(content)


def test_an_interview_opens_with_the_installations_key_and_for_its_own_case_alone() -> None:
    root, case = b"r" * 32, uuid4()
    made = Interview.new(NOW, "ur").with_page("a", {"a": ["سڑک"]}, seen=True)
    sealed = seal(made, root, case)
    assert unseal(sealed, root, case) == made
    assert unseal(sealed, b"s" * 32, case) is None
    assert unseal(sealed, root, uuid4()) is None
    assert unseal(None, root, case) is None
    assert "سڑک".encode() not in sealed
    assert digest("441632960100", root) != digest("441632960100", b"s" * 32)
