"""A body's lookup file: which area each postcode is in."""

from __future__ import annotations

import csv
import io
import re

from consult.errors import ConsultError
from consult.questionnaire.answers.choice import CODE
from consult.questionnaire.answers.people import normal

#: The first part of a postcode, and with it the digit that makes a sector.
SHORT = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?( [0-9])?")
HEADER = ["postcode", "area"]
MOST = 3_000_000


def read_areas(name: str, content: bytes) -> dict[str, str]:
    """The area by postcode, sector (``CV21 1``) or district (``CV21``) of a CSV file.

    Raises ConsultError naming the row.
    """
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = [cell.strip().lower() for cell in next(rows, [])]
        if header[:2] != HEADER:
            raise ConsultError(f"{name}: its first line must be 'postcode,area'.")
        found: dict[str, str] = {}
        for row in rows:
            if row:
                postcode, area = _row(name, rows.line_num, row)
                if found.setdefault(postcode, area) != area:
                    raise ConsultError(
                        f"{name}, line {rows.line_num}: this postcode stands there before, in "
                        "another area. Keep one of the two."
                    )
    except UnicodeDecodeError:
        raise ConsultError(f"{name} is not text in UTF-8. Save it as 'CSV UTF-8'.") from None
    except csv.Error as error:
        raise ConsultError(f"{name}, line {rows.line_num}: {error}. Mend that line.") from None
    if not found or len(found) > MOST:
        raise ConsultError(f"{name} has {len(found):,} postcodes; give 1 to {MOST:,}.")
    return found


def _row(name: str, line: int, row: list[str]) -> tuple[str, str]:
    text = re.sub(r"\s+", " ", row[0].strip().upper())
    postcode = normal(text) or (text if SHORT.fullmatch(text) else None)
    if postcode is None:
        raise ConsultError(
            f"{name}, line {line}: the first cell is no postcode. Write a full one, like "
            "CV21 1AA, a sector, like CV21 1, or a district, like CV21."
        )
    area = row[1].strip() if len(row) > 1 else ""
    if not re.fullmatch(CODE, area):
        raise ConsultError(
            f"{name}, line {line}: the area must be the code of one of the survey's options: "
            "small letters, digits, _ and -."
        )
    return postcode, area


def candidates(postcode: str) -> list[str]:
    """What a normal postcode may stand under, the narrowest first."""
    return [postcode, postcode[:-2], postcode[:-4]]
