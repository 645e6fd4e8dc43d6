"""Lists of people to ring, as staff bring them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from consult.calling.model import normal_phone
from consult.errors import ConsultError

MOST = 100_000
MOST_BYTES = 20_000_000
COLUMNS = ("case", "phone", "name", "strand")
#: More bad lines than this are one mistake made many times.
MOST_SAID = 20
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")


@dataclass(frozen=True)
class Listed:
    """Someone to ring."""

    reference: str
    phone: str
    name: str
    strand: str

    @property
    def normal(self) -> str:
        """The number as it is compared with others."""
        return normal_phone(self.phone)


def listed(reference: str, phone: str, name: str, strand: str) -> Listed:
    """One case as it was typed. Raises ConsultError."""
    made = Listed(reference.strip(), phone.strip(), name.strip(), strand.strip())
    if not _REFERENCE.fullmatch(made.reference):
        raise ConsultError("give the case a number of up to 40 letters, digits, dots and hyphens")
    if len(made.name) > 200 or len(made.strand) > 64:
        raise ConsultError("the name or the strand is too long")
    if not (made.name + made.strand).isprintable():
        raise ConsultError("the name or the strand has characters that cannot be shown")
    normal_phone(made.phone)
    return made


def read(content: bytes) -> list[Listed]:
    """The cases of a CSV file with the columns case, phone and, if wanted, name and strand.

    Raises ConsultError naming every bad line; a number is never said again.
    """
    if len(content) > MOST_BYTES:
        raise ConsultError("The file has more than 20 MB. Part it in two.")
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip().lower() for name in rows.fieldnames or ()]
        if header[:2] != ["case", "phone"] or not set(header) <= set(COLUMNS):
            raise ConsultError("The first line must be: case,phone,name,strand")
        rows.fieldnames = header
        return _rows(rows)
    except UnicodeDecodeError:
        raise ConsultError("The file is not text in UTF-8. Save it as 'CSV UTF-8'.") from None
    except csv.Error as error:
        raise ConsultError(f"Line {rows.line_num}: {error}. Mend that line.") from None


def _rows(rows: csv.DictReader[str]) -> list[Listed]:
    found: list[Listed] = []
    bad: list[str] = []
    references: set[str] = set()
    numbers: set[str] = set()
    for row in rows:
        cells = {name: row.get(name) or "" for name in COLUMNS}
        try:
            case = listed(cells["case"], cells["phone"], cells["name"], cells["strand"])
            if case.reference in references or case.normal in numbers:
                raise ConsultError("its case or its number stands in an earlier line")
        except ConsultError as error:
            bad.append(f"Line {rows.line_num}: {error}.")
            continue
        references.add(case.reference)
        numbers.add(case.normal)
        found.append(case)
    if bad:
        more = len(bad) - MOST_SAID
        rest = [f"And {more:,} more."] if more > 0 else []
        raise ConsultError("\n".join([*bad[:MOST_SAID], *rest]))
    if not found or len(found) > MOST:
        raise ConsultError(f"The file has {len(found):,} cases; give 1 to {MOST:,}.")
    return found
