"""Themes of more comments than memory holds: sought among some, then said of all.

The file is read twice. From the first reading comes a sample, the rows whose ids have the smallest
hashes, among which themes and campaigns are sought as among any comments. In the second each part
of the file is redacted, cleaned and sorted by several processes, here or on a Dask cluster, with
the same result. A text that comes again is not read again: of twenty million answers to a campaign
most are copies. Copies are found by the hash of their words, those of letters with changes against
the letters of the sample.
"""

import os
import pickle
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

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
from analysis.themes import OTHER, UNPROCESSED, Group, Theme
from analysis.workers import alone, mapping
from analysis.written import write_json

FROM = 200_000
"""Rows from which on a file is read as a stream."""

SAMPLE, PART = 15_000, 2_500
"""Comments among which themes are sought, and rows of a part of the file."""

REMEMBERED = 100_000
"""Different texts of which it is remembered what was found; then all are forgotten."""

MOST_OF_ONE = 4
NONE = 255
_QUOTED = re.compile('[",\r\n]')

Hashes = NDArray[np.uint64]

if TYPE_CHECKING:
    from analysis.sorting import Sorter

# Polars reads 300 MB of a CSV file ahead otherwise.
os.environ.setdefault("POLARS_CSV_CHUNK_SIZE", "1000000")
os.environ.setdefault("POLARS_CSV_CHUNK_PREFETCH_LIMIT", "2")


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of the file with an answer; days are empty where the file has none."""

    ids: list[str]
    texts: list[str]
    days: list[str]


@dataclass(frozen=True, slots=True)
class Shared:
    """What every process needs: the sorter, packed; themes' ids in order, letters, and which
    campaign each of them is of."""

    sorter: bytes
    names: tuple[str, ...]
    letters: tuple[str, ...]
    campaigns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sorted:
    """What was found of some texts: each one's lines of assignments.csv without its id, why it is
    unprocessed if it is, and (texts,) hashes of words, letters, and (texts, 4) themes."""

    lines: list[str]
    reasons: list[str]
    hashes: Hashes
    letters: NDArray[np.int32]
    themes: NDArray[np.uint8]


@dataclass(slots=True)
class Answer:
    """What was found of a text and of all that are the same; filled in when it is known."""

    lines: tuple[str, ...] = ()
    reason: str = ""
    hash: int = 0
    letter: int = -1
    themes: bytes = b""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A part of which texts are being read: its rows, and those read for the first time."""

    ids: list[str]
    days: list[str]
    rows: list[Answer]
    new: list[Answer]


@dataclass(frozen=True, slots=True)
class Sought:
    """What was found among the sample, and what is to be said of names from an endpoint.

    The sorter is packed (`pickle`): who unpacks it loads all that it works with.
    """

    themes: tuple[Theme, ...]
    groups: tuple[Group, ...]
    campaigns: tuple[Campaign, ...]
    sorter: bytes
    told: str


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
        pl.col(id_col).cast(pl.String).alias("id"), pl.col(column).alias("text"),
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
    out.mkdir(parents=True, exist_ok=True)
    report(0, 0, "Finding copies and themes")
    found = alone(partial(_sought, path, sample, column, count, seed, endpoint, out))
    names = tuple(theme.id for theme in found.themes)
    names += tuple(name for name in (OTHER, UNPROCESSED) if name not in names)
    letters = tuple(text for campaign in found.campaigns for text in campaign.texts)
    of = tuple(k for k, campaign in enumerate(found.campaigns) for _ in campaign.texts)
    shared = Shared(found.sorter, names, letters, of)
    counted = _Counted(names)
    waiting: deque[Waiting] = deque()
    written = out / "assignments.csv", out / "unprocessed.csv"
    with written[0].open("w", encoding="utf-8", newline="") as assignments, \
            written[1].open("w", encoding="utf-8", newline="") as apart, \
            mapping(sort, shared, scheduler) as sorting:  # fmt: skip
        assignments.write("id,theme,score\n")
        apart.write("id,reason\n")
        for done in sorting(_new(_answers(path, column, id_col), waiting)):
            part = waiting.popleft()
            _fill(part.new, done)
            assignments.writelines(
                f"{i},{line}" for i, row in _numbered(part) for line in row.lines
            )
            apart.writelines(f"{i},{row.reason}\n" for i, row in _numbered(part) if row.reason)
            counted.add(part)
            report(counted.answers, answered, "Sorting comments into themes")
    return _told(out, found, counted, responses) + found.told


