"""The command line: `python -m analysis …`. Exit 0 done, 1 unusable data, 2 wrong call."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.options import (
    ADJUST,
    FILE,
    ROUND,
    SUPPRESS,
    Bounds,
    Names,
    Pairs,
    Published,
    ThemeCount,
    codebook_option,
    data_errors_exit_1,
    design_options,
    id_option,
    mode_option,
    responses_argument,
)

if TYPE_CHECKING:
    from analysis.dataset import Dataset
    from analysis.sampling import Resampled
    from analysis.weighting import WeightedDataset


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Weight, tabulate, theme and report responses to a consultation, from files alone."""


@cli.command()
@responses_argument
@click.option("--targets", type=FILE, required=True, help="margin,category,population")
@click.option("-o", "out", type=FILE, required=True, help="Where id,weight is written.")
@click.option("--base-weight", metavar="COL", help="Column to start from; else all are equal.")
@click.option("--missing", type=click.Choice(["level", "float", "drop"]), default="level")
@click.option("--bounds", type=Bounds(), help="Limits of weight ÷ base weight.")
@click.option("--method", type=click.Choice(["rake", "logit", "linear"]), default="rake")
@click.option("--join", "joins", multiple=True, metavar="MARGIN:A+B", help="Weight as one.")
@click.option("--within", metavar="COL", help="Weight each wave or strand by itself.")
@click.option("--diagnostics", type=FILE, help="Where the diagnostics are written, as JSON.")
@click.option("--report", "page", type=FILE, help="Where the weighting report is written, as HTML.")
@click.option("--results", type=Names(), help="Questions whose results it compares.")
@codebook_option
@id_option
@data_errors_exit_1
def weight(
    responses: Path,
    targets: Path,
    out: Path,
    base_weight: str | None,
    missing: str,
    bounds: tuple[float, float] | None,
    method: str,
    joins: tuple[str, ...],
    within: str | None,
    diagnostics: Path | None,
    page: Path | None,
    results: list[str] | None,
    codebook: Path | None,
    id_col: str,
) -> None:
    """Weights that make RESPONSES match population margins."""
    from analysis import balance, dataset, pipeline, population, weighting

    if method == "logit" and bounds is None:
        raise click.UsageError("--method logit needs --bounds, such as --bounds 0.2,5")
    if missing == "float" and (bounds is not None or method != "rake"):
        raise click.UsageError("--missing float goes with --method rake and no --bounds")
    margins = population.read(targets)
    columns = {name for margin in margins.margins for name in margin.questions}
    columns |= {name for name in (base_weight, within, *(results or ())) if name}
    joined = [weighting.Join.parse(text) for text in joins]
    weighted = weighting.weight(
        dataset.read(responses, codebook, id_col, None if codebook else sorted(columns)),
        margins,
        base_weight=base_weight,
        missing=missing,
        method=method,
        bounds=bounds,
        joins=joined,
        within=within,
    )
    for warning in weighted.diagnostics.warnings if weighted.diagnostics else ():
        click.echo(f"Note: {warning}", err=True)
    weighting.write(weighted, out)
    if diagnostics is not None and weighted.diagnostics is not None:
        _write_json(diagnostics, weighted.diagnostics.as_dict())
    if page is not None:
        book = weighted.dataset.codebook
        shown = results or balance.opinions(weighted.dataset, [m.name for m in margins.margins])
        text = balance.html(
            weighted, margins, shown, pipeline.rules_for(book), base_weight=base_weight,
            joins=joined, year=int(book.closes[:4]) if book.closes else None,
        )  # fmt: skip
        page.write_text(text, encoding="utf-8")


