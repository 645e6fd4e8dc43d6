"""Tables of Nomis and the Office for National Statistics, read as counts of people.

Four layouts: Nomis's download (preamble, areas down, categories across), the answers of Nomis's
API (a row a figure), ONS's Census 2021 custom datasets (the same, with codes), and ONS's mid-year
estimates (a workbook with areas down and single years of age across).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis import delimited
from analysis.errors import DataError, listed
from analysis.population import figure

LICENCE = "Open Government Licence v3.0"
AREA, AGE, SEX = "area", "age", "sex"
_SEXES = {"male": "Male", "males": "Male", "female": "Female", "females": "Female"}
_TOTAL = re.compile(
    r"(total|all (persons|people|usual residents|ages|categories|residents)|persons|people"
    r"|both sexes|male and female)\b.*",
    re.I,
)
_PLACE = re.compile(
    r"local authorit|output area|electoral ward|wards?\b|regions?\b|countr(y|ies)|geograph|county"
    r"|counties|unitary|parish|parliamentary|police force|district",
    re.I,
)
_CLASSES = re.compile(r"\s*\([0-9]+ categories\)\s*$| *\([A-Z]\)(?= |$)")
_AGES = (
    (re.compile(r"(?:aged? )?(?:under|less than) (\d+)\b.*", re.I), lambda a: (0, a - 1)),
    (re.compile(r"(?:aged? )?(\d+)(?: years)? (?:and|or) (?:under|below|younger)", re.I),
     lambda a: (0, a)),
    (re.compile(r"(?:aged? )?(\d+)(?:\+| ?(?:years )?(?:and|or) (?:over|above|older))", re.I),
     lambda a: (a, None)),
    (re.compile(r"(?:aged? )?(\d+)(?: years?(?: old)?)?", re.I), lambda a: (a, a)),
)  # fmt: skip
_SPAN = re.compile(r"(?:aged? )?(\d+) ?(?:to|-|–) ?(\d+)(?: years)?", re.I)

Ages = tuple[int, int | None]
"""The first and the last year of age; None for all from the first."""


@dataclass(frozen=True, slots=True)
class Count:
    """People who are all of the categories: dimension → category."""

    of: Mapping[str, str]
    people: float


@dataclass(frozen=True, slots=True)
class Table:
    """The counts of a file, and where they are from."""

    counts: tuple[Count, ...]
    source: str
    date: str
    licence: str
    name: str

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What the people are counted by."""
        return tuple(self.counts[0].of)

    def categories(self, dimension: str) -> list[str]:
        """The categories of a dimension in the order of the file."""
        return list(dict.fromkeys(count.of[dimension] for count in self.counts))


def ages(label: str) -> Ages | None:
    """The years of age that a category names, such as “Aged 16 to 24 years” or “90+”."""
    span = _SPAN.fullmatch(label.strip())
    if span is not None:
        return int(span[1]), int(span[2])
    for form, limits in _AGES:
        found = form.fullmatch(label.strip())
        if found is not None:
            return limits(int(found[1]))
    return None