def _sampled(path: Path, column: str, id_col: str, report: Report) -> tuple[pl.DataFrame, int, int]:
    """The sample, how many rows there are, and how many have an answer."""
    kept: list[tuple[int, str, str, str]] = []  # no frame: one holds on to all that it was cut from
    hashes: list[Hashes] = []
    responses = answered = 0
    most = 2**64 - 1
    for part in parts(path, column, id_col):
        if part["id"].null_count():
            raise DataError(f"{path.name}: a row has no {id_col}. Give every response one.")
        marks = part["id"].hash(seed=0)
        hashes.append(marks.to_numpy())
        there = part.select(marks.alias("mark"), "id", "text", "day").drop_nulls("text")
        responses, answered = responses + part.height, answered + there.height
        kept += there.filter(pl.col("mark") <= most).rows()
        if len(kept) > 2 * SAMPLE:
            kept = sorted(kept)[:SAMPLE]
            most = kept[-1][0]
        report(responses, 20 * responses, "Reading")
    if not kept:
        raise DataError(f"{path.name}: nobody has answered “{column}”.")
    if len(np.unique(np.concatenate(hashes))) < responses:
        raise DataError(f"{path.name}: an {id_col} comes twice. Give every response its own.")
    _, *columns = zip(*sorted(kept)[:SAMPLE], strict=True)
    return pl.DataFrame(columns, schema=["id", "text", "day"]), responses, answered


def _sought(
    path: Path,
    sample: pl.DataFrame,
    column: str,
    count: int | None,
    seed: int,
    endpoint: Endpoint | None,
    out: Path,
) -> Sought:
    """Themes and campaigns of the sample."""
    question = codebook.Question(column, "long_text", column, column, (codebook.Column("text"),))
    book = codebook.Codebook(questions=(question,), title=path.name)
    frame = sample.rename({"day": themes.DAYS[0]})
    manifest = Manifest(path.name, "", sample.height)
    found = themes.theme(
        weighting.unweighted(dataset.of(frame, book, manifest)), column, count, seed
    )
    found, told = proposing.written(found, endpoint, out)
    return Sought(found.themes, found.groups, found.campaigns, pickle.dumps(found.sorter), told)


def _answers(path: Path, column: str, id_col: str) -> Iterator[Part]:
    for part in parts(path, column, id_col):
        there = part.filter(pl.col("text").is_not_null())
        yield Part(there["id"].to_list(), there["text"].to_list(), there["day"].to_list())


def _new(parts: Iterator[Part], waiting: deque[Waiting]) -> Iterator[list[str]]:
    """The texts of each part that no part before had; the part is put among those waiting."""
    known: dict[int, Answer] = {}
    for part in parts:
        if len(known) > REMEMBERED:
            known.clear()
        rows, new, texts = [], [], []
        for mark, text in zip(pl.Series(part.texts).hash(seed=0), part.texts, strict=True):
            answer = known.get(mark)
            if answer is None:
                answer = known[mark] = Answer()
                new.append(answer)
                texts.append(text)
            rows.append(answer)
        waiting.append(Waiting(part.ids, part.days, rows, new))
        yield texts


