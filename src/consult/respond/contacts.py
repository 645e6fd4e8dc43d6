"""Contact details, apart from every answer: to hear what happened, or for a prize draw.

They are asked for after the answers were sent, of a browser that sent some, on a page that looks at
none of them. They are stored in a table that has no key, no time and no order in common with
responses: each new row is written together with up to fifty others chosen by chance, all in an
order of chance and in one transaction, so that neither the order of a dump nor PostgreSQL's own
bookkeeping tells which of them came last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from consult.accounts.model import PUBLIC
from consult.database import Database, link_of
from consult.questionnaire.answers.base import N_
from consult.questionnaire.wording import rich
from consult.respond import store
from consult.respond.gate import rate
from consult.respond.sending import is_sent
from consult.respond.store import Contact
from consult.respond.visit import AnyRequest, Visit, visit
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of

LONGEST = 300
#: An email address, or digits enough for a phone number; an address by post is neither.
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True)
class Asked:
    """What a form about contact details holds, and what is wrong with it, by field."""

    name: str
    reach: str
    purposes: tuple[str, ...]
    wrong: Mapping[str, str]


def read(form: Mapping[str, Sequence[str]], offers: Sequence[str]) -> Asked:
    """What was typed into the form."""
    name = form.get("name", [""])[0].strip()
    reach = form.get("reach", [""])[0].strip()
    purposes = tuple(offer for offer in offers if offer in form.get("purposes", ()))
    if len(offers) == 1:
        purposes = tuple(offers)
    wrong: dict[str, str] = {}
    if not purposes:
        wrong["purposes"] = N_("Select what you would like")
    if not reach:
        wrong["reach"] = N_("Enter an email address, phone number or postal address")
    elif "@" in reach and not _EMAIL.fullmatch(reach):
        wrong["reach"] = N_("Enter an email address in the correct format, like name@example.com")
    for field, text in (("name", name), ("reach", reach)):
        if len(text) > LONGEST:
            wrong[field] = N_("Make it shorter: at most 300 characters")
    return Asked(name, reach, purposes, wrong)


@get("/s/{slug:str}/{language:str}/updates", opt={"who": PUBLIC})
async def contact_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """Where contact details are asked for."""
    here = await visit(request, database, slug, language)
    # Whoever sent nothing has nothing to be told of; after "Finish" this browser is the next
    # person's, who answers first.
    if not here.version.survey.definition.offers or not await is_sent(database, here):
        return Redirect(here.base, status_code=303)
    return _ask(here, Asked("", "", (), {}))


@post("/s/{slug:str}/{language:str}/updates", opt={"who": PUBLIC}, status_code=200)
async def keep_contact(
    request: AnyRequest, database: Db, settings: Config, slug: InPath, language: InPath
) -> Response[Any]:
    """Keep contact details, apart from every answer."""
    form = await form_of(request)
    here = await visit(request, database, slug, language)
    offers = here.version.survey.definition.offers
    if not offers or here.token is None or not await is_sent(database, here):
        return Redirect(here.base, status_code=303)
    asked = read(form, offers)
    if asked.wrong:
        return _ask(here, asked)
    rate.take(request, settings, "contact")
    # Counted in memory alone, under a hash that nothing else has: no row says whose it is.
    rate.take(request, settings, "contact_by_one", str(here.token.receipt.response_id))
    await _keep_once(database, Contact(slug, asked.name, asked.reach, asked.purposes))
    return Redirect(f"{here.base}/updates/kept", status_code=303)


_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
#: What the same details are kept for, however they were spaced.
_HELD = """
SELECT purposes FROM contact
WHERE survey_slug = $1
    AND lower(translate(reach, E' \\t\\r\\n', '')) = lower(translate($2, E' \\t\\r\\n', ''))"""


async def _keep_once(database: Database, contact: Contact) -> None:
    """Keep contact details for what they are not kept for yet: nobody is in a draw twice.

    Two that come at once with the same details wait for each other, by a lock that is in memory and
    nowhere else. What is compared is the details, so that no index orders the rows.
    """
    async with database.writing() as session:
        link = await link_of(session)
        await link.execute(_ALONE, f"{contact.survey_slug} {contact.reach}")
        rows = await link.fetch(_HELD, contact.survey_slug, contact.reach)
        held = {purpose for row in rows for purpose in row["purposes"]}
        fresh = tuple(purpose for purpose in contact.purposes if purpose not in held)
        if fresh:
            await store.keep_contact(session, replace(contact, purposes=fresh))


@get("/s/{slug:str}/{language:str}/updates/kept", opt={"who": PUBLIC})
async def kept_page(
    request: AnyRequest, database: Db, slug: InPath, language: InPath
) -> Response[Any]:
    """That they were kept."""
    here = await visit(request, database, slug, language)
    return here.show("contact_kept", here.say("We have kept your contact details"))


def _ask(here: Visit, asked: Asked) -> Response[Any]:
    definition = here.version.survey.definition
    title = (
        here.say("Hear what happens") if "updates" in definition.offers else here.say("Prize draw")
    )
    wrong = {field: here.say(text) for field, text in asked.wrong.items()}
    return here.show(
        "contact",
        f"{here.say('Error')}: {title}" if wrong else title,
        heading=title,
        asked=asked,
        wrong=wrong,
        offers=definition.offers,
        draw=rich(here.version.survey.words[here.language].draw, lambda name: ""),
        back=f"{here.base}/sent",
        status=422 if wrong else 200,
    )


HANDLERS = [contact_page, keep_contact, kept_page]