@cli.command()
@responses_argument
@click.option("--questions", type=Names(), required=True)
@click.option("--by", type=Names(), default=None, help="Groups, each by itself.")
@click.option("--weight", "weight_by", metavar="COL", help="A column, or the file `weight` wrote.")
@design_options
@click.option("--targets", type=FILE, help="Weight to these margins, and count the gain from it.")
@click.option("--base-weight", metavar="COL", help="With --targets: the column to start from.")
@mode_option
@click.option("--suppress", type=SUPPRESS, default=None, help="Hide counts below this.  [10]")
@click.option("--round", "round_to", type=ROUND, default=None, help="Round counts to this.  [5]")
@click.option(
    "--released", type=FILE, multiple=True, help="A file published before, of the same responses."
)
@click.option("-o", "out", type=FILE, required=True)
@codebook_option
@id_option
@data_errors_exit_1
def tabulate(
    responses: Path,
    questions: list[str],
    by: list[str] | None,
    weight_by: str | None,
    strata: list[str] | None,
    cluster: list[str] | None,
    fpc: list[str] | None,
    replicates: str | None,
    replicate_weights: str | None,
    rho: float,
    seed: int,
    targets: Path | None,
    base_weight: str | None,
    mode: str | None,
    suppress: int | None,
    round_to: int | None,
    released: tuple[Path, ...],
    out: Path,
    codebook: Path | None,
    id_col: str,
) -> None:
    """Shares, means and medians of questions, for everyone and by groups."""
    from analysis import crosstabs, dataset, pipeline, sampling

    drawn = bool(strata or cluster or fpc)
    if drawn and (mode == "open" or (mode is None and codebook is None)):
        raise click.UsageError("--strata, --cluster and --fpc go with --mode sample")
    wanted = [*questions, *(by or ()), *_columns_of(targets), *(strata or ()), *(cluster or ())]
    wanted += [name for name in (weight_by, base_weight, *(fpc or ())) if name]
    columns = [part for name in wanted for part in name.split("*")]
    # Without a codebook a question is its column, so that no others need be held in memory.
    data = dataset.read(
        responses, codebook, id_col, None if codebook or released or replicate_weights else columns
    )
    mode = pipeline.mode_for(data.codebook, mode)
    if mode == "open" and (strata or cluster or fpc):
        raise click.UsageError("--strata, --cluster and --fpc go with --mode sample")
    weighted = _weighted(data, weight_by, targets, base_weight)
    resampled = _resampled(replicates, replicate_weights, rho, seed)
    sample = None
    if mode == "sample":
        sample = sampling.sample_design(weighted, strata, cluster, fpc, resampled)
    rules = pipeline.rules_for(data.codebook, suppress, round_to)
    published = pipeline.tables(weighted, questions, by or (), rules, sample, released)
    rows = ([row[c] for c in crosstabs.COLUMNS] for t in published for row in t.rows())
    _write_csv(out, crosstabs.COLUMNS, rows)


@cli.command()
@responses_argument
@click.option("--measure", required=True, metavar="COL")
@click.option("--by", required=True, metavar="COL", help="The groups, or waves; a*b crosses two.")
@click.option("--weight", "weight_by", metavar="COL", help="A column, or the file `weight` wrote.")
@design_options
@click.option("--targets", type=FILE, help="Weight to these margins, and count the gain from it.")
@click.option("--base-weight", metavar="COL", help="With --targets: the column to start from.")
@click.option("--against", type=Published(), help="A published figure and its standard error.")
@click.option("--adjust", type=click.Choice(ADJUST), default="holm", show_default=True)
@click.option("--caution", "cautions", multiple=True, help="What differs from the published one.")
@mode_option
@click.option("-o", "out", type=FILE, required=True)
@codebook_option
@id_option
@data_errors_exit_1
def compare(
    responses: Path,
    measure: str,
    by: str,
    weight_by: str | None,
    strata: list[str] | None,
    cluster: list[str] | None,
    fpc: list[str] | None,
    replicates: str | None,
    replicate_weights: str | None,
    rho: float,
    seed: int,
    targets: Path | None,
    base_weight: str | None,
    against: tuple[float, float] | None,
    adjust: str,
    cautions: tuple[str, ...],
    mode: str | None,
    out: Path,
    codebook: Path | None,
    id_col: str,
) -> None:
    """Whether groups or waves of a sample differ by more than chance. For the analyst's eyes."""
    from analysis import compare as comparing
    from analysis import dataset, pipeline, sampling

    data = dataset.read(responses, codebook, id_col)
    mode = pipeline.mode_for(data.codebook, mode, "sample")
    weighted = _weighted(data, weight_by, targets, base_weight)
    resampled = _resampled(replicates, replicate_weights, rho, seed)
    sample = None
    if mode == "sample":
        sample = sampling.sample_design(weighted, strata, cluster, fpc, resampled)
    rows = comparing.compare(
        weighted, measure, by,
        sample=sample, against=against, adjust=adjust, mode=mode, warnings=cautions,
    )  # fmt: skip
    _write_csv(out, comparing.COLUMNS, ([row[c] for c in comparing.COLUMNS] for row in rows))


def _resampled(kind: str | None, columns: str | None, rho: float, seed: int) -> "Resampled | None":
    from analysis.sampling import Resampled

    if kind is not None:
        return Resampled(kind, columns or "", rho, seed=seed)
    if columns is not None:
        raise click.UsageError("--replicate-weights needs --replicates, such as --replicates JK1")
    return None


def _columns_of(targets: Path | None) -> list[str]:
    """The columns that margins need."""
    from analysis import population

    return [m.name for m in population.read(targets).margins] if targets else []


