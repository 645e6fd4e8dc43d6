"""The command line: `python -m analysis …`. Exit 0 done, 1 unusable data, 2 wrong call."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click

from analysis.errors import DataError

P = ParamSpec("P")


def _data_errors_exit_1(command: Callable[P, None]) -> Callable[P, None]:
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except DataError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            click.echo(f"Error: {error.filename}: {error.strerror}.", err=True)
            sys.exit(1)

    return run


class Names(click.ParamType[list[str]]):
    """Names with commas between them."""

    name = "a,b"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[str]:
        """The names; a wrong call where there is none."""
        if isinstance(value, list):
            return value
        names = [name.strip() for name in str(value).split(",") if name.strip()]
        if not names:
            self.fail("give at least one name", param, ctx)
        return names


class Bounds(click.ParamType[tuple[float, float]]):
    """Two numbers on either side of 1."""

    name = "LO,HI"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, float]:
        """The two numbers; a wrong call where they are not such."""
        try:
            low, high = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail("give two numbers such as 0.2,5", param, ctx)
        if not 0 <= low < 1 < high:
            self.fail("the first must be below 1 and the second above it", param, ctx)
        return low, high


class ThemeCount(click.ParamType[int | None]):
    """A number of themes, or `auto`."""

    name = "auto|K"

    def convert(self, value: Any, param: Any, ctx: Any) -> int | None:
        """The number, or None for auto."""
        if value == "auto":
            return None
        if not str(value).isdecimal() or int(value) < 1:
            self.fail("give a whole number of 1 or more, or auto", param, ctx)
        return int(value)


FILE = click.Path(path_type=Path)
responses_argument = click.argument("responses", type=FILE)
id_option = click.option("--id", "id_col", default="id", show_default=True, metavar="COL")
codebook_option = click.option("--codebook", type=FILE, help="codebook.json of the responses.")
SUPPRESS = click.IntRange(min=0)
ROUND = click.IntRange(min=1)


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
@codebook_option
@id_option
@_data_errors_exit_1
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
    codebook: Path | None,
    id_col: str,
) -> None:
    """Weights that make RESPONSES match population margins."""
    from analysis import dataset, population, weighting

    if method == "logit" and bounds is None:
        raise click.UsageError("--method logit needs --bounds, such as --bounds 0.2,5")
    if missing == "float" and (bounds is not None or method != "rake"):
        raise click.UsageError("--missing float goes with --method rake and no --bounds")
    margins = population.read(targets)
    columns = {name for margin in margins.margins for name in margin.questions}
    columns |= {name for name in (base_weight, within) if name}
    weighted = weighting.weight(
        dataset.read(responses, codebook, id_col, sorted(columns)),
        margins,
        base_weight=base_weight,
        missing=missing,
        method=method,
        bounds=bounds,
        joins=[weighting.Join.parse(text) for text in joins],
        within=within,
    )
    for warning in weighted.diagnostics.warnings if weighted.diagnostics else ():
        click.echo(f"Note: {warning}", err=True)
    weighting.write(weighted, out)
    if diagnostics is not None and weighted.diagnostics is not None:
        _write_json(diagnostics, weighted.diagnostics.as_dict())


@cli.command()
@responses_argument
@click.option("--questions", type=Names(), required=True)
@click.option("--by", type=Names(), default=None, help="Groups, each by itself.")
@click.option("--weight", "weight_by", metavar="COL", help="A column, or the file `weight` wrote.")
@click.option("--strata", metavar="COL")
@click.option("--cluster", metavar="COL")
@click.option("--fpc", metavar="COL", help="Sampled share, or units in the population.")
@click.option("--mode", type=click.Choice(["open", "sample"]), default="open", show_default=True)
@click.option("--suppress", type=SUPPRESS, default=None, help="Hide counts below this.  [10]")
@click.option("--round", "round_to", type=ROUND, default=None, help="Round counts to this.  [5]")
@click.option(
    "--released", type=FILE, multiple=True, help="A file published before, of the same responses."
)
@click.option("-o", "out", type=FILE, required=True)
@codebook_option
@id_option
@_data_errors_exit_1
def tabulate(
    responses: Path,
    questions: list[str],
    by: list[str] | None,
    weight_by: str | None,
    strata: str | None,
    cluster: str | None,
    fpc: str | None,
    mode: str,
    suppress: int | None,
    round_to: int | None,
    released: tuple[Path, ...],
    out: Path,
    codebook: Path | None,
    id_col: str,
) -> None:
    """Shares, means and medians of questions, for everyone and by groups."""
    from analysis import crosstabs, dataset, estimates, pipeline, weighting

    if mode == "open" and (strata or cluster or fpc):
        raise click.UsageError("--strata, --cluster and --fpc go with --mode sample")
    # Without a codebook a question is its column, so that no others need be held in memory.
    wanted = [*questions, *(by or ()), weight_by, strata, cluster, fpc]
    columns = (
        None
        if codebook or released
        else [part for name in wanted if name for part in name.split("*")]
    )
    data = dataset.read(responses, codebook, id_col, None if codebook or released else columns)
    weighted = weighting.unweighted(data)
    if weight_by is not None:
        weighted = weighting.chosen(data, weight_by)
    sample = None
    if mode == "sample":
        sample = estimates.design(weighted.dataset, strata, cluster, fpc)
    rules = pipeline.rules_for(data.codebook, suppress, round_to)
    published = pipeline.tables(weighted, questions, by or (), rules, sample, released)
    rows = ([row[c] for c in crosstabs.COLUMNS] for t in published for row in t.rows())
    _write_csv(out, crosstabs.COLUMNS, rows)


@cli.command()
@responses_argument
@click.option("--text", "column", required=True, metavar="COL")
@click.option("--themes", "count", type=ThemeCount(), default="auto", show_default=True)
@click.option("--seed", type=click.IntRange(min=0, max=2**32 - 1), default=0, show_default=True)
@click.option("-o", "out", type=FILE, required=True, help="Folder for the two files.")
@codebook_option
@id_option
@_data_errors_exit_1
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
@_data_errors_exit_1
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
