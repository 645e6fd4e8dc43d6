"""The summary report of a consultation."""

from __future__ import annotations

from consult.coding.columns import coded_files
from consult.consultations import store as consultations
from consult.database import Database
from consult.datasets.frozen import thawed
from consult.errors import ConsultError
from consult.reporting.engine import report_html


async def consultation_report(database: Database, slug: str, frozen: int | None = None) -> str:
    """The report of a consultation's survey as HTML: of its responses as they stand now, or of
    the dataset that was frozen under a number. Raises NotFound, ConsultError."""
    async with database.reading() as session:
        surveys = [v.survey.slug for v in await consultations.of_consultation(session, slug)]
    if len(surveys) > 1:
        raise ConsultError(
            f"'{slug}' has several surveys ({', '.join(surveys)}). One report over several "
            "surveys comes with a later version; give each a consultation of its own until then."
        )
    if frozen is None:
        return await report_html(await coded_files(database, surveys[0]))
    return await report_html(await thawed(database, surveys[0], frozen))
