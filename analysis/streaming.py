"""Themes of more comments than memory holds: sought among some, then said of all.

The file is read twice. From the first reading comes a sample, the rows whose ids have the smallest
hashes, among which themes and campaigns are sought as among any comments. In the second each part
of the file is redacted, cleaned and sorted by several processes, here or on a Dask cluster, with
the same result. Copies are found by the hash of their words, those of letters with changes against
the letters of the sample.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis import (
    cleaning,
    codebook,
    dataset,
    duplicates,
    files,
    proposing,
    redaction,
    themes,
    weighting,
)
from analysis.campaigns import Campaign
from analysis.endpoint import Endpoint
from analysis.errors import DataError
from analysis.manifest import Manifest
from analysis.progress import Report, silent
from analysis.sorting import OTHER, UNPROCESSED, Sorter
from analysis.themes import Theme, ThemedDataset
from analysis.workers import mapping
from analysis.written import write_json

FROM = 200_000
"""Rows from which on a file is read as a stream."""

SAMPLE, PART = 15_000, 5_000
"""Comments among which themes are sought, and rows of a part of the file."""

MOST_OF_ONE = 4
NONE = 255

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of the file with an answer; days are empty where the file has none."""

    ids: list[str]
    texts: list[str]
    days: list[str]


@dataclass(frozen=True, slots=True)
class Shared:
    """What every process needs: the sorter, themes' ids in order, and letters of campaigns."""

    sorter: Sorter
    names: tuple[str, ...]
    letters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A part after it was sorted: its lines of the two tables, and (rows,) hashes, letters and
    (rows, 4) themes, from which copies are counted. `days` are those of each letter."""

    assignments: str
    apart: str
    why: Counter[str]
    hashes: Hashes
    letters: NDArray[np.int32]
    themes: NDArray[np.uint8]
    days: dict[int, tuple[str, str]]


def rows(path: Path) -> int:
    """How many rows a file has that can be read as a stream; 0 for others."""
    if path.suffix.lower() not in files.SCANNED:
        return 0
    with files.reading(path):
        return int(files.scan(path, None).select(pl.len()).collect(engine="streaming").item())


def parts(path: Path, column: str, id_col: str) -> Iterator[pl.DataFrame]:
    """Parts of a file: ids, answers and, where there is one, the day. Raises DataError."""
    there = files.scan(path, None).collect_schema().names()
    day = next((name for name in themes.DAYS if name in there), None)
    wanted = list(dict.fromkeys([id_col, column, *([day] if day else [])]))
    scanned = files.scan(path, wanted).select(
        pl.col(id_col).alias("id"), pl.col(column).alias("text"),
        (_iso(day) if day else pl.lit("")).alias("day"),
    )  # fmt: skip
    with files.reading(path):
        yield from scanned.collect_batches(chunk_size=PART, maintain_order=True)


def _iso(day: str) -> pl.Expr:
    return pl.when(pl.col(day).str.contains(r"^\d{4}-\d\d-\d\d$")).then(day).otherwise(pl.lit(""))


def theme_file(
    path: Path,
    column: str,
    out: Path,
    *,
    count: int | None = None,
    seed: int = 0,
    id_col: str = "id",
    scheduler: str | None = None,
    endpoint: Endpoint | None = None,
    report: Report = silent,
) -> str:
    """Write the files of the command `themes` for a large file; returns what it says of them.

    Raises DataError as reading a file does, and where no scheduler answers.
    """
    sample, responses, answered = _sampled(path, column, id_col, report)
    found = _sought(path, sample, column, count, seed)
    names = tuple(theme.id for theme in found.themes)
    names += tuple(name for name in (OTHER, UNPROCESSED) if name not in names)
    letters = tuple(campaign.text for campaign in found.campaigns)
    shared = Shared(found.sorter, names, letters)
    out.mkdir(parents=True, exist_ok=True)
    found, told = proposing.written(found, endpoint, out, report)
    counted = _Counted(names, len(letters))
    written = out / "assignments.csv", out / "unprocessed.csv"
    with written[0].open("w", encoding="utf-8", newline="") as assignments, \
            written[1].open("w", encoding="utf-8", newline="") as apart, \
            mapping(sort, shared, scheduler) as sorting:  # fmt: skip
        assignments.write("id,theme,score\n")
        apart.write("id,reason\n")
        for done in sorting(_answers(path, column, id_col)):
            assignments.write(done.assignments)
            apart.write(done.apart)
            counted.add(done)
            report(counted.answers, answered, "Sorting comments into themes")
    return _told(out, found, counted, responses) + told


def _sampled(path: Path, column: str, id_col: str, report: Report) -> tuple[pl.DataFrame, int, int]:
    """The sample, how many rows there are, and how many have an answer."""
    kept: pl.DataFrame | None = None
    hashes: list[Hashes] = []
    responses = answered = 0
    for part in parts(path, column, id_col):
        if part["id"].null_count():
            raise DataError(f"{path.name}: a row has no {id_col}. Give every response one.")
        marks = part["id"].hash(seed=0)
        hashes.append(marks.to_numpy())
        there = part.with_columns(marks.alias("mark")).filter(pl.col("text").is_not_null())
        responses, answered = responses + part.height, answered + there.height
        kept = there if kept is None else pl.concat([kept, there])
        kept = kept.bottom_k(SAMPLE, by="mark")
        report(responses, 20 * responses, "Reading")
    if kept is None or not kept.height:
        raise DataError(f"{path.name}: nobody has answered “{column}”.")
    if len(np.unique(np.concatenate(hashes))) < responses:
        raise DataError(f"{path.name}: an {id_col} comes twice. Give every response its own.")
    return kept.sort("mark", "id").drop("mark"), responses, answered


def _sought(
    path: Path, sample: pl.DataFrame, column: str, count: int | None, seed: int
) -> ThemedDataset:
    """Themes and campaigns of the sample."""
    question = codebook.Question(column, "long_text", column, column, (codebook.Column("text"),))
    book = codebook.Codebook(questions=(question,), title=path.name)
    frame = sample.rename({"day": themes.DAYS[0]})
    manifest = Manifest(path.name, "", sample.height)
    return themes.theme(
        weighting.unweighted(dataset.of(frame, book, manifest)), column, count, seed
    )


def _answers(path: Path, column: str, id_col: str) -> Iterator[Part]:
    for part in parts(path, column, id_col):
        there = part.filter(pl.col("text").is_not_null())
        yield Part(there["id"].to_list(), there["text"].to_list(), there["day"].to_list())


def sort(shared: Shared, part: Part) -> Sorted:
    """A part of the file, redacted, cleaned and sorted into themes. Runs in any process."""
    texts = [found.text for found in redaction.redact_all(part.texts)]
    reasons = [cleaning.unprocessed(said) for said in texts]
    spoken = [k for k, reason in enumerate(reasons) if not reason]
    given: list[list[tuple[str, float]]] = [[(UNPROCESSED, 1.0)] for _ in texts]
    for k, many in zip(spoken, shared.sorter.members([texts[k] for k in spoken]), strict=True):
        given[k] = many
        reasons[k] = cleaning.LANGUAGE if many[0][0] == UNPROCESSED else ""
    place = {name: k for k, name in enumerate(shared.names)}
    of = np.full((len(texts), MOST_OF_ONE), NONE, dtype=np.uint8)
    for k, many in enumerate(given):
        of[k, : len(many)] = [place[name] for name, _ in many]
    letters = np.full(len(texts), -1, dtype=np.int32)
    letters[spoken] = _letters([texts[k] for k in spoken], shared.letters)
    lines = ((i, name, score) for i, many in zip(part.ids, given, strict=True)
             for name, score in many)  # fmt: skip
    apart = ((i, reason) for i, reason in zip(part.ids, reasons, strict=True) if reason)
    return Sorted(
        _csv(lines), _csv(apart), Counter(reason for reason in reasons if reason),
        _same(texts), letters, of, _days(letters, part.days),
    )  # fmt: skip


def _same(texts: Sequence[str]) -> Hashes:
    """(texts,): alike for the same words, whatever their case and punctuation."""
    plain = pl.Series(texts, dtype=pl.String).str.to_lowercase()
    plain = plain.str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars()
    return plain.hash(seed=0).to_numpy()


def _letters(texts: Sequence[str], letters: Sequence[str]) -> NDArray[np.int32]:
    """(texts,): which of the letters each is a copy of; -1 for none."""
    found = np.full(len(texts), -1, dtype=np.int32)
    if letters and texts:
        first = duplicates.find([*letters, *texts]).first
        found[:] = np.where(first[len(letters) :] < len(letters), first[len(letters) :], -1)
    return found


def _days(letters: NDArray[np.int32], days: Sequence[str]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for k in np.flatnonzero(letters >= 0).tolist():
        letter, day = int(letters[k]), days[k]
        if day:
            low, high = found.get(letter, (day, day))
            found[letter] = (min(low, day), max(high, day))
    return found


def _csv(lines: Iterator[tuple[object, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()


def _again(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """(rows,): whether a value stood further up already."""
    again = np.ones(len(values), dtype=bool)
    again[np.unique(values, return_index=True)[1]] = False
    return again


class _Counted:
    """What is counted over all parts."""

    def __init__(self, names: Sequence[str], letters: int) -> None:
        self.names, self.answers = names, 0
        self.why: Counter[str] = Counter()
        self.days: dict[int, tuple[str, str]] = {}
        self._hashes: list[Hashes] = []
        self._letters: list[NDArray[np.int32]] = []
        self._themes: list[NDArray[np.uint8]] = []

    def add(self, done: Sorted) -> None:
        """Count a part."""
        self.answers += len(done.hashes)
        self.why += done.why
        for letter, (low, high) in done.days.items():
            before = self.days.get(letter, (low, high))
            self.days[letter] = (min(before[0], low), max(before[1], high))
        self._hashes.append(done.hashes)
        self._letters.append(done.letters)
        self._themes.append(done.themes)

    def sizes(self) -> tuple[Counter[str], Counter[str], Counter[str], Counter[int]]:
        """By theme how many answers, how many copies of others, how many of campaigns; and copies
        of each letter."""
        of, letters = np.concatenate(self._themes), np.concatenate(self._letters)
        again = _again(np.concatenate(self._hashes)) | (_again(letters) & (letters >= 0))
        return (
            self._counted(of), self._counted(of[again]), self._counted(of[letters >= 0]),
            Counter(letters[letters >= 0].tolist()),
        )  # fmt: skip

    def _counted(self, of: NDArray[np.uint8]) -> Counter[str]:
        sizes = np.bincount(of.ravel(), minlength=NONE + 1)
        return Counter({name: int(sizes[k]) for k, name in enumerate(self.names)})

    def groups(self, themes_of: dict[str, int], count: int) -> list[int]:
        """How many answers are in any theme of each group."""
        of = np.concatenate(self._themes)
        table = np.full(NONE + 1, -1, dtype=np.int64)
        for k, name in enumerate(self.names):
            table[k] = themes_of.get(name, -1)
        in_group = table[of]
        return [int((in_group == g).any(axis=1).sum()) for g in range(count)]


def _told(out: Path, found: ThemedDataset, counted: _Counted, responses: int) -> str:
    """Write what was counted, and say it."""
    sizes, copies, sent, letters = counted.sizes()
    known = {theme.id for theme in found.themes}
    labels = {OTHER: themes.OTHER_LABEL, UNPROCESSED: themes.UNPROCESSED_LABEL}
    apart = [Theme(one, label, (), 0, 0, ()) for one, label in labels.items() if one not in known]
    every = [*found.themes, *apart]
    told = [_theme(theme, sizes, copies, sent) for theme in every if sizes[theme.id]]
    group_of = {name: g for g, group in enumerate(found.groups) for name in group.themes}
    in_groups = counted.groups(group_of, len(found.groups))
    groups = [replace(g, size=n) for g, n in zip(found.groups, in_groups, strict=True)]
    campaigns = [
        _campaign(c, letters[k], counted.days.get(k)) for k, c in enumerate(found.campaigns)
    ]
    write_json(out / "themes.json", [theme.as_dict() for theme in told])
    write_json(out / "groups.json", [group.as_dict() for group in groups])
    write_json(out / "campaigns.json", [campaign.as_dict() for campaign in campaigns])
    said = themes.reconciled(responses, counted.answers, sizes[OTHER], counted.why)
    return (
        f"{said} {sum(letters.values()):,} answers came in {len(campaigns)} letters sent ten times "
        f"or more in a sample of {SAMPLE:,}."
    )


def _theme(theme: Theme, sizes: Counter[str], copies: Counter[str], sent: Counter[str]) -> Theme:
    alone = sizes[theme.id] - sent[theme.id]
    return replace(theme, size=sizes[theme.id], letters=copies[theme.id], alone=alone)


def _campaign(campaign: Campaign, size: int, days: tuple[str, str] | None) -> Campaign:
    first, last = days or ("", "")
    return replace(campaign, size=size, first=first, last=last)
