"""From files to a report: the stages in order, for the command line and for other programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from analysis import (
    balance,
    codebook,
    crosstabs,
    dataset,
    disclosure,
    estimates,
    linking,
    marks,
    population,
    success,
    themes,
    weighting,
    wording,
)
from analysis.codebook import TABLED, Codebook, Question
from analysis.crosstabs import Table
from analysis.dataset import Dataset
from analysis.disclosure import Publishable, PublishableThemes, Rules
from analysis.errors import DataError, listed
from analysis.measures import CROSS, QUANTILE
from analysis.population import Margin, Population
from analysis.report import Method, Report, WhoAnswered
from analysis.sampling import sample_design
from analysis.weighting import WeightedDataset

CHANNEL = "channel"


def rules_for(book: Codebook, suppress: int | None = None, round_to: int | None = None) -> Rules:
    """The rules of disclosure control: as given, else the body's settings, else 10 and 5."""
    return Rules(
        next(x for x in (suppress, book.suppress, disclosure.THRESHOLD) if x is not None),
        next(x for x in (round_to, book.round_to, disclosure.ROUND) if x is not None),
    )


def prepare(
    responses: Path | str,
    codebook_path: Path | str | None = None,
    targets: Path | str | None = None,
    id_col: str = "id",
) -> tuple[WeightedDataset, tuple[str, ...]]:
    """Read the responses and weight them to what of the margins they can meet.

    A margin with a category in which nobody answered cannot be met: it is left out, and the
    sentences returned say which and why, for the report to print. Each wave is weighted by itself.
    Without targets every weight is 1.

    Raises DataError for files that cannot be used and for labels that do not match.
    """
    data = dataset.read(responses, codebook_path, id_col)
    base = data.codebook.drawn.base_weight
    plain = weighting.with_weights(data, base) if base else weighting.unweighted(data)
    if targets is None:
        return plain, ()
    wave = success.wave_question(data.codebook)
    within = wave.column if wave else None
    usable, why = _usable(data, population.read(targets), within)
    if usable is None:
        return plain, why
    return weighting.weight(data, usable, base_weight=base, within=within), why


def _usable(
    data: Dataset, margins: Population, within: str | None
) -> tuple[Population | None, tuple[str, ...]]:
    """The margins that the responses can meet, every wave by itself: waves are compared."""
    names = data.distinct(within) if within else []
    if within is None or not names:
        return weighting.usable(data, margins)
    codes = data.coded(within, names)
    usable: Population | None = margins
    why: list[str] = []
    for k, name in enumerate(names):
        if usable is None:
            break
        usable, told = weighting.usable(data.only(codes == k, "another wave"), usable)
        why += [f"{name}: {sentence}" for sentence in told]
    return usable, tuple(why)


def mode_for(book: Codebook, asked: str | None, otherwise: str = "open") -> str:
    """The mode of a dataset: its codebook's, else the one asked for.

    Raises DataError where the two differ: whether people were drawn at random is a fact.
    """
    if not book.questions or not book.fixed_mode:
        return asked or otherwise
    if asked is not None and asked != book.mode:
        raise DataError(
            f"The codebook says that this is {_MODES[book.mode]}, and --mode {asked} says that it "
            "is not. The mode is fixed for a dataset; leave --mode out."
        )
    return book.mode


_MODES = {
    "open": "an open consultation, in which people chose to take part",
    "sample": "a probability sample",
}


def breakdowns(book: Codebook) -> list[str]:
    """The questions a report breaks down by: those on area, age, sex and groups."""
    return [q.id for q in book.questions if q.role in codebook.BREAKDOWN_ROLES]


def tables(
    data: WeightedDataset,
    questions: Sequence[str],
    by: Sequence[str] = (),
    rules: Rules | None = None,
    sample: estimates.Design | None = None,
    released: Sequence[Path] = (),
    quantiles: Sequence[float] = (),
) -> list[Publishable]:
    """Published tables of the questions, each broken down by all of `by`, as one release.

    `released` are files that `tabulate` wrote before from the same responses: what they show stays
    shown, and nothing is shown that could be subtracted from it. Raises DataError for a file that
    was made from other responses.
    """
    crosstabs.check_names(data.dataset, [*questions, *by])
    asked = [(name, [g for g in by if name not in g.split(CROSS)]) for name in questions]
    found = crosstabs.tables(data, asked, sample, quantiles)
    rules = rules or rules_for(data.dataset.codebook)
    shown, earlier = _released(data, released)
    nested = linking.nesting(data.dataset, _columns_of(data.dataset, by))
    return disclosure.release([*found, *earlier], rules, nested=nested, shown=shown)[: len(found)]


def _columns_of(data: Dataset, by: Iterable[str]) -> list[str]:
    parts = dict.fromkeys(part for name in by for part in name.split(CROSS))
    return [data.question(part).column for part in parts if len(data.question(part).columns) == 1]


