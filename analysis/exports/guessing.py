"""A mapping for an export, made from its headers and cells for an analyst to look over."""

import re
from collections import Counter
from collections.abc import Iterator

from analysis.codebook import NUMERIC_DISTINCT
from analysis.exports import people, scales
from analysis.exports.grid import Block, Grid, Part
from analysis.exports.layouts import number, worded
from analysis.exports.mapping import BETWEEN, RESERVED, WRITTEN_IN, Entry, Mapping
from analysis.exports.tools import LIMESURVEY, Tool, about

TICKED = frozenset({"1", "y", "yes", "x", "true", "ticked", "checked", "selected"})
UNTICKED = frozenset({"0", "n", "no", "false", "unticked", "unchecked", "not selected", ""})
LISTED = 40
"""Different answers that a list to choose from has at most."""
LONG = 80
"""Letters of an option at most."""
FEW, MANY = 3, 50
"""Answers that come once were written in if there are so many of them, or of all answers."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d( 00:00:00)?|\d\d?/\d\d?/\d{4}")

Guess = tuple[str, str, str]
"""A type, the options, and why."""


def mapping(grid: Grid, tool: Tool, why: str) -> Mapping:
    """The mapping, a row a column of the export."""
    own = about(tool, grid)
    found = {
        place: Entry(
            place + 1, grid.headers[place], grid.second[place], "", kind, "", "", keep, reason
        )
        for place, (kind, keep, reason) in own.items()
    }
    names: set[str] = set(RESERVED)
    for block in tool.blocks(grid, set(own)):
        for entry in _entries(grid, tool, block, names):
            found[entry.column - 1] = entry
    nothing = "it has no header"
    entries = [
        found.get(k) or Entry(k + 1, header, grid.second[k], "", "", "", "", False, nothing)
        for k, header in enumerate(grid.headers)
    ]
    return Mapping(tuple(entries), tool.name, why)


def _entries(grid: Grid, tool: Tool, block: Block, names: set[str]) -> Iterator[Entry]:
    """The rows of a question, named after the tool's code, its number or its place."""
    name = _named(block, names)
    text = worded(block.text)
    cells = {p.place: _answers(grid, tool, p.place) for p in block.parts}
    open_parts = [p for p in block.parts if p.kind in ("other", "comment")]
    own = [p for p in block.parts if p not in open_parts]
    if not own:
        own, open_parts = open_parts, []
    together = _together(grid, own, cells, tool)
    used = False
    # Options have something written in beside them, and SurveyMonkey says “Response” above them.
    chosen = len(own) == 1 and (
        any(p.kind == "other" for p in open_parts)
        or grid.second[own[0].place].lower() == "response"
    )
    for k, part in enumerate(own, start=1):
        unique = name if together or len(own) == 1 else _free(f"{name}_{k}", names)
        entry = _entry(grid, part, unique, text, cells[part.place], together, chosen)
        used = used or entry.keep
        yield entry
    for part in open_parts:
        yield _written(grid, part, name, text, cells[part.place], names, own, together, used)


def _entry(
    grid: Grid, part: Part, name: str, text: str, cells: list[str], together: Guess | None,
    chosen: bool,
) -> Entry:  # fmt: skip
    kind, option, why = together or single(cells, chosen)
    if together and kind != "places":
        option = option or part.label
    personal = people.identifying(text, worded(part.label), cells if not together else [])
    if together and kind in ("choices", "ranking") and part.label:
        personal = ""  # a box to tick beside the word “e-mail” names nobody
    keep = bool(cells) or bool(together)
    if personal:
        keep, why = False, f"{personal}, so it is left out"
    elif not keep:
        why = "nobody answered it"
    role = people.role(text) if kind == "choice" and not part.label else ""
    return Entry(
        part.place + 1, grid.headers[part.place], grid.second[part.place], name, kind, role,
        option, keep, why,
    )  # fmt: skip


def _written(
    grid: Grid, part: Part, name: str, text: str, cells: list[str], names: set[str],
    own: list[Part], together: Guess | None, used: bool,
) -> Entry:  # fmt: skip
    """A column of text beside the options of a question."""
    personal = people.identifying(text, "", cells)
    belongs = part.kind == "other" and used and (len(own) == 1 or together is not None)
    if belongs:
        kind, unique = "other", name
        why = "written in beside the options; whoever filled it in counts as “Other”"
    else:
        kind, unique = "long_text", _free(f"{name}_text", names)
        why = "a comment beside the question"
    keep = bool(cells) and not personal
    if not keep:
        why = f"{personal}, so it is left out" if personal else "nobody filled it in"
    return Entry(
        part.place + 1, grid.headers[part.place], grid.second[part.place], unique, kind, "", "",
        keep, why,
    )  # fmt: skip


def _named(block: Block, names: set[str]) -> str:
    code = re.sub(r"\W|[^\x00-\x7f]", "_", block.code).strip("_")
    own = number(block.text)
    wanted = code or (f"q{own}" if own else "")
    if not wanted or wanted in names:
        wanted = f"q{1 + sum(1 for n in names if n.startswith('q') and n[1:].isdecimal())}"
    return _free(wanted, names)


def _free(name: str, names: set[str]) -> str:
    unique, k = name, 1
    while unique in names:
        k += 1
        unique = f"{name}_v{k}"
    names.add(unique)
    return unique


