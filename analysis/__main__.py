"""The command line: `python -m analysis …`. Exit 0 done, 1 unusable data, 2 wrong call."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis import comments
from analysis.options import (
    ADJUST,
    FILE,
    ROUND,
    SUPPRESS,
    Bounds,
    Drawn,
    Names,
    Pairs,
    Published,
    Shares,
    codebook_option,
    data_errors_exit_1,
    drawn_options,
    id_option,
    responses_argument,
)
from analysis.written import write_csv, write_json

if TYPE_CHECKING:
    from analysis.dataset import Dataset
    from analysis.estimates import Design
    from analysis.weighting import WeightedDataset

DESIGN_NEEDS_SAMPLE = "--strata, --cluster and --fpc go with --mode sample"


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
        write_json(diagnostics, weighted.diagnostics.as_dict())
    if page is not None:
        book = weighted.dataset.codebook
        shown = results or balance.opinions(weighted.dataset, [m.name for m in margins.margins])
        text = balance.html(
            weighted, margins, shown, pipeline.rules_for(book), base_weight=base_weight,
            joins=joined, year=pipeline.closing_year(book),
        )  # fmt: skip
        page.write_text(text, encoding="utf-8")


@cli.command()
@responses_argument
@click.option("--questions", type=Names(), required=True)
@click.option("--by", type=Names(), default=None, help="Groups, each by itself.")
@click.option("--quantiles", type=Shares(), help="Of numbers, besides mean and median.")
@drawn_options
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
    quantiles: list[float] | None,
    drawn: Drawn,
    suppress: int | None,
    round_to: int | None,
    released: tuple[Path, ...],
    out: Path,
    codebook: Path | None,
    id_col: str,
) -> None:
    """Shares, means and medians of questions, for everyone and by groups."""
    from analysis import crosstabs, dataset, pipeline

    if drawn.by_design and (drawn.mode == "open" or (drawn.mode is None and codebook is None)):
        raise click.UsageError(DESIGN_NEEDS_SAMPLE)
    wanted = [*questions, *(by or ()), *_columns_of(drawn.targets), *drawn.columns]
    columns = [part for name in wanted for part in name.split("*")]
    # Without a codebook a question is its column, so that no others need be held in memory.
    everything = codebook or released or drawn.replicate_weights
    data = dataset.read(responses, codebook, id_col, None if everything else columns)
    mode = pipeline.mode_for(data.codebook, drawn.mode)
    if mode == "open" and drawn.by_design:
        raise click.UsageError(DESIGN_NEEDS_SAMPLE)
    weighted = _weighted(data, drawn)
    sample = _sample(weighted, drawn) if mode == "sample" else None
    rules = pipeline.rules_for(data.codebook, suppress, round_to)
    published = pipeline.tables(
        weighted, questions, by or (), rules, sample, released, quantiles or ()
    )
    rows = ([row[c] for c in crosstabs.COLUMNS] for t in published for row in t.rows())
    write_csv(out, crosstabs.COLUMNS, rows)


@cli.command()
@responses_argument
@click.option("--measure", required=True, metavar="COL")
@click.option("--by", required=True, metavar="COL", help="The groups, or waves; a*b crosses two.")
@drawn_options
@click.option("--against", type=Published(), help="A published figure and its standard error.")
@click.option("--adjust", type=click.Choice(ADJUST), default="holm", show_default=True)
@click.option("--caution", "cautions", multiple=True, help="What differs from the published one.")
@click.option("-o", "out", type=FILE, required=True)
@codebook_option
@id_option
@data_errors_exit_1
def compare(
    responses: Path,
    measure: str,
    by: str,
    drawn: Drawn,
    against: tuple[float, float] | None,
    adjust: str,
    cautions: tuple[str, ...],
    out: Path,
    codebook: Path | None,
    id_col: str,
) -> None:
    """Whether groups or waves of a sample differ by more than chance. For the analyst's eyes."""
    from analysis import compare as comparing
    from analysis import dataset, pipeline, success

    data = dataset.read(responses, codebook, id_col)
    mode = pipeline.mode_for(data.codebook, drawn.mode, "sample")
    weighted = _weighted(data, drawn)
    sample = _sample(weighted, drawn) if mode == "sample" else None
    wave = success.wave_question(data.codebook)
    if wave is not None and wave.id == by:
        asked = data.question(measure)
        cautions = (*cautions, *success.changed_meanwhile(weighted, asked, sample))
    rows = comparing.compare(
        weighted, measure, by,
        sample=sample, against=against, adjust=adjust, mode=mode, warnings=cautions,
    )  # fmt: skip
    write_csv(out, comparing.COLUMNS, ([row[c] for c in comparing.COLUMNS] for row in rows))


def _columns_of(targets: Path | None) -> list[str]:
    """The columns that margins need."""
    from analysis import population

    return [m.name for m in population.read(targets).margins] if targets else []


def _weighted(data: "Dataset", how: Drawn) -> "WeightedDataset":
    """The responses with given weights, weighted to margins, or as they are."""
    from analysis import population, weighting

    if how.targets is not None:
        if how.weight_by is not None:
            raise click.UsageError("--weight gives weights and --targets makes them: use one")
        margins = population.read(how.targets)
        return weighting.weight(data, margins, base_weight=how.base_weight)
    if how.base_weight is not None:
        raise click.UsageError("--base-weight goes with --targets; --weight gives weights as is")
    return weighting.chosen(data, how.weight_by) if how.weight_by else weighting.unweighted(data)


def _sample(data: "WeightedDataset", how: Drawn) -> "Design":
    """How the responses were drawn."""
    from analysis.sampling import Resampled, sample_design

    resampled = None
    if how.replicates is not None:
        columns = how.replicate_weights or ""
        resampled = Resampled(how.replicates, columns, how.rho, seed=how.seed)
    elif how.replicate_weights is not None:
        raise click.UsageError("--replicate-weights needs --replicates, such as --replicates JK1")
    return sample_design(data, how.strata, how.cluster, how.fpc, resampled)


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


for command in comments.COMMANDS:
    cli.add_command(command)


if __name__ == "__main__":
    cli(prog_name="python -m analysis")