def read(path: Path) -> Table:
    """The counts of a downloaded file, totals left out.

    Raises DataError when it is of none of the layouts, or a figure is no number.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from None
    if path.suffix.lower() == ".xlsx":
        return _estimates(path.name, content)
    lines = list(delimited.lines(path.name, content))
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    if header and header[-1] == "Observation":
        return _census(path.name, header, lines[1:])
    if {"GEOGRAPHY_NAME", "OBS_VALUE"} <= {cell.upper() for cell in header}:
        return _api(path.name, [cell.upper() for cell in header], lines[1:])
    if any(_years(row) for _, row in lines[:30]):
        return _table(path.name, list(_by_age(path.name, lines, {})), *_estimated(lines))
    return _download(path.name, lines)


Lines = Sequence[tuple[int, list[str]]]


def _table(name: str, counts: list[Count], source: str, date: str) -> Table:
    if not counts:
        raise DataError(
            f"{name}: no figures were found. Download it again from Nomis or ONS as CSV (or the "
            "workbook of mid-year estimates as XLSX) and do not edit it before."
        )
    return Table(tuple(_without_totals(counts)), source, date, LICENCE, name)


def _without_totals(counts: list[Count]) -> Iterator[Count]:
    """Totals go where their parts are there too; a dimension of nothing but a total goes."""
    kinds = {d: {c.of[d] for c in counts} for d in counts[0].of}
    parts = {d: {k for k in found if not _TOTAL.fullmatch(k)} for d, found in kinds.items()}
    for count in counts:
        of = {d: k for d, k in count.of.items() if parts[d]}
        if all(k in parts[d] for d, k in of.items()):
            yield Count(of, count.people)


def _people(name: str, line: int, cell: str) -> float:
    people = figure(cell.strip())
    if people is None or people < 0:
        raise DataError(
            f"{name}: line {line}: a figure is missing or is no number. Choose a table without "
            "withheld figures, or fewer categories."
        )
    return people


def _dimension(header: str) -> str:
    """area, age or sex, else the header without its number of categories, in small letters."""
    name = _CLASSES.sub("", _CLASSES.sub("", header)).strip()
    if re.match(r"age\b", name, re.I):
        return AGE
    if re.match(r"(sex|gender)\b(?! ident)", name, re.I):
        return SEX
    return AREA if _PLACE.search(name) else re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _tidy(dimension: str, category: str) -> str:
    category = category.strip()
    return _SEXES.get(category.lower(), category) if dimension == SEX else category


def _census(name: str, header: list[str], lines: Lines) -> Table:
    """ONS Census 2021: `… Code,…` for each dimension, then `Observation`."""
    named = {k: _dimension(h) for k, h in enumerate(header[:-1]) if not h.endswith(" Code")}
    if AREA not in named.values() and named:
        named[min(named)] = AREA
    codes = [k for k, h in enumerate(header) if h.endswith(" Code")]
    counts = []
    for line, row in lines:
        if len(row) != len(header):
            raise DataError(f"{name}: line {line} has {len(row)} cells, not {len(header)}.")
        # -8 marks those to whom the question does not apply, such as children in a count of jobs.
        if any(row[k].strip() == "-8" for k in codes):
            continue
        of = {d: _tidy(d, row[k]) for k, d in named.items()}
        counts.append(Count(of, _people(name, line, row[-1])))
    return _table(name, counts, "Office for National Statistics, Census 2021", "2021-03-21")


def _api(name: str, header: list[str], lines: Lines) -> Table:
    """Nomis's API: `DATE_NAME,GEOGRAPHY_NAME,…,C_SEX_NAME,…,OBS_VALUE`."""
    place = {h: k for k, h in enumerate(header)}
    left_out = r"(DATE|MEASURES?|OBS_\w+|FREQ|CELL_\w*TYPE)_NAME|.*_TYPE_NAME"
    named = {
        k: _api_dimension(h) for h, k in place.items()
        if h.endswith("_NAME") and not re.fullmatch(left_out, h)
    }  # fmt: skip
    dates: dict[str, None] = {}
    counts = []
    for line, row in lines:
        if len(row) != len(header):
            raise DataError(f"{name}: line {line} has {len(row)} cells, not {len(header)}.")
        measure = row[place["MEASURES_NAME"]] if "MEASURES_NAME" in place else "Value"
        if measure.strip().lower() not in ("value", "count"):
            continue
        dates[row[place["DATE_NAME"]].strip() if "DATE_NAME" in place else ""] = None
        of = {d: _tidy(d, row[k]) for k, d in named.items()}
        counts.append(Count(of, _people(name, line, row[place["OBS_VALUE"]])))
    if len(dates) > 1:
        raise DataError(f"{name}: holds the dates {listed(list(dates))}. Download one of them.")
    return _table(name, counts, "Office for National Statistics, from Nomis", "".join(dates))


def _api_dimension(header: str) -> str:
    """C_SEX_NAME, GENDER_NAME and C2021_SEX_2_NAME are sex; likewise age."""
    words = re.sub(r"^C(20[0-9]{2})?_|_NAME$", "", header).split("_")
    if words[0] in ("SEX", "GENDER"):
        return SEX
    if words[0] == "GEOGRAPHY":
        return AREA
    return AGE if words[0] == "AGE" else "_".join(w for w in words if not w.isdigit()).lower()


