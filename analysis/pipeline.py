"""From files to a report: the stages in order, for the command line and for other programs."""

from collections.abc import Iterable
from pathlib import Path

from analysis import (
    codebook,
    crosstabs,
    dataset,
    disclosure,
    estimates,
    population,
    themes,
    weighting,
)
from analysis.codebook import TABLED, Codebook, Question
from analysis.disclosure import Publishable, PublishableThemes, Rules
from analysis.population import Margin, Population
from analysis.report import Method, Report, WhoAnswered
from analysis.weighting import WeightedDataset

CHANNEL = "channel"
PEOPLE_ROLES = (*codebook.BREAKDOWN_ROLES, "tax_band", "equality")


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
    sentences returned say which and why, for the report to print. Without targets every weight
    is 1. Raises DataError for files that cannot be used and for labels that do not match.
    """
    data = dataset.read(responses, codebook_path, id_col)
    if targets is None:
        return weighting.unweighted(data), ()
    margins = population.read(targets)
    usable, why = weighting.usable(data, margins)
    if usable is None:
        return weighting.unweighted(data), why
    return weighting.weight(data, usable), why


def breakdowns(book: Codebook) -> list[str]:
    """The questions a report breaks down by: those on area, age, sex and groups."""
    return [q.id for q in book.questions if q.role in codebook.BREAKDOWN_ROLES]


def tables(
    data: WeightedDataset,
    questions: Iterable[str] | None = None,
    by: Iterable[str] | None = None,
    rules: Rules | None = None,
    sample: estimates.Design | None = None,
) -> list[Publishable]:
    """Published tables: of the questions given, else of every question of opinion.

    `by` are the questions to break down by; by default those of the codebook and, for the one
    that the report leads with, whether a response is flagged, where any is: a figure without the
    flagged ones is protected together with all others of its table, or the difference would tell.
    """
    book = data.dataset.codebook
    wanted = list(questions) if questions is not None else [q.id for q in _opinions(book)]
    groups = list(by) if by is not None else breakdowns(book)
    rules = rules or rules_for(book)
    crosstabs.check_names(data.dataset, [*wanted, *groups])
    also: dict[str, list[str]] = {}
    if by is None and wanted and _flagged(data):
        also[book.headline if book.headline in wanted else wanted[0]] = [codebook.FLAGGED]
    asked = [(name, [g for g in groups if g != name] + also.get(name, [])) for name in wanted]
    return [disclosure.protect(table, rules) for table in crosstabs.tables(data, asked, sample)]


def _flagged(data: WeightedDataset) -> bool:
    """Whether any response is flagged."""
    frame = data.dataset.frame
    return codebook.FLAGGED in frame.columns and bool((frame[codebook.FLAGGED] == "yes").any())


def flag_tables(data: WeightedDataset, rules: Rules | None = None) -> list[Publishable]:
    """How many responses are flagged, and how many for what; empty where none is."""
    if not _flagged(data):
        return []
    names = [question.id for question in data.dataset.codebook.about_flags]
    return tables(weighting.unweighted(data.dataset), names, (), rules)


def _opinions(book: Codebook) -> list[Question]:
    return [q for q in book.questions if q.role not in PEOPLE_ROLES and q.type in TABLED]


def _untabled(book: Codebook) -> tuple[Question, ...]:
    """Questions that the report has neither a table nor themes of: it names them."""
    return tuple(q for q in book.questions if q.type not in (*TABLED, "long_text"))


def published_themes(data: WeightedDataset, rules: Rules, seed: int = 0) -> list[PublishableThemes]:
    """The themes of every question answered in people's own words."""
    found = []
    for question in data.dataset.codebook.questions:
        if question.type == "long_text":
            themed = themes.theme(data, question.id, seed=seed)
            found.append(disclosure.protect_themes(themed, question, rules))
    return found


def build(
    data: WeightedDataset,
    left_out: tuple[str, ...] = (),
    rules: Rules | None = None,
    targets: Population | None = None,
) -> Report:
    """The report of a weighted dataset. `targets`: all margins, for who answered beside whom."""
    book = data.dataset.codebook
    rules = rules or rules_for(book)
    sample = estimates.design(data.dataset) if book.mode == "sample" else None
    plain = weighting.unweighted(data.dataset)
    channels = None
    if CHANNEL in data.dataset.frame.columns:
        channels = tables(plain, [CHANNEL], (), rules)[0]
    method = Method(
        rules=rules,
        dataset_sha256=data.dataset.sha256,
        margins=data.population.margins if data.population else (),
        left_out=left_out,
        diagnostics=data.diagnostics,
        targets_sha256=targets.sha256 if targets else "",
    )
    return Report(
        book,
        tables(data, rules=rules, sample=sample),
        method,
        who=who_answered(data, targets, rules),
        channels=channels,
        themes=published_themes(data, rules),
        untabled=_untabled(book),
        flags=flag_tables(data, rules),
    )


def who_answered(
    data: WeightedDataset, targets: Population | None = None, rules: Rules | None = None
) -> list[WhoAnswered]:
    """Who answered, unweighted, by every question about people, beside the population."""
    plain = weighting.unweighted(data.dataset)
    return [
        WhoAnswered(tables(plain, [q.id], (), rules)[0], _margin(targets, q.id))
        for q in data.dataset.codebook.questions
        if q.role in PEOPLE_ROLES and not q.numeric and q.type in TABLED
    ]


def _margin(targets: Population | None, name: str) -> Margin | None:
    return targets.find(name) if targets else None


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