def _answers(grid: Grid, tool: Tool, place: int) -> list[str]:
    cells = (" ".join(c.split()) if len(c) <= LONG else c for c in grid.column(place))
    return [tool.codes.get(c, c) for c in cells if c and c not in tool.not_asked]


def _together(
    grid: Grid, parts: list[Part], cells: dict[int, list[str]], tool: Tool
) -> Guess | None:
    """What several columns are of one question; None where each is a question of its own."""
    if len(parts) < 2 and not (parts and parts[0].label):
        return None
    if all(p.kind == "place" for p in parts):
        return "places", "", "the option ranked in this place"
    if not all(p.label for p in parts):
        return None
    if len(parts) > 1 and _ranks([grid.column(p.place) for p in parts]):
        return "ranking", "", "each option's rank, 1 first"
    if tool is LIMESURVEY:
        return _lime_boxes(parts, cells)
    if any(cells[p.place] for p in parts) and all(
        _box(cells[p.place], p.label, k) for k, p in enumerate(parts, start=1)
    ):
        return "choices", "", "a box to tick: its cells hold the option or nothing"
    return None


def _lime_boxes(parts: list[Part], cells: dict[int, list[str]]) -> Guess | None:
    values = {c.lower() for p in parts for c in cells[p.place]}
    if values and values <= {"y", "n", "yes", "no"}:
        why = "a box to tick; if it is a table of yes and no, write choice and a name for each"
        return "choices", "", why
    return None


def _box(cells: list[str], label: str, place: int) -> bool:
    """Whether a column's cells are ticks: the option itself, a mark, or the option's number."""
    values = {" ".join(c.split()).lower() for c in cells} - UNTICKED
    marks = {*TICKED, " ".join(label.split()).lower()}
    return values <= marks or values == {str(place)}


def _ranks(columns: list[tuple[str, ...]]) -> bool:
    """Whether the columns hold ranks: figures up to their number, in no row the same twice."""
    places = {str(k) for k in range(1, len(columns) + 1)}
    most = 0
    for row in zip(*columns, strict=True):
        given = [cell for cell in row if cell and cell.upper() != "N/A"]
        if len(set(given)) < len(given) or not places.issuperset(given):
            return False
        most = max(most, len(given))
    return most > 1 and len({cell for column in columns for cell in column} & places) > 1


def single(cells: list[str], chosen: bool = False) -> Guess:
    """The type of a question with one column, from its answers.

    `chosen` says that its headers tell of options.
    """
    values = Counter(cells)
    if not values:
        return "short_text", "", ""
    if any(";" in c for c in cells) and (found := _list_in_a_cell(cells)):
        return found
    if all(_DAY.fullmatch(c) for c in cells):
        return "date", "", "its answers are days"
    if all(_figure(c) for c in cells) and len(values) > NUMERIC_DISTINCT:
        return "number", "", "its answers are numbers"
    listed = _listed(values)
    if listed:
        why = "its answers come again and again"
        if WRITTEN_IN in listed:
            why += "; those that come once were written in"
        joined = "" if any("|" in v for v in listed) else BETWEEN.join(listed)
        return "choice", joined, why
    longest = max(map(len, values))
    if chosen and longest <= LONG and len(values) <= LISTED:
        options = BETWEEN.join(scales.ordered(values))
        return "choice", "" if "|" in "".join(values) else options, "its headers tell of options"
    if longest > LONG or sum(c.count(" ") for c in cells) > 3 * len(cells):
        return "long_text", "", "its answers are sentences"
    return "short_text", "", "its answers are words of their own"


def _figure(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", cell))


def _listed(values: Counter[str]) -> list[str]:
    """The options, if the answers look like chosen from a list."""
    total = sum(values.values())
    if scales.known(values) or all(_figure(v) for v in values):
        return scales.ordered(values)
    chosen = [v for v, times in values.items() if times > 1 and len(v) <= LONG]
    rare = len(values) - len(chosen)
    # One or two answers of few that nobody else gave are options; more were written in.
    if rare and (rare >= FEW or total >= MANY):
        often = sum(values[v] for v in chosen)
        if 1 < len(chosen) <= LISTED and often * 3 >= total * 2:
            return [*scales.ordered(chosen), WRITTEN_IN]
        return []
    short = max(map(len, values)) <= LONG and len(values) <= LISTED
    return scales.ordered(values) if short and len(values) * 2 <= total else []


def _list_in_a_cell(cells: list[str]) -> Guess | None:
    """Options with semicolons between or after them, as Microsoft Forms writes them."""
    rows = [[part.strip() for part in c.split(";") if part.strip()] for c in cells]
    values = Counter(part for row in rows for part in row)
    ended = sum(c.endswith(";") for c in cells)
    listed = _listed(values)
    if not (ended * 5 >= len(cells) * 4 or (listed and any(";" in c for c in cells))):
        return None
    options = listed or scales.ordered(values)
    joined = "" if any("|" in v for v in options) else BETWEEN.join(options)
    if len({frozenset(row) for row in rows}) == 1 and len({tuple(row) for row in rows}) > 1:
        return "ranking", joined, "every cell holds all options, each time in another order"
    if WRITTEN_IN in options:
        return "choices", joined, "several options in a cell; those that come once were written in"
    return "choices", joined, "several options in a cell"
