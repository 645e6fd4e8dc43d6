"""Population margins to weight to: `margin,category,population`, one row a category."""

import csv
import hashlib
import io
import math
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import DataError, listed

TOTALS_AGREE = 1e-9
CROSS = "*"


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

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions the margin crosses; one for a plain margin."""
        return tuple(self.name.split(CROSS))

    @property
    def total(self) -> float:
        """People in the population, over all its categories."""
        return math.fsum(self.totals)


@dataclass(frozen=True, slots=True)
class Population:
    """Margins whose totals agree."""

    margins: tuple[Margin, ...]
    sha256: str
    name: str

    @property
    def total(self) -> float:
        """People in the population, by the first margin."""
        return self.margins[0].total

    def find(self, name: str) -> Margin | None:
        """The margin of that name, if there is one."""
        return next((m for m in self.margins if m.name == name), None)


def read(path: Path | str) -> Population:
    """Read population margins from CSV.

    Raises DataError when a column is missing, a figure is not a positive number, a category comes
    twice, a crossed category does not fit its margin, or two margins' totals disagree by more than
    1e-9 of themselves.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise DataError(f"{path.name}: not UTF-8 text. Save it as “CSV UTF-8”.") from None
    rows = list(csv.DictReader(io.StringIO(text)))
    missing = {"margin", "category", "population"} - set(rows[0] if rows else ())
    if missing:
        raise DataError(
            f"{path.name}: needs the columns margin,category,population and at least one row; "
            f"missing: {listed(sorted(missing))}."
        )
    margins = _margins(rows, path.name)
    _check_totals(margins, path.name)
    return Population(margins, hashlib.sha256(content).hexdigest(), path.name)


def _margins(rows: list[dict[str, str]], name: str) -> tuple[Margin, ...]:
    gathered: dict[str, list[tuple[str, float, dict[str, str]]]] = {}
    for line, row in enumerate(rows, start=2):
        margin, category = (row["margin"] or "").strip(), (row["category"] or "").strip()
        if not margin or not category:
            raise DataError(f"{name}: line {line} has no margin or no category.")
        if margin.count(CROSS) != category.count(CROSS) and CROSS in margin:
            raise DataError(
                f"{name}: line {line}: the margin “{margin}” crosses "
                f"{margin.count(CROSS) + 1} questions, so “{category}” must name as many "
                f"categories joined by {CROSS}."
            )
        gathered.setdefault(margin, []).append((category, _people(row, name, line), row))
    return tuple(_margin(key, entries, name) for key, entries in gathered.items())


def _people(row: dict[str, str], name: str, line: int) -> float:
    try:
        people = float((row["population"] or "").replace(",", ""))
    except ValueError:
        people = math.nan
    if not (math.isfinite(people) and people > 0):
        raise DataError(
            f"{name}: line {line}: the population must be a number above 0. "
            "Leave out a category in which nobody lives."
        )
    return people


def _margin(key: str, entries: list[tuple[str, float, dict[str, str]]], name: str) -> Margin:
    categories = tuple(category for category, _, _ in entries)
    twice = sorted({c for c in categories if categories.count(c) > 1})
    if twice:
        raise DataError(f"{name}: margin “{key}” has {listed(twice)} more than once.")
    said = [tuple((row.get(k) or "").strip() for k in ("source", "date", "status"))
            for _, _, row in entries]  # fmt: skip
    source, date, _ = next((s for s in said if any(s)), ("", "", ""))
    statuses = {s[2] for s in said if s[2]}
    unknown = sorted(statuses - {"official", "illustrative"})
    if unknown:
        raise DataError(
            f"{name}: margin “{key}” has the status {listed(unknown)}; "
            "write official or illustrative."
        )
    # One invented figure makes the whole margin illustrative.
    status = "illustrative" if "illustrative" in statuses else next(iter(statuses), "")
    return Margin(key, categories, tuple(p for _, p, _ in entries), source, date, status)


def _check_totals(margins: tuple[Margin, ...], name: str) -> None:
    first = margins[0]
    for other in margins[1:]:
        if abs(other.total - first.total) > TOTALS_AGREE * first.total:
            raise DataError(
                f"{name}: margin “{first.name}” adds up to {first.total:,.10g} people and "
                f"“{other.name}” to {other.total:,.10g}. All margins must describe the same "
                "population; scale one to the other."
            )
