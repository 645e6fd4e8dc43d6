"""Official population figures made into margins: areas picked, years of age banded, crossed.

The file is read by `official_tables`; what is written is read by `population`.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from analysis.errors import DataError, listed
from analysis.official_tables import AGE, AREA, Ages, Count, Table, ages
from analysis.official_tables import read as read_table
from analysis.population import CROSS, Margin

COLUMNS = ("margin", "category", "population", "source", "date", "licence", "status")
MOST_AGES = 25
"""With more categories of age than this they are single years, and need bands."""
LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Band:
    """Years of age under one name; `last` is None for all from the first."""

    label: str
    first: int
    last: int | None

    def holds(self, years: Ages) -> bool:
        """Whether all these years are in it."""
        return self.first <= years[0] and (
            self.last is None or (years[1] is not None and years[1] <= self.last)
        )

    def cuts(self, years: Ages) -> bool:
        """Whether some of these years are in it and others are not."""
        below = years[1] is not None and years[1] < self.first
        above = self.last is not None and years[0] > self.last
        return not (below or above or self.holds(years))


def bands_of(text: str) -> tuple[Band, ...]:
    """Bands written as “16-24,25-34,75+”.

    Raises DataError when one cannot be read or two overlap.
    """
    bands = []
    for label in (part.strip() for part in text.split(",") if part.strip()):
        years = ages(label)
        if years is None or (years[1] is not None and years[1] < years[0]):
            raise DataError(f"The band of ages “{label}” is not like 16-24 or 75+.")
        bands.append(Band(label, *years))
    for one, following in pairwise(bands):
        if one.last is None or following.first <= one.last:
            raise DataError(f"The bands “{one.label}” and “{following.label}” overlap.")
    return tuple(bands)


def read(
    path: Path,
    areas: Sequence[str] | None = None,
    bands: str | Sequence[Band] | None = None,
    renames: Mapping[str, str] | None = None,
    adults_from: int | None = None,
) -> Table:
    """The counts of a file of Nomis or ONS, of these areas and ages, under these names.

    `renames` gives categories other names; those that share one are added up. Raises DataError
    when the file is of no known layout, an area is not in it, or a band cuts through its ages.
    """
    table = _areas(read_table(path), areas)
    chosen = bands_of(bands) if isinstance(bands, str) else tuple(bands or ())
    table = _ages(table, chosen, adults_from)
    named = renames or {}
    unknown = sorted(set(named) - {k for count in table.counts for k in count.of.values()})
    if unknown:
        raise DataError(
            f"{table.name}: there is no category {listed(unknown)} to rename. It has: "
            f"{listed([k for d in table.dimensions for k in table.categories(d)], 30)}."
        )
    counts = (
        Count({d: named.get(k, k) for d, k in count.of.items()}, count.people)
        for count in table.counts
    )
    return replace(table, counts=tuple(counts))


def margins(
    table: Table, names: Sequence[str], called: Mapping[str, str] | None = None
) -> tuple[Margin, ...]:
    """Margins by dimensions, several crossed as `area*age*sex`.

    `called` gives dimensions the names of questions. Categories in which nobody lives are left
    out. Raises DataError when the file does not count by a dimension.
    """
    made = []
    for name in names:
        dimensions = [part.strip() for part in name.split(CROSS)]
        missing = [d for d in dimensions if d not in table.dimensions]
        if missing:
            raise DataError(
                f"{table.name}: people are not counted by {listed(missing)}, but by "
                f"{listed(list(table.dimensions))}."
            )
        totals: dict[str, float] = {}
        for count in table.counts:
            category = CROSS.join(count.of[d].replace(CROSS, " ") for d in dimensions)
            totals[category] = totals.get(category, 0) + count.people
        lived = {category: people for category, people in totals.items() if people > 0}
        if not lived:
            raise DataError(f"{table.name}: nobody is counted in “{name}”.")
        asked = CROSS.join((called or {}).get(d, d) for d in dimensions)
        about = (table.source, table.date, "official", table.licence)
        made.append(Margin(asked, tuple(lived), tuple(lived.values()), *about))
    return tuple(made)


def write(path: Path, made: Sequence[Margin]) -> None:
    """The margins as CSV that `analysis.population.read` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for margin in made:
        about = (margin.source, margin.date, margin.licence, margin.status)
        for category, people in zip(margin.categories, margin.totals, strict=True):
            whole = int(people) if people == int(people) else people
            writer.writerow((margin.name, category, whole, *about))
    path.write_text(out.getvalue(), encoding="utf-8")


