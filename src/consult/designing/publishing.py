"""Publishing what was designed: who, why, and only what the check passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from consult import clock
from consult.consultations import store as consultations
from consult.consultations.store import Version
from consult.designing import comparing, store, view
from consult.designing.beginning import as_document
from consult.designing.shell import DESIGNERS, AnyRequest, Opened, after, base_of, opened, show
from consult.errors import ConsultError, NotFound
from consult.questionnaire.changes import apart, changes
from consult.questionnaire.survey import Survey
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of


async def _published(database: Any, slug: str) -> Version | None:
    async with database.reading() as session:
        try:
            return await consultations.current(session, slug)
        except NotFound:
            return None


@get("/staff/surveys/{slug:str}/publish", opt={"who": DESIGNERS})
async def publish_form(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """What would be published, and what changed since the version in use."""
    here = await opened(request, database, slug)
    return await _form(request, database, settings, here)


async def _form(
    request: AnyRequest,
    database: Any,
    settings: Any,
    here: Opened,
    why: str = "",
    error: str = "",
    decided: Mapping[str, str] | None = None,
) -> Response[Any]:
    version = await _published(database, here.draft.slug)
    survey = view.examined(here.draft).survey
    # Both as they are understood: an hour written with its seconds is no other hour.
    differences = (
        comparing.differences(as_document(version.survey), as_document(survey))
        if version and survey
        else []
    )
    return show(
        request,
        settings,
        "publish",
        f"{'Error: ' if error else ''}Publish",
        here,
        status=422 if error else 200,
        version=version,
        changes=differences,
        meanings=_meanings(version, survey, decided),
        same=bool(version and survey and version.survey.content_hash == survey.content_hash),
        why=why,
        error=error,
        published="published" in request.query_params,
    )


def _meanings(
    version: Version | None, survey: Survey | None, decided: Mapping[str, str] | None
) -> list[dict[str, Any]]:
    """The changes that may have changed what an answer means, with what was decided of each."""
    found = changes(version.survey, survey) if version and survey else []
    return [
        {
            "question": change.question,
            "name": change.name,
            "sentences": change.sentences,
            "forced": change.forced,
            "decision": (decided or {}).get(change.question, ""),
            "undecided": decided is not None
            and not change.forced
            and decided.get(change.question) not in {"same", "apart"},
        }
        for change in found
    ]


@post("/staff/surveys/{slug:str}/publish", opt={"who": DESIGNERS}, status_code=200)
async def publish(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Publish the draft as it was seen."""
    form = await form_of(request)
    why = form.get("why", [""])[0].strip()[:2000]
    decided = {
        name.removeprefix("meaning."): values[0]
        for name, values in form.items()
        if name.startswith("meaning.")
    }
    here = await opened(request, database, slug)
    draft, me = here.draft, request.state.staff.email
    try:
        survey = view.examined(draft).survey
        if here.problems or survey is None:
            raise ConsultError("Mend the problems first: what is wrong reaches everybody.")
        if not why:
            raise ConsultError("Say why: it stands beside the version for good.")
        if base_of(form) != draft.revision.number:
            raise ConsultError(
                f"{store.called(draft.revision.by)} has saved a change since you opened this "
                "page. Look at it, then publish."
            )
        version = await _published(database, slug)
        found = changes(version.survey, survey) if version else []
        kept, undecided = apart(found, decided)
        if undecided:
            names = ", ".join(f"‘{change.name}’" for change in undecided)
            raise ConsultError(f"Say whether earlier answers still mean the same: {names}.")
        async with database.writing() as session:
            await consultations.publish(
                session, survey, version.consultation if version else slug,
                by=me, reason=why, now=clock.now(), apart=kept,
            )  # fmt: skip
    except ConsultError as error:
        return await _form(request, database, settings, here, why, str(error), decided)
    return after(f"/staff/surveys/{slug}/publish?published=1")


HANDLERS = [publish_form, publish]