def _download(name: str, lines: Lines) -> Table:
    """Nomis's download: title, copyright, always `"Date :","2021"`, header, areas; footnotes last.

    A table of two crossed questions comes as several such blocks, one a category of the first.
    """
    about: dict[str, str] = {}
    columns: dict[int, dict[str, str]] = {}
    counts: list[Count] = []
    title = lines[0][1][0].strip() if lines else ""
    for line, row in lines:
        cells = [cell.strip() for cell in row]
        label = cells[0].rstrip(": ").strip()
        filled = [cell for cell in cells if cell]
        if len(filled) == 2 and cells[0].endswith(":"):
            about[label.lower()] = cells[1]
            columns = {}
        elif about and not columns and len(filled) > 1 and figure(filled[-1]) is None:
            columns = _across(cells)
        elif columns and len(filled) > 1:
            fixed = {d: _tidy(d, about[d]) for d in (SEX, AGE) if d in about}
            fixed |= {SEX: _tidy(SEX, about["gender"])} if "gender" in about else {}
            for k, of in columns.items():
                people = _people(name, line, cells[k] if k < len(cells) else "")
                counts.append(Count({AREA: _bare(label), **fixed, **of}, people))
    source = f"Office for National Statistics, from Nomis: {title}"
    return _table(name, counts, source, about.get("date", ""))


def _bare(area: str) -> str:
    """`lad2022:Rugby` and `Rugby (district)` are Rugby."""
    return re.sub(r"^[a-z]+[0-9]*:", "", area).strip()


def _across(cells: Sequence[str]) -> dict[int, dict[str, str]]:
    """What each column counts; columns of codes, per cents and flags are left out."""
    found: dict[int, dict[str, str]] = {}
    for k, cell in enumerate(cells[1:], start=1):
        if not cell or cell.lower() in ("mnemonic", "%", "percent", "flag", "flags", "code"):
            continue
        parts = [part.strip() for part in re.split(r"[;:,] ", cell)]
        of: dict[str, str] = {}
        for part in parts:
            kind = SEX if part.lower() in _SEXES else AGE if ages(part) else ""
            if kind:
                of[kind] = _tidy(kind, part)
        found[k] = of or {"category": cell}
    # A total stands among its parts: it is one in whatever they are.
    dimensions = dict.fromkeys(d for of in found.values() for d in of if d != "category")
    if dimensions:
        found = {
            k: {d: of.get(d, of.get("category", "Total")) for d in dimensions}
            for k, of in found.items()
        }
    return found


def _years(row: Sequence[str]) -> list[int]:
    """The columns of single years of age, where the row is the header of mid-year estimates."""
    cells = [cell.strip() for cell in row]
    if "Name" not in cells or not any(cell.lower() == "all ages" for cell in cells):
        return []
    return [k for k, cell in enumerate(cells) if re.fullmatch(r"[0-9]+\+?", cell)]


def _by_age(name: str, lines: Lines, fixed: Mapping[str, str]) -> Iterator[Count]:
    header: list[str] = []
    for line, row in lines:
        cells = [cell.strip() for cell in row]
        if not header and _years(row):
            header = cells
        elif header and len([cell for cell in cells if cell]) > 3:
            level = next((k for k, h in enumerate(header) if h.startswith("Geography")), None)
            of = {AREA: cells[header.index("Name")], **fixed}
            of |= {"level": cells[level]} if level is not None else {}
            for k in _years(header):
                yield Count({**of, AGE: header[k]}, _people(name, line, cells[k]))


def _estimated(lines: Lines) -> tuple[str, str]:
    """Where mid-year estimates are from, and of when, by the lines above their header."""
    head = " ".join(cell for _, row in lines[:12] for cell in row[:4])
    year = re.search(r"mid[- ]?(20[0-9]{2})", head, re.I) or re.search(r"\b(20[0-9]{2})\b", head)
    said = "Office for National Statistics, mid-year population estimates"
    return said, f"{year[1]}-06-30" if year else ""


def _estimates(name: str, content: bytes) -> Table:
    """The workbook of mid-year estimates: sheets of men and women if there, else of all."""
    from analysis import workbook

    counts: list[Count] = []
    about = ("", "")
    sheets = workbook.sheets(name, content)
    by_sex = {s: sex for s in sheets for word, sex in _SEXES.items()
              if re.search(rf"\b{word}\b", s, re.I)}  # fmt: skip
    for sheet in by_sex or sheets:
        lines = list(enumerate(workbook.rows(name, content, sheet), start=1)) if sheet else []
        if not any(_years(row) for _, row in lines[:30]):
            continue
        fixed = {SEX: by_sex[sheet]} if sheet in by_sex else {}
        counts += _by_age(name, lines, fixed)
        about = _estimated(lines)
        if not by_sex:
            break
    return _table(name, counts, *about)
