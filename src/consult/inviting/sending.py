"""Sending what waits, from the worker.

A message is claimed and its code's mark stored in one transaction; then it is handed over; then a
second transaction says so. A worker killed in between leaves a message whose lease runs out, and it
is handed over again: at least once by a mail server (with the same Message-ID, and whichever code
the person uses, it counts once), exactly once by Notify, which is asked whether it has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta

from anyio import to_thread

from consult import clock
from consult.consultations import store as consultations
from consult.consultations.lifecycle import state
from consult.database import Database
from consult.errors import DatabaseUnavailable
from consult.inviting import codes, store
from consult.inviting.delivery import Carrier, NotDelivered
from consult.inviting.keys import root_key
from consult.inviting.model import Outgoing
from consult.inviting.wording import Said, invitation
from consult.log import failure
from consult.settings import Settings

logger = logging.getLogger("consult.sending")
#: Messages claimed at once, and for how long no other worker takes them: each may cost
#: ``delivery.PATIENCE`` seconds twice.
AT_ONCE = 20
LEASE = timedelta(minutes=10)
#: Minutes until the next try, and how many there are.
PAUSES = (1, 5, 15, 60, 240)
#: Seconds between looks for something to send.
EVERY = 5.0


async def run(database: Database, settings: Settings, stop: asyncio.Event) -> None:
    """Send what waits until told to stop, whatever comes between: tidying goes on beside it."""
    if not (settings.delivery.by_email or settings.delivery.by_text):
        return
    while not stop.is_set():
        sent = 0
        try:
            sent = await send_waiting(database, settings, clock.now())
        except DatabaseUnavailable:
            pass  # the worker's other part says so
        except Exception as error:  # the messages claimed are tried again later
            logger.error("sending failed (%s); trying again later", failure(error))
        if not sent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)


async def send_waiting(database: Database, settings: Settings, now: datetime) -> int:
    """Hand over some of what waits; returns how many were claimed. Raises DatabaseUnavailable."""
    root = await root_key(database, settings)
    async with database.writing() as session:
        claimed = await store.claim(session, now, LEASE, AT_ONCE)
    carrier = Carrier(settings.delivery)
    fates = {"sent": 0, "not sent": 0}
    try:
        for outgoing in claimed:
            fates[await _send(database, root, carrier, outgoing, now)] += 1
    finally:
        await to_thread.run_sync(carrier.close)
    if claimed:
        logger.info("messages: %s sent, %s not", fates["sent"], fates["not sent"])
    return len(claimed)


async def _send(
    database: Database, root: bytes, carrier: Carrier, outgoing: Outgoing, now: datetime
) -> str:
    said = await _said(database, root, carrier, outgoing, now)
    if said is None:
        async with database.writing() as session:
            await store.settle(session, outgoing.id, "dropped")
        return "not sent"
    trouble = await to_thread.run_sync(_hand_over, carrier, outgoing, said)
    async with database.writing() as session:
        if trouble is None:
            await store.settle(session, outgoing.id, "sent")
        elif trouble.lasting or outgoing.attempts > len(PAUSES):
            await store.settle(session, outgoing.id, "failed", trouble.problem)
        else:
            pause = timedelta(minutes=PAUSES[outgoing.attempts - 1])
            await store.put_off(session, outgoing.id, now + pause, trouble.problem)
    return "not sent" if trouble else "sent"


def _hand_over(carrier: Carrier, outgoing: Outgoing, said: Said) -> NotDelivered | None:
    """Hand over a message; what kept it from being taken. One of them never stops the others."""
    channel, again = outgoing.batch.channel, outgoing.attempts > 1
    try:
        carrier.send(channel, outgoing.reach, said, str(outgoing.id), tried=again)
    except NotDelivered as trouble:
        return trouble
    except Exception as error:
        logger.error("a message could not be handed over (%s)", failure(error))
        return NotDelivered("unreachable")
    return None


async def _said(
    database: Database, root: bytes, carrier: Carrier, outgoing: Outgoing, now: datetime
) -> Said | None:
    """The message with a fresh code; None where nobody can answer any more."""
    code = codes.new_code()
    mark = await codes.mark_aside(root, code)
    async with database.writing() as session:
        version = await consultations.current(session, outgoing.batch.survey_slug)
        if state(version.stage, version.survey, now) not in {"open", "not_yet_open"}:
            return None
        await store.add_mark(session, outgoing, mark)
    batch, again = outgoing.batch, outgoing.kind == "reminder"
    return invitation(
        version.survey, batch.language, batch.channel, carrier.settings.public_url, code,
        again=again,
    )  # fmt: skip
