"""Analysts' pages for datasets: files for other programs, freezing, reports of what was frozen."""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from consult.accounts.model import ANALYSTS
from consult.coding.columns import coded_dataset, coded_files
from consult.consultations import store as consultations
from consult.consultations.store import Version
from consult.database import Database
from consult.datasets import store
from consult.datasets.exports import export
from consult.datasets.files import DatasetFiles
from consult.datasets.frozen import freeze, thawed
from consult.datasets.store import by_day
from consult.errors import ConsultError, NotFound
from consult.reporting.engine import report_html, weighting_html
from consult.web.inject import Config, Db, InPath
from consult.web.posted import form_of
from consult.web.security import REPORT_POLICY
from consult.web.templating import page

#: The kinds of file a dataset is given out as, each in a ZIP with its codebook and manifest.
KINDS = {"xlsx": "Excel", "csv": "CSV", "sav": "SPSS", "parquet": "Parquet"}
NOW = "now"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a file in a ZIP: the same dataset gives the same bytes
AnyRequest = Request[Any, Any, Any]


@get("/staff/datasets/{slug:str}", opt={"who": ANALYSTS})
async def datasets_page(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[str]:
    """The files of a survey's responses as they stand now, and of every frozen dataset."""
    return await _show(request, database, settings, slug)


async def _show(
    request: AnyRequest, database: Database, settings: Config, slug: str, error: str = ""
) -> Response[str]:
    async with database.reading() as session:
        version: Version = await consultations.current(session, slug)
        responses = sum(count for _, count in await by_day(session, slug))
        kept = await store.all_frozen(session, slug)
    survey = version.survey
    return page(
        "reporting/datasets.html",
        title=f"{'Error: ' if error else ''}Datasets",
        status=422 if error else 200,
        service_name=settings.service_name,
        staff=request.state.staff,
        slug=slug,
        consultation=version.consultation,
        name=survey.words[survey.languages[0]].title,
        responses=responses,
        weighted=bool(survey.population),
        kinds=KINDS,
        error=error,
        frozen=[
            {
                "number": one.number,
                "day": f"{one.day:%-d %B %Y}",
                "responses": json.loads(one.manifest)["rows"],
            }
            for one in reversed(kept)
        ],
    )


@post("/staff/datasets/{slug:str}", opt={"who": ANALYSTS}, status_code=200)
async def freeze_now(
    request: AnyRequest, database: Db, settings: Config, slug: InPath
) -> Response[Any]:
    """Freeze the responses as they stand now."""
    form = await form_of(request)
    try:
        made = await coded_dataset(database, slug)
        by = request.state.staff.email
        await freeze(database, made, by=by, with_comments="comments" in form)
    except NotFound:
        raise
    except ConsultError as error:
        return await _show(request, database, settings, slug, str(error))
    return Redirect(f"/staff/datasets/{slug}", status_code=303)


@get("/staff/datasets/{slug:str}/{which:str}/report", opt={"who": ANALYSTS})
async def frozen_report(database: Db, slug: InPath, which: InPath) -> Response[str]:
    """The report of a frozen dataset, the same for good."""
    html = await report_html(await _files(database, slug, which))
    headers = {"content-security-policy": REPORT_POLICY}
    return Response(html, media_type="text/html", headers=headers)


@get("/staff/datasets/{slug:str}/{which:str}/weighting", opt={"who": ANALYSTS})
async def weighting_report(database: Db, slug: InPath, which: InPath) -> Response[str]:
    """What weighting did to a dataset: who was missing, and what changes."""
    html = await weighting_html(await _files(database, slug, which))
    headers = {"content-security-policy": REPORT_POLICY}
    return Response(html, media_type="text/html", headers=headers)


@get("/staff/datasets/{slug:str}/{which:str}/{kind:str}", opt={"who": ANALYSTS})
async def download(database: Db, slug: InPath, which: InPath, kind: InPath) -> Response[bytes]:
    """A dataset for another program, with its codebook and manifest, as a ZIP."""
    if kind not in KINDS:
        raise NotFound(kind)
    files = await _files(database, slug, which)
    content = await asyncio.to_thread(_packed, files, kind)
    name = f"{slug}-{'responses' if which == NOW else f'dataset-{which}'}-{kind}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/zip", headers=headers)


async def _files(database: Database, slug: str, which: str) -> DatasetFiles:
    if which == NOW:
        return await coded_files(database, slug)
    if not which.isdecimal() or len(which) > 6:
        raise NotFound(which)
    return await thawed(database, slug, int(which))


def _packed(files: DatasetFiles, kind: str) -> bytes:
    """The files of a dataset in a ZIP."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export(files, folder / f"responses.{kind}")
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in sorted(folder.iterdir()):
                entry = zipfile.ZipInfo(file.name, EARLIEST)
                packed.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


HANDLERS = [datasets_page, freeze_now, frozen_report, weighting_report, download]