def _released(
    data: WeightedDataset, paths: Sequence[Path]
) -> tuple[dict[linking.Key, bool], list[Table]]:
    """The tables that files of `tabulate` hold, made again, and which of their counts they show."""
    shown: dict[linking.Key, bool] = {}
    found: list[Table] = []
    for path in paths:
        table = dataset.table(path)
        missing = sorted({"question", "category", "by", "group", "suppressed"} - set(table.columns))
        if missing:
            raise DataError(
                f"{path.name}: not a file that tabulate wrote; missing: {listed(missing)}."
            )
        rows = (
            table.select("question", "category", "by", "group", "suppressed").fill_null("").rows()
        )
        questions = list(dict.fromkeys(row[0] for row in rows))
        crosstabs.check_names(data.dataset, [*questions, *{row[2] for row in rows if row[2]}])
        for name in questions:
            own = {
                tuple(row[1:4]): row[4] == "false"
                for row in rows
                if row[0] == name and not row[1].startswith(QUANTILE)  # no count is told by one
            }
            by = list(dict.fromkeys(b for _, b, _ in own if b))
            made = crosstabs.tabulate(data, name, by)
            known = {row[:3] for row in linking.keys_of(made)}
            if not own.keys() <= known:
                raise DataError(
                    f"{path.name}: its rows on “{name}” do not come from {data.dataset.name}. Give "
                    "the files that were made of the same responses."
                )
            shown |= linking.shown_before(made, own)
            found.append(made)
    return shown, found


@dataclass(frozen=True, slots=True)
class Release:
    """Everything counted that a consultation publishes, protected together."""

    tables: tuple[Publishable, ...]
    who: tuple[WhoAnswered, ...]
    channels: Publishable | None
    flags: tuple[Publishable, ...]


def release(
    data: WeightedDataset,
    targets: Population | None = None,
    rules: Rules | None = None,
    before: WeightedDataset | None = None,
) -> Release:
    """The tables of a report: opinions by groups, who answered, channels, and flags.

    The question that the report leads with is broken down by whether a response is flagged too,
    where any is. `targets` are the population's margins, for who answered beside whom. `before` is
    the dataset of an earlier report that was published.
    """
    rules = rules or rules_for(data.dataset.codebook)
    exact = _exact(data)
    earlier = [] if before is None else [t for part in _exact(before).values() for t in part]
    nested = linking.nesting(
        data.dataset, _columns_of(data.dataset, breakdowns(data.dataset.codebook))
    )
    flat = [table for part in exact.values() for table in part]
    published = iter(disclosure.release(flat, rules, nested=nested, before=earlier))
    made = {name: [next(published) for _ in part] for name, part in exact.items()}
    return Release(
        tuple(made["tables"]),
        tuple(WhoAnswered(t, _margin(targets, t.question.id)) for t in made["who"]),
        next(iter(made["channels"]), None),
        tuple(made["flags"]),
    )


def _exact(data: WeightedDataset) -> dict[str, list[Table]]:
    """All tables of a report, by what they are for. Not publishable."""
    book = data.dataset.codebook
    groups, wanted = breakdowns(book), [q.id for q in _opinions(book)]
    lead = book.headline if book.headline in wanted else next(iter(wanted), None)
    flagged = _flagged(data)
    also = [codebook.FLAGGED] if flagged else []
    crosstabs.check_names(data.dataset, [*wanted, *groups])
    asked = [
        (
            name,
            [g for g in groups if g != name]
            + (also if name == lead else [])
            + _positions(data.dataset, name, lead),
        )
        for name in wanted
    ]
    sample = sample_design(data) if book.mode == "sample" else None
    people = [
        q.id for q in book.questions
        if q.role in codebook.PEOPLE_ROLES and not q.numeric and q.type in TABLED
    ]  # fmt: skip
    channel = [CHANNEL] if CHANNEL in data.dataset.frame.columns else []
    flags = [question.id for question in book.about_flags] if flagged else []
    plain = weighting.unweighted(data.dataset)
    return {
        "tables": crosstabs.tables(data, asked, sample),
        **{
            name: crosstabs.tables(plain, [(q, ()) for q in ids])
            for name, ids in (("who", people), ("channels", channel), ("flags", flags))
        },
    }


def _positions(dataset: Dataset, name: str, lead: str | None) -> list[str]:
    """The question that the report leads with, where it parts those whose comments were coded.

    Whether people agree is what they chose there, and no guess from how they write.
    """
    question = dataset.question(name)
    if lead is None or question.coded is None:
        return []
    if dataset.question(lead).type not in ("choice", "scale"):
        return []
    wrote = pl.any_horizontal(pl.col(c.name).is_not_null() for c in question.columns)
    chosen = dataset.frame.filter(wrote)[dataset.question(lead).column].drop_nulls()
    return [lead] if chosen.n_unique() > 1 else []