def _fill(answers: Sequence[Answer], done: Sorted) -> None:
    """Say of each text what was found."""
    found = zip(done.lines, done.reasons, done.hashes.tolist(), done.letters.tolist(),
                done.themes, strict=True)  # fmt: skip
    for answer, (lines, reason, mark, letter, many) in zip(answers, found, strict=True):
        answer.lines, answer.reason = tuple(lines.splitlines(keepends=True)), reason
        answer.hash, answer.letter, answer.themes = mark, letter, many.tobytes()


def _numbered(part: Waiting) -> Iterator[tuple[str, Answer]]:
    """The id of each row, as a CSV file has it, and what was found."""
    for one, row in zip(part.ids, part.rows, strict=True):
        yield ('"' + one.replace('"', '""') + '"' if _QUOTED.search(one) else one), row


def sort(shared: Shared, said: Sequence[str]) -> Sorted:
    """Texts redacted, cleaned and sorted into themes, each by itself. Runs in any process."""
    texts = [found.text for found in redaction.redact_all(said)]
    reasons = [cleaning.unprocessed(text) for text in texts]
    spoken = [k for k, reason in enumerate(reasons) if not reason]
    given: list[list[tuple[str, float]]] = [[(UNPROCESSED, 1.0)] for _ in texts]
    for k, many in zip(
        spoken, _sorter(shared.sorter).members([texts[k] for k in spoken]), strict=True
    ):
        given[k] = many
        reasons[k] = cleaning.LANGUAGE if many[0][0] == UNPROCESSED else ""
    place = {name: k for k, name in enumerate(shared.names)}
    of = np.full((len(texts), MOST_OF_ONE), NONE, dtype=np.uint8)
    for k, many in enumerate(given):
        of[k, : len(many)] = [place[name] for name, _ in many]
    letters = np.full(len(texts), -1, dtype=np.int32)
    copies = duplicates.of_letters(shared.letters, [texts[k] for k in spoken])
    letters[spoken] = np.append(shared.campaigns, -1)[copies]
    lines = ["".join(f"{name},{score}\n" for name, score in many) for many in given]
    return Sorted(lines, reasons, _same(texts), letters, of)


@lru_cache(maxsize=1)
def _sorter(packed: bytes) -> "Sorter":
    found: Sorter = pickle.loads(packed)  # noqa: S301  ours: it never leaves the run
    return found


def _same(texts: Sequence[str]) -> Hashes:
    """(texts,): alike for the same words, whatever their case and punctuation."""
    plain = pl.Series(texts, dtype=pl.String).str.to_lowercase()
    plain = plain.str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars()
    return plain.hash(seed=0).to_numpy()


def _again(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """(rows,): whether a value stood further up already."""
    again = np.ones(len(values), dtype=bool)
    again[np.unique(values, return_index=True)[1]] = False
    return again


@dataclass
class _Counted:
    """What is counted over all parts."""

    names: Sequence[str]
    answers: int = 0
    why: Counter[str] = field(default_factory=Counter)
    days: dict[int, tuple[str, str]] = field(default_factory=dict)
    """The first and the last day of each letter."""
    _hashes: list[Hashes] = field(default_factory=list)
    _letters: list[NDArray[np.int32]] = field(default_factory=list)
    _themes: list[NDArray[np.uint8]] = field(default_factory=list)

    def add(self, part: Waiting) -> None:
        """Count a part."""
        rows = part.rows
        self.answers += len(rows)
        self.why.update(row.reason for row in rows if row.reason)
        for row, day in zip(rows, part.days, strict=True):
            if row.letter >= 0 and day:
                low, high = self.days.get(row.letter, (day, day))
                self.days[row.letter] = (min(low, day), max(high, day))
        self._hashes.append(np.array([row.hash for row in rows], dtype=np.uint64))
        self._letters.append(np.array([row.letter for row in rows], dtype=np.int32))
        every = np.frombuffer(b"".join(row.themes for row in rows), dtype=np.uint8)
        self._themes.append(every.reshape(-1, MOST_OF_ONE))

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


def _told(out: Path, found: Sought, counted: _Counted, responses: int) -> str:
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
