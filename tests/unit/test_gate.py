"""Proof of work, rate limits, and what the sending of a response gives away: the pure rules."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from litestar import Request
from litestar.testing import RequestFactory

from consult.respond.flags import (
    AGAIN,
    BURST,
    FAST,
    FLAGS,
    HONEYPOT,
    NO_PROOF,
    REASONS,
    REPEATED,
    SET_ASIDE,
)
from consult.respond.gate import rate
from consult.respond.gate.doors import REASON_WORDS, Entry, reason
from consult.respond.gate.rate import RATES, Limits, TooMany, address_of
from consult.respond.gate.signals import TRAP, doubts
from consult.respond.gate.work import LIFE, MOST, Task, proved, task
from consult.settings import Settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = b"k" * 32


def solved(given: Task) -> str:
    """What a browser does."""
    for number in range(given.most):
        if hashlib.sha256(f"{given.salt}{number}".encode()).hexdigest() == given.target:
            return str(number)
    raise AssertionError("no number fits")


# -- proof of work ---------------------------------------------------------------------------------


def test_a_task_is_done_by_trying_and_proves_one_response_for_a_while() -> None:
    response = UUID(int=7)
    given = task(KEY, response, NOW)
    number = solved(given)
    assert given.most == MOST
    expires = str(given.expires)
    later = NOW + timedelta(seconds=LIFE - 1)
    assert proved(KEY, response, expires, number, NOW)
    assert proved(KEY, response, expires, number, later)
    wrong = str((int(number) + 1) % MOST)
    for key, of, when, told, at in (
        (b"x" * 32, response, expires, number, NOW),  # another installation's
        (KEY, uuid4(), expires, number, NOW),  # handed in for another response
        (KEY, response, str(given.expires + 1), number, NOW),  # its end put off
        (KEY, response, str(given.expires + 10**6), number, NOW),  # made beforehand, for long after
        (KEY, response, expires, wrong, NOW),
        (KEY, response, expires, number, NOW + timedelta(seconds=LIFE + 1)),
        (KEY, response, "", "", NOW),
        (KEY, response, expires, "٣", NOW),
        (KEY, response, expires, "9" * 5_000, NOW),
        (KEY, response, "-1", number, NOW),
    ):
        assert not proved(key, of, when, told, at), (when, told)


def test_the_salt_tells_nothing_of_the_number() -> None:
    numbers = [int(solved(task(KEY, uuid4(), NOW))) for _ in range(20)]
    assert len(set(numbers)) > 15
    assert max(numbers) > MOST / 2 > min(numbers)


# -- what a response gives away --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "proof", "expected"),
    [
        (1, False, [FAST, NO_PROOF]),
        (1, True, [FAST]),
        (14, True, [FAST]),  # ten pages, each for less than a second and a half
        (16, True, []),
        (16, False, [NO_PROOF]),
        (29, False, [NO_PROOF]),
        (31, False, []),  # without JavaScript, and as fast as anybody reads
    ],
)
def test_time_and_proof(seconds: int, proof: bool, expected: list[str]) -> None:
    begun = NOW - timedelta(seconds=seconds)
    found = doubts({}, begun=begun, now=NOW, pages=10, proved=proof, within_rate=True, again=False)
    assert found == expected


def test_a_short_survey_may_be_answered_in_seconds() -> None:
    begun = NOW - timedelta(seconds=5)
    assert not doubts({}, begun=begun, now=NOW, pages=1, proved=True, within_rate=True, again=False)


def test_the_trap_the_burst_and_coming_again() -> None:
    begun = NOW - timedelta(hours=1)
    for form, within, again, expected in (
        ({TRAP: ["  "]}, True, False, []),
        ({TRAP: ["buy pills"]}, True, False, [HONEYPOT]),
        ({}, False, True, [AGAIN, BURST]),
    ):
        found = doubts(
            form, begun=begun, now=NOW, pages=1, proved=False, within_rate=within, again=again
        )
        assert found == expected


def test_every_flag_is_explained_and_every_reason_has_words() -> None:
    assert set(FLAGS) == {AGAIN, FAST, HONEYPOT, NO_PROOF, BURST, REPEATED, SET_ASIDE}
    assert all(len(flag) <= 20 for flag in FLAGS)
    assert tuple(REASON_WORDS) == REASONS


def test_a_reason_is_one_of_ours_with_a_few_words() -> None:
    assert reason({"why": ["household"], "why_words": ["My mother"]}) == "household"
    assert reason({"why": ["other"], "why_words": [" a \n b "]}) == "other: a b"
    assert reason({"why": ["other"], "why_words": ["x" * 9_999]}) == "other: " + "x" * 500
    assert reason({"why": ["nonsense"]}) is None
    assert reason({}) is None


def test_an_entry_is_for_one_survey_one_installation_and_its_time() -> None:
    until = int((NOW + timedelta(minutes=10)).timestamp())
    sealed = Entry(b"mark", b"check", until).seal(KEY, "tiny")
    assert Entry.open(KEY, "tiny", sealed, NOW) == Entry(b"mark", b"check", until)
    assert b"mark" not in sealed.encode()
    assert Entry.open(KEY, "other", sealed, NOW) is None
    assert Entry.open(b"x" * 32, "tiny", sealed, NOW) is None
    assert Entry.open(KEY, "tiny", sealed, NOW + timedelta(minutes=11)) is None
    for nonsense in (None, "", "é", "AAAA", sealed[:-8]):
        assert Entry.open(KEY, "tiny", nonsense, NOW) is None


# -- rate limits -----------------------------------------------------------------------------------


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_library_passes_unmarked_and_a_flood_is_sent_away_for_a_while() -> None:
    clock = Clock()
    limits = Limits(clock)
    for _ in range(200):  # two hundred people within an hour
        clock.now += 18
        assert limits.take("begin", "library")
        assert limits.take("send", "library")
    for _ in range(100):  # and all that is left of the hour's allowance at once
        assert limits.take("send", "library")
    rates = RATES["send"]
    hall = [limits.take("send", "hall") for _ in range(rates.free + rates.refused)]
    assert hall == [True] * rates.free + [False] * rates.refused
    with pytest.raises(TooMany) as refused:
        limits.take("send", "hall")
    assert 1 <= refused.value.seconds <= 60
    clock.now += refused.value.seconds
    assert limits.take("send", "hall") is False
    assert limits.take("send", "library") is True  # others are not punished


def test_a_token_given_back_is_one_to_take_again_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(rate.RATES, "wrong_code", rate.Rate(3, 1))
    limits = Limits(Clock())
    for _ in range(10):
        limits.take("wrong_code", "library")
        limits.give_back("wrong_code", "library")
    limits.give_back("wrong_code", "library")
    limits.give_back("wrong_code", "nobody")
    for _ in range(3):
        limits.take("wrong_code", "library")
    with pytest.raises(TooMany):
        limits.take("wrong_code", "library")


def test_no_address_is_kept_and_the_key_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    limits = Limits(clock)
    for number in range(60):
        limits.take("send", f"192.0.2.{number}")
    assert len(limits) == 60
    assert "192.0.2" not in repr(vars(limits))
    clock.now += rate.KEPT + 1
    limits.take("send", "192.0.2.1")
    assert len(limits) == 1
    monkeypatch.setattr(rate, "MOST_BUCKETS", 10)
    for number in range(60):
        limits.take("send", f"192.0.2.{number}")
    assert len(limits) <= 11


@pytest.mark.parametrize(
    ("trusted", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "test.org"),  # nobody is believed who was not told to be
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "test.org"),  # it went round one of the proxies
        (1, "nonsense", "test.org"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_whose_bucket_it_is(trusted: int, forwarded: str, expected: str) -> None:
    request: Request[object, object, object] = RequestFactory().get(
        "/", headers={"x-forwarded-for": forwarded}
    )
    assert address_of(request, Settings(trusted_proxies=trusted)) == expected
