"""Population margins to weight to: `margin,category,population`, one row a category.

The columns source, date, licence and status say where the figures are from; none is needed.
"""

import hashlib
import math
import re
from dataclasses import dataclass
from pathlib import Path

from analysis import delimited
from analysis.errors import DataError, listed

TOTALS_AGREE = 1e-9
CROSS = "*"
OLD = 10
"""Years after which population figures are too old to weight to without a word."""
NEEDED = ("margin", "category", "population")
_YEAR = re.compile(r"(?<![0-9])(1[89]|20)[0-9]{2}(?![0-9])")
_GROUPED = re.compile(r"[0-9]{1,3}((,[0-9]{3})+|([\s’'][0-9]{3})+)(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Margin:
    """One margin: people in the population per category, with where the figures are from.

    `name` is a question, or several joined by `*`; categories of a crossed margin are joined
    likewise (`Rugby*Female`). `status` is `official`, `illustrative` or empty.
    """

    name: str
    categories: tuple[str, ...]
    totals: tuple[float, ...]
    source: str = ""
    date: str = ""
    status: str = ""
    licence: str = ""

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions the margin crosses; one for a plain margin."""
        return tuple(self.name.split(CROSS))

    @property
    def total(self) -> float:
        """People in the population, over all its categories."""
        return math.fsum(self.totals)

    @property
    def year(self) -> int | None:
        """The last year that its date names."""
        years = [int(found.group()) for found in _YEAR.finditer(self.date)]
        return max(years, default=None)


@dataclass(frozen=True, slots=True)
class Population:
    """Margins whose totals agree. `licence` is that of all its margins, each named once."""

    margins: tuple[Margin, ...]
    sha256: str
    name: str

    @property
    def total(self) -> float:
        """People in the population, by the first margin."""
        return self.margins[0].total

    @property
    def licence(self) -> str:
        """The licences of the margins' figures."""
        return "; ".join(dict.fromkeys(m.licence for m in self.margins if m.licence))

    def find(self, name: str) -> Margin | None:
        """The margin of that name, if there is one."""
        return next((m for m in self.margins if m.name == name), None)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    category: str
    people: float
    source: str
    date: str
    licence: str
    status: str


def read(path: Path | str) -> Population:
    """Read population margins from CSV, separated by commas, semicolons or tabs.

    Raises DataError when a column is missing, a figure is not a positive number, a category comes
    twice, a crossed category does not fit its margin, or two margins' totals disagree by more than
    1e-9 of themselves.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from None
    return parse(content, path.name)


def parse(content: bytes, name: str) -> Population:
    """The margins in the content of a file. Raises DataError as `read` does."""
    margins = _margins(content, name)
    _check_totals(margins, name)
    return Population(margins, hashlib.sha256(content).hexdigest(), name)


def warnings(population: Population, today_year: int | None) -> tuple[str, ...]:
    """What a reader of weighted figures must be told of the population they are weighted to.

    `today_year` is the year in which the responses were given, None where that is not known.
    """
    said = []
    for margin in population.margins:
        name, year = f"The population figures for “{margin.name}”", margin.year
        if margin.status == "illustrative":
            said.append(f"{name} are illustrative: they describe no real population.")
            continue
        missing = [what for what in ("source", "date") if not getattr(margin, what)]
        if missing:
            said.append(f"{name} come without a {' and a '.join(missing)}.")
        if year is not None and today_year is not None and today_year - year > OLD:
            said.append(f"{name} are of {year}, {today_year - year} years before the responses.")
    return tuple(said)


def _margins(content: bytes, name: str) -> tuple[Margin, ...]:
    rows = delimited.lines(name, content)
    header = [cell.strip().lower() for cell in next(rows, (1, []))[1]]
    missing = [column for column in NEEDED if column not in header]
    twice = sorted({cell for cell in header if cell and header.count(cell) > 1})
    if missing or twice:
        wrong = f"missing: {listed(missing)}" if missing else f"twice: {listed(twice)}"
        raise DataError(f"{name}: needs the columns margin,category,population; {wrong}.")
    gathered: dict[str, list[_Row]] = {}
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            raise DataError(
                f"{name}: line {line} has {len(cells)} cells, the header {len(header)}. Put names "
                "and figures that hold a comma in quotation marks."
            )
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        margin, entry = _entry(row, name, line)
        gathered.setdefault(margin, []).append(entry)
    if not gathered:
        raise DataError(f"{name}: there are no figures below the header. Give at least one row.")
    return tuple(_margin(key, entries, name) for key, entries in gathered.items())


def _entry(row: dict[str, str], name: str, line: int) -> tuple[str, _Row]:
    margin, category = row.get("margin", ""), row.get("category", "")
    if not margin or not category:
        raise DataError(f"{name}: line {line} has no margin or no category.")
    if margin.count(CROSS) != category.count(CROSS) and CROSS in margin:
        raise DataError(
            f"{name}: line {line}: the margin “{margin}” crosses "
            f"{margin.count(CROSS) + 1} questions, so “{category}” must name as many "
            f"categories joined by {CROSS}."
        )
    people = figure(row.get("population", ""))
    if people is None or people <= 0:
        raise DataError(
            f"{name}: line {line}: the population must be a number above 0, such as 1234 or "
            "1,234.5. Leave out a category in which nobody lives."
        )
    source, date, licence = (row.get(key, "") for key in ("source", "date", "licence"))
    return margin, _Row(
        line, category, people, source, date, licence, row.get("status", "").lower()
    )


def figure(cell: str) -> float | None:
    """A number as written, thousands grouped or not; None where it is none."""
    if _GROUPED.fullmatch(cell):
        cell = re.sub(r"[^0-9.]", "", cell)
    try:
        people = float(cell)
    except ValueError:
        return None
    return people if math.isfinite(people) else None


def _margin(key: str, entries: list[_Row], name: str) -> Margin:
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.category in seen:
            raise DataError(
                f"{name}: margin “{key}” has “{entry.category}” more than once (lines "
                f"{seen[entry.category]} and {entry.line}). Keep one row a category."
            )
        seen[entry.category] = entry.line
        if entry.status not in ("", "official", "illustrative"):
            raise DataError(
                f"{name}: line {entry.line}: margin “{key}” has the status “{entry.status}”; "
                "write official or illustrative."
            )
    statuses = {entry.status for entry in entries if entry.status}
    # One invented figure makes the whole margin illustrative.
    status = "illustrative" if "illustrative" in statuses else next(iter(statuses), "")
    first = {
        what: next((text for entry in entries if (text := getattr(entry, what))), "")
        for what in ("source", "date", "licence")
    }
    categories = tuple(entry.category for entry in entries)
    return Margin(key, categories, tuple(e.people for e in entries), status=status, **first)


def _check_totals(margins: tuple[Margin, ...], name: str) -> None:
    first = margins[0]
    for other in margins[1:]:
        if abs(other.total - first.total) > TOTALS_AGREE * first.total:
            raise DataError(
                f"{name}: margin “{first.name}” adds up to {first.total:,.10g} people and "
                f"“{other.name}” to {other.total:,.10g}. All margins must describe the same "
                "population; scale one to the other."
            )