def _weighted(
    data: "Dataset", weight_by: str | None, targets: Path | None, base_weight: str | None
) -> "WeightedDataset":
    """The responses with given weights, weighted to margins, or as they are."""
    from analysis import population, weighting

    if targets is not None:
        if weight_by is not None:
            raise click.UsageError("--weight gives weights and --targets makes them: use one")
        return weighting.weight(data, population.read(targets), base_weight=base_weight)
    if base_weight is not None:
        raise click.UsageError("--base-weight goes with --targets; --weight gives weights as is")
    return weighting.chosen(data, weight_by) if weight_by else weighting.unweighted(data)


@cli.command("import")
@click.argument("export", type=FILE)
@click.option("--mapping", type=FILE, help="mapping.csv, looked over and changed by hand.")
@click.option("-o", "out", type=FILE, required=True, help="Folder for the four files.")
@data_errors_exit_1
def import_(export: Path, mapping: Path | None, out: Path) -> None:
    """Responses and codebook from another tool's export, with the mapping to look over."""
    from analysis import exports

    for line in exports.run(export, mapping, out):
        click.echo(line)


@cli.command("population")
@click.argument("file", type=FILE)
@click.option("--margins", type=Names(), default="area,age,sex", show_default=True,
              help="Dimensions of the file; crossed as area*age*sex.")  # fmt: skip
@click.option("--areas", type=Names(), help="Only these, by their names in the file.")
@click.option("--bands", metavar="16-24,…,75+", help="Bands of age; ages in none are left out.")
@click.option("--adults-from", type=click.IntRange(min=0), help="Leave out younger people.")
@click.option("--call", "called", type=Pairs(), help="Questions for dimensions: area=district")
@click.option("--rename", "renames", type=Pairs(), help="Answers for categories: Female=f")
@click.option("-o", "out", type=FILE, required=True, help="Where T.csv is written.")
@data_errors_exit_1
def population_(
    file: Path,
    margins: list[str],
    areas: list[str] | None,
    bands: str | None,
    adults_from: int | None,
    called: dict[str, str] | None,
    renames: dict[str, str] | None,
    out: Path,
) -> None:
    """Population margins from a download of Nomis or ONS."""
    from analysis import official

    made = official.run(
        file, out, names=margins, areas=areas, bands=bands, adults_from=adults_from,
        called=called, renames=renames,
    )  # fmt: skip
    click.echo(made)


@cli.command()
@responses_argument
@click.option("--text", "column", required=True, metavar="COL")
@click.option("--themes", "count", type=ThemeCount(), default="auto", show_default=True)
@click.option("--seed", type=click.IntRange(min=0, max=2**32 - 1), default=0, show_default=True)
@click.option("-o", "out", type=FILE, required=True, help="Folder for the two files.")
@codebook_option
@id_option
@data_errors_exit_1
def themes(
    responses: Path,
    column: str,
    count: int | None,
    seed: int,
    out: Path,
    codebook: Path | None,
    id_col: str,
) -> None:
    """What the answers to an open question are about, with quotations."""
    from analysis import dataset, themes, weighting

    data = dataset.read(responses, codebook, id_col)
    found = themes.theme(weighting.unweighted(data), column, count, seed)
    out.mkdir(parents=True, exist_ok=True)
    _write_json(out / "themes.json", [theme.as_dict() for theme in found.themes])
    rows = ((data.ids[row], theme, score) for row, theme, score in found.assignments)
    _write_csv(out / "assignments.csv", ("id", "theme", "score"), rows)
    letters = sum(campaign.size for campaign in found.campaigns)
    click.echo(
        f"{found.answered} answers, {len(found.themes)} themes; {letters} answers came in "
        f"{len(found.campaigns)} letters sent ten times or more."
    )


@cli.command()
@responses_argument
@click.option("--codebook", type=FILE, required=True)
@click.option("--targets", type=FILE, help="Population margins; without them nothing is weighted.")
@click.option("--suppress", type=SUPPRESS, default=None, help="Hide counts below this.")
@click.option("--round", "round_to", type=ROUND, default=None, help="Round counts to this.")
@click.option("-o", "out", type=FILE, required=True)
@id_option
@data_errors_exit_1
def report(
    responses: Path,
    codebook: Path,
    targets: Path | None,
    suppress: int | None,
    round_to: int | None,
    out: Path,
    id_col: str,
) -> None:
    """A report of RESPONSES for publication, as one HTML page."""
    from analysis import pipeline

    if out.suffix.lower() not in (".html", ".htm"):
        raise click.UsageError("a report is written as HTML: let the file's name end in .html")
    pipeline.report_files(responses, codebook, targets, out, suppress, round_to, id_col)


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_plain(value) for value in row] for row in rows)


def _plain(value: Any) -> Any:
    """Numbers at full precision, truth as true and false, nothing as an empty cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else value


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    cli(prog_name="python -m analysis")