def _flagged(data: WeightedDataset) -> bool:
    """Whether any response is flagged."""
    frame = data.dataset.frame
    return codebook.FLAGGED in frame.columns and bool((frame[codebook.FLAGGED] == "yes").any())


def _opinions(book: Codebook) -> list[Question]:
    return [q for q in book.questions if q.role not in codebook.PEOPLE_ROLES and q.type in TABLED]


def _untabled(book: Codebook) -> tuple[Question, ...]:
    """Questions that the report has neither a table nor themes of: it names them."""
    coded = {q.coded.of for q in book.questions if q.coded}
    untabled = (q for q in book.questions if q.type not in (*TABLED, "long_text"))
    return tuple(q for q in untabled if q.id not in coded)


def published_themes(data: WeightedDataset, rules: Rules, seed: int = 0) -> list[PublishableThemes]:
    """The themes of every question answered in people's own words that people have not coded."""
    questions = data.dataset.codebook.questions
    coded = {question.coded.of for question in questions if question.coded}
    found = []
    for question in questions:
        if question.type == "long_text" and question.id not in coded:
            themed = themes.theme(data, question.id, seed=seed)
            found.append(disclosure.protect_themes(themed, question, rules))
    return found


def build(
    data: WeightedDataset,
    left_out: tuple[str, ...] = (),
    rules: Rules | None = None,
    targets: Population | None = None,
    before: WeightedDataset | None = None,
) -> Report:
    """The report of a weighted dataset. `targets`: all margins, for who answered beside whom."""
    book = data.dataset.codebook
    rules = rules or rules_for(book)
    published = release(data, targets, rules, before)
    sample = sample_design(data) if book.mode == "sample" else None
    method = Method(
        rules=rules,
        dataset_sha256=data.dataset.sha256,
        exclusions=wording.not_counted(data.dataset.manifest.not_in_it, rules),
        frozen=data.dataset.manifest.frozen,
        margins=data.population.margins if data.population else (),
        left_out=left_out,
        diagnostics=data.diagnostics,
        targets_sha256=targets.sha256 if targets else "",
        doubts=_doubts(targets, book),
    )
    return Report(
        book,
        published.tables,
        method,
        who=published.who,
        channels=published.channels,
        themes=published_themes(data, rules),
        untabled=_untabled(book),
        flags=published.flags,
        marks=_marks(data, published.tables, sample) if sample else marks.NONE,
        standings=success.standings(data, published.tables, sample),
        cautions={
            table.question.id: tuple(success.changed_meanwhile(data, table.question, sample))
            for table in published.tables
        },
    )


def _marks(
    data: WeightedDataset, tables: Sequence[Publishable], sample: estimates.Design
) -> marks.Marks:
    asked = [
        (t.question.id, [b.by.id for b in t.breakdowns if b.by.id != codebook.FLAGGED])
        for t in tables
    ]
    return marks.marks(data, asked, sample)


def _doubts(targets: Population | None, book: Codebook) -> tuple[str, ...]:
    """What to know of the margins; of invented ones the report says more, and first."""
    if targets is None:
        return ()
    real = tuple(m for m in targets.margins if m.status != "illustrative")
    return population.warnings(replace(targets, margins=real), closing_year(book))


def closing_year(book: Codebook) -> int | None:
    """The year in which responses were last given."""
    return int(book.closes[:4]) if book.closes else None


def _margin(targets: Population | None, name: str) -> Margin | None:
    return targets.find(name) if targets else None


def weighting_page(
    responses: Path | str, codebook_path: Path | str, targets: Path | str | None
) -> str:
    """The weighting report of exported files, as HTML, weighted as their report is.

    Raises DataError when the files cannot be used, or no weights come of them.
    """
    data, left_out = prepare(responses, codebook_path, targets)
    if data.population is None:
        why = " ".join(left_out) or "No population figures were given."
        raise DataError(f"These responses are not weighted. {why}")
    book = data.dataset.codebook
    results = balance.opinions(data.dataset, [m.name for m in data.population.margins])
    return balance.html(
        data, data.population, results, rules_for(book),
        base_weight=book.drawn.base_weight, year=closing_year(book), left_out=left_out,
    )  # fmt: skip


def report_files(
    responses: Path | str,
    codebook_path: Path | str,
    targets: Path | str | None,
    out: Path | str,
    suppress: int | None = None,
    round_to: int | None = None,
    id_col: str = "id",
) -> None:
    """Write the HTML report of exported files: the same files give the same bytes.

    Raises DataError when the files cannot be used.
    """
    data, left_out = prepare(responses, codebook_path, targets, id_col)
    rules = rules_for(data.dataset.codebook, suppress, round_to)
    margins = population.read(targets) if targets is not None else None
    page = build(data, left_out, rules, margins).html()
    Path(out).write_bytes(page.encode("utf-8"))
