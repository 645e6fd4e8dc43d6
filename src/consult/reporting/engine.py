"""Analysis for pages: in a process of its own, so that no page waits for another's report."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar, cast

from anyio import to_process

from consult.datasets.files import DatasetFiles
from consult.errors import ConsultError
from consult.reporting.overview import Overview, overview

Made = TypeVar("Made")
#: How many results each web process keeps, by what they were made from.
KEPT = 16
_kept: OrderedDict[tuple[str, str], object] = OrderedDict()


async def report_html(files: DatasetFiles) -> str:
    """The report of a dataset, as ``python -m analysis report`` makes it from the same files.

    Raises ConsultError where nobody has answered yet, and for data that cannot be used.
    """
    return await _made(report, files)


async def weighting_html(files: DatasetFiles) -> str:
    """What weighting did to a dataset, as ``python -m analysis weight --report`` tells it.

    Raises as ``report_html`` does, and where the dataset is not weighted.
    """
    return await _made(weighting, files)


async def overview_of(files: DatasetFiles) -> Overview:
    """The overview of a dataset. Raises as ``report_html`` does."""
    return await _made(overview, files)


async def _made(make: Callable[[DatasetFiles], Made], files: DatasetFiles) -> Made:
    """What ``make`` makes of the files; the same files are worked on once."""
    from analysis.errors import DataError

    if files.table.count(b"\n") < 2:
        raise ConsultError(f"Nobody has answered {files.slug} yet, so there is nothing to report.")
    # The manifest has the hashes of the other files.
    key = (make.__name__, hashlib.sha256(files.manifest.encode()).hexdigest())
    if key not in _kept:
        try:
            _kept[key] = await to_process.run_sync(make, files)
        except DataError as error:
            raise ConsultError(f"{files.slug} cannot be reported: {error}") from None
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return cast(Made, _kept[key])


def report(files: DatasetFiles) -> str:
    """The report of a dataset; loads the analysis, so it runs in a process of its own."""
    from analysis import pipeline

    with files.written() as (responses, codebook, targets):
        output = responses.with_name("report.html")
        pipeline.report_files(responses, codebook, targets, output)
        return output.read_text(encoding="utf-8")


def weighting(files: DatasetFiles) -> str:
    """The weighting report of a dataset; runs in a process of its own too."""
    from analysis import pipeline

    with files.written() as (responses, codebook, targets):
        return pipeline.weighting_page(responses, codebook, targets)
