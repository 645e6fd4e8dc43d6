"""Invitations: each works once, and nothing that is kept says whose response is whose."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from consult import clock
from consult.database import Database, WriteSession
from consult.inviting import codes, store
from consult.inviting.model import Answered
from consult.questionnaire.survey import Survey
from tests.conftest import published

pytestmark = pytest.mark.anyio
ROOT = b"r" * 32
INVITED, SENT = 300, 200


async def invited(database: Database, slug: str, count: int) -> list[bytes]:
    """``count`` invitations; marks of chance, for that of a real code takes 3 ms to make."""
    chance = random.Random(1)
    marks = [chance.randbytes(32) for _ in range(count)]
    async with database.writing() as session:
        await store.make_batch(
            session, slug, "victims", "letter", "en", marks=marks, by="test", now=clock.now()
        )
    return marks


RESPONSE = text(
    "INSERT INTO response (id, version_id, channel, language, received_on, answers) "
    "VALUES (:id, :version, 'web', 'en', '2025-01-01', '{}')"
)


async def respond(session: WriteSession, version: int) -> UUID:
    made = uuid4()
    await session.execute(RESPONSE, {"id": made, "version": version})
    return made


class Copy:
    """What whoever has a copy of the database sees, transaction numbers and all."""

    def __init__(self, responses: Sequence[tuple[UUID, int]], used: Sequence[tuple[bytes, int]]):
        #: Both in the order of the table, as a dump has them.
        self.responses, self.used = responses, used

    @classmethod
    async def of(cls, database: Database) -> "Copy":
        async with database.reading() as session:
            rows = "SELECT id, xmin::text::bigint FROM response ORDER BY ctid"
            responses = (await session.execute(text(rows))).all()
            rows = "SELECT marks[1], xmin::text::bigint FROM invitation WHERE used ORDER BY ctid"
            used = (await session.execute(text(rows))).all()
        return cls([(r[0], r[1]) for r in responses], [(bytes(u[0]), u[1]) for u in used])

    def attacks(self) -> dict[str, dict[UUID, bytes]]:
        """Whose each response is, by every way in which rows can be laid side by side."""
        together: dict[int, list[bytes]] = defaultdict(list)
        for mark, transaction in self.used:
            together[transaction].append(mark)
        chance = random.Random(2)
        guesses: dict[str, dict[UUID, bytes]] = defaultdict(dict)
        for place, (response, transaction) in enumerate(self.responses):
            same = together.get(transaction) or [mark for mark, _ in self.used]
            guesses["first of the transaction"][response] = same[0]
            guesses["last of the transaction"][response] = same[-1]
            guesses["any of the transaction"][response] = chance.choice(same)
            guesses["place in the table"][response] = self.used[place][0]
            guesses["place from the end"][response] = self.used[-1 - place][0]
        by_age = [mark for mark, _ in sorted(self.used, key=lambda row: row[1])]
        for mark, (response, _) in zip(by_age, self.responses, strict=True):
            guesses["age of the row"][response] = mark
        return guesses


async def sent(database: Database, version: int, slug: str, *, naively: bool) -> dict[UUID, bytes]:
    """``SENT`` responses of invited people, in an order of their own; who sent which."""
    marks = await invited(database, slug, INVITED)
    random.Random(3).shuffle(marks)
    truth = {}
    for mark in marks[:SENT]:
        async with database.writing() as session:
            response = await respond(session, version)
            if naively:
                used = "UPDATE invitation SET used = true WHERE marks @> ARRAY[CAST(:m AS bytea)]"
                await session.execute(text(used), {"m": mark})
            else:
                assert await store.spend(session, slug, mark)
        truth[response] = mark
    return truth


async def test_no_copy_of_the_database_says_whose_a_response_is(
    database: Database, everything: Survey
) -> None:
    version = await published(database, everything)
    truth = await sent(database, version.id, "everything", naively=False)
    copy = await Copy.of(database)
    assert len(copy.used) == len(copy.responses) == SENT
    for name, guess in copy.attacks().items():
        right = sum(guess[response] == mark for response, mark in truth.items())
        # By chance 1 of 51 companions: 4 of 200. Over 16 comes once in a million runs.
        assert right <= 16, (name, right)
    # Each transaction that a response's number leads to has rewritten many: nobody stands alone.
    last = copy.responses[-1][1]
    assert sum(transaction == last for _, transaction in copy.used) == store.COMPANIONS + 1


async def test_the_attack_would_find_everyone_if_rows_were_simply_marked(
    database: Database, everything: Survey
) -> None:
    version = await published(database, everything)
    truth = await sent(database, version.id, "everything", naively=True)
    guess = (await Copy.of(database)).attacks()["any of the transaction"]
    assert sum(guess[response] == mark for response, mark in truth.items()) == SENT


async def test_until_there_are_companions_enough_all_hide_among_all(
    database: Database, everything: Survey
) -> None:
    version = await published(database, everything)
    marks = await invited(database, "everything", 12)
    for mark in marks:
        async with database.writing() as session:
            await respond(session, version.id)
            assert await store.spend(session, "everything", mark)
        copy = await Copy.of(database)
        assert {transaction for _, transaction in copy.used} == {copy.responses[-1][1]}


async def test_those_who_send_at_the_same_moment_hide_too(
    database: Database, everything: Survey
) -> None:
    version = await published(database, everything)
    marks = await invited(database, "everything", 30)

    async def send(mark: bytes) -> None:
        async with database.writing() as session:
            await respond(session, version.id)
            assert await store.spend(session, "everything", mark)

    await asyncio.gather(*map(send, marks))
    copy = await Copy.of(database)
    assert len({transaction for _, transaction in copy.used}) == 1
    assert len(copy.used) == 30


async def test_a_code_works_once_however_many_press_at_once(
    database: Database, everything: Survey
) -> None:
    await published(database, everything)
    [mark, other] = await invited(database, "everything", 2)

    async def press() -> bool:
        async with database.writing() as session:
            return await store.spend(session, "everything", mark)

    assert sorted(await asyncio.gather(*(press() for _ in range(8)))) == [False] * 7 + [True]
    async with database.writing() as session:
        assert not await store.spend(session, "everything", b"unknown")
        assert not await store.spend(session, "another-survey", other)
        found = await store.admission(session, mark)
        assert found is not None
        assert found.used
        found = await store.admission(session, other)
        assert found is not None
        assert not found.used


async def test_an_address_answers_once_and_hides_among_the_others(
    database: Database, everything: Survey
) -> None:
    version = await published(database, everything)
    marks = [codes.mark_of_address(ROOT, "everything", f"a{n}@example.org") for n in range(5)]
    for mark in marks:
        async with database.writing() as session:
            await respond(session, version.id)
            assert await store.spend(session, "everything", mark, unlisted=True)
    async with database.writing() as session:
        assert not await store.spend(session, "everything", marks[2], unlisted=True)
    copy = await Copy.of(database)
    assert {transaction for _, transaction in copy.used} == {copy.responses[-1][1]}
    assert len(copy.used) == 5
    # The same person is another in another survey, and however the address is written.
    assert codes.mark_of_address(ROOT, "everything", " A2@Example.ORG ") == marks[2]
    assert codes.mark_of_address(ROOT, "other", "a2@example.org") != marks[2]


async def test_a_failed_commit_uses_nothing_up(database: Database, everything: Survey) -> None:
    await published(database, everything)
    [mark] = await invited(database, "everything", 1)

    async def fail() -> None:
        async with database.writing() as session:
            assert await store.spend(session, "everything", mark)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.writing() as session:
        assert await store.spend(session, "everything", mark)


def test_counts_say_of_nobody_whether_they_answered() -> None:
    said = {
        (invited, answered): Answered("public", "letter", invited, answered).says
        for invited, answered in [(9, 9), (100, 0), (100, 9), (100, 52), (100, 91), (3_000, 1_234)]
    }
    assert said == {
        (9, 9): "not shown",
        (100, 0): "fewer than 10",
        (100, 9): "fewer than 10",
        (100, 52): "about 50",
        (100, 91): "all, or all but fewer than 10",
        (3_000, 1_234): "about 1,235",
    }