def run(
    path: Path,
    out: Path,
    *,
    names: Sequence[str],
    areas: Sequence[str] | None = None,
    bands: str | None = None,
    renames: Mapping[str, str] | None = None,
    called: Mapping[str, str] | None = None,
    adults_from: int | None = None,
) -> str:
    """Write the margins `names` of an official file as T.csv; what was done, in lines."""
    table = read(path, areas, bands, renames, adults_from)
    made = margins(table, names, called)
    write(out, made)
    lines = [f"{path.name}: {table.source}, {table.date or 'without a date'}; {table.licence}."]
    lines += [f"{m.name}: {len(m.categories)} categories, {m.total:,.10g} people." for m in made]
    if not table.date:
        lines.append("Write the date of the figures into the column date.")
    return "\n".join(lines)


def _areas(table: Table, areas: Sequence[str] | None) -> Table:
    counts = table.counts
    if areas:
        there = table.categories(AREA)
        missing = [area for area in areas if area not in there]
        if missing:
            raise DataError(
                f"{table.name}: there is no area {listed(missing)}. It has: {listed(there, 20)}."
            )
        counts = tuple(count for count in counts if count.of[AREA] in set(areas))
    levels = list(dict.fromkeys(count.of.get(LEVEL, "") for count in counts))
    if len(levels) > 1:
        raise DataError(
            f"{table.name}: the areas are of several levels ({listed(levels)}), one within "
            "another. Name those wanted, of one level."
        )
    counts = tuple(
        Count({d: k for d, k in count.of.items() if d != LEVEL}, count.people) for count in counts
    )
    return replace(table, counts=counts)


def _ages(table: Table, bands: Sequence[Band], adults_from: int | None) -> Table:
    if AGE not in table.dimensions:
        if bands or adults_from is not None:
            raise DataError(f"{table.name}: people are not counted by age, so none can be chosen.")
        return table
    labels = table.categories(AGE)
    spans = {label: ages(label) for label in labels}
    unread = [label for label, years in spans.items() if years is None]
    if unread and (bands or adults_from is not None):
        raise DataError(f"{table.name}: {listed(unread)} cannot be read as ages.")
    if not bands and len(labels) > MOST_AGES:
        raise DataError(
            f"{table.name}: there are {len(labels)} single years of age. Name bands, such as "
            "16-24,25-44,45-64,65+."
        )
    placed = {
        label: _band(table.name, label, years, bands, adults_from) for label, years in spans.items()
    }
    counts = tuple(
        Count({**count.of, AGE: name}, count.people)
        for count in table.counts
        if (name := placed[count.of[AGE]]) is not None
    )
    if not counts:
        raise DataError(f"{table.name}: nobody is of the ages chosen.")
    return replace(table, counts=counts)


def _band(
    name: str, label: str, years: Ages | None, bands: Sequence[Band], adults_from: int | None
) -> str | None:
    """The band that a category of age is in; None where it is left out."""
    if years is None:
        return label
    limits = (
        [*bands] if adults_from is None else [*bands, Band(f"{adults_from}+", adults_from, None)]
    )
    cut = next((band for band in limits if band.cuts(years)), None)
    if cut is not None:
        raise DataError(
            f"{name}: the ages “{label}” lie only partly in “{cut.label}”. Choose bands that "
            "begin and end where the file's do, or download single years of age."
        )
    if adults_from is not None and years[0] < adults_from:
        return None
    if bands:
        return next((band.label for band in bands if band.holds(years)), None)
    first, last = years
    return f"{first}+" if last is None else f"{first}" if last == first else f"{first}-{last}"
