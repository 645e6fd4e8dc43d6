"""What the commands of `python -m analysis` take: types, shared options, and how they fail."""

import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click

from analysis import endpoint
from analysis.errors import DataError

P = ParamSpec("P")


def data_errors_exit_1(command: Callable[P, None]) -> Callable[P, None]:
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


class Published(click.ParamType[tuple[float, float]]):
    """A figure and its standard error."""

    name = "P,SE"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, float]:
        """The two numbers; a wrong call where they are not such."""
        try:
            figure, se = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail("give a figure and its standard error, such as 0.42,0.0065", param, ctx)
        if not (math.isfinite(figure) and 0 <= se < math.inf):
            self.fail("the standard error must be 0 or more", param, ctx)
        return figure, se


class Pairs(click.ParamType[dict[str, str]]):
    """Pairs such as Female=f,Male=m."""

    name = "a=b,c=d"

    def convert(self, value: Any, param: Any, ctx: Any) -> dict[str, str]:
        """The pairs; a wrong call where one has no “=”."""
        if isinstance(value, dict):
            return value
        parts = [part.split("=", 1) for part in str(value).split(",") if part.strip()]
        if not parts or any(len(part) != 2 for part in parts):
            self.fail("give pairs such as Female=f,Male=m", param, ctx)
        return {left.strip(): right.strip() for left, right in parts}


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


def names_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a model that may propose names, given to the command as `endpoint`."""

    @click.option(
        "--names-from",
        "url",
        metavar="URL",
        help="An OpenAI-compatible endpoint that may propose names; asked with redacted "
        f"quotations. Its key, if it has one, in {endpoint.KEY}.",
    )
    @click.option("--names-model", "model", default="", metavar="NAME", help="Its model.")
    @wraps(command)
    def run(*, url: str | None, model: str, **given: Any) -> None:
        try:
            key = os.environ.get(endpoint.KEY, "")
            asked = endpoint.Endpoint.of(url, model, key) if url is not None else None
        except ValueError as error:
            raise click.UsageError(f"--names-from: {error}") from None
        command(endpoint=asked, **given)

    return run


class Shares(click.ParamType[list[float]]):
    """Shares of people, above 0 and below 1, with commas between them."""

    name = "0.25,0.75"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[float]:
        """The shares; a wrong call where one is none."""
        try:
            shares = [float(part) for part in str(value).split(",")]
        except ValueError:
            self.fail("give shares such as 0.25,0.75", param, ctx)
        if not all(0 < share < 1 for share in shares):
            self.fail("give shares above 0 and below 1", param, ctx)
        return shares


@dataclass(frozen=True, slots=True)
class Drawn:
    """How responses are weighted, and how they were drawn: options that several commands take."""

    weight_by: str | None
    targets: Path | None
    base_weight: str | None
    strata: list[str] | None
    cluster: list[str] | None
    fpc: list[str] | None
    replicates: str | None
    replicate_weights: str | None
    rho: float
    seed: int
    mode: str | None

    @property
    def by_design(self) -> bool:
        """Whether a design is given."""
        return bool(self.strata or self.cluster or self.fpc)

    @property
    def columns(self) -> list[str]:
        """The columns it names, but for those of the margins and replicate weights."""
        single = (self.weight_by, self.base_weight)
        several = (self.strata, self.cluster, self.fpc)
        return [*(c for c in single if c), *(c for names in several for c in names or ())]


REPLICATES = ["jackknife", "balanced", "bootstrap", "JK1", "BRR", "Fay", "other"]
ADJUST = ["holm", "bonferroni", "hochberg", "BH", "BY", "none"]
SUPPRESS = click.IntRange(min=0)
ROUND = click.IntRange(min=1)


def drawn_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options of weights and design, given to the command as `drawn`."""
    names = [f.name for f in fields(Drawn)]

    @wraps(command)
    def run(**given: Any) -> None:
        drawn = Drawn(**{name: given.pop(name) for name in names})
        command(drawn=drawn, **given)

    for option in reversed(_DRAWN):
        run = option(run)
    return run


_DRAWN = (
    click.option("--weight", "weight_by", metavar="COL",
                 help="A column, or the file `weight` wrote."),
    click.option("--targets", type=FILE,
                 help="Weight to these margins, and count the gain from it."),
    click.option("--base-weight", metavar="COL", help="With --targets: the column to start from."),
    click.option("--strata", type=Names(), metavar="COL", help="Strata they were drawn in."),
    click.option("--cluster", type=Names(), metavar="COL",
                 help="Sampling units; a,b for two stages."),
    click.option("--fpc", type=Names(), metavar="COL",
                 help="Sampled share, or units in the population."),
    click.option("--replicates", type=click.Choice(REPLICATES),
                 help="Errors by replicate weights."),
    click.option("--replicate-weights", metavar="COL*", help="Columns of them."),
    click.option("--rho", type=click.FloatRange(0, 1, max_open=True), default=0.0,
                 help="Fay’s factor."),
    click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the bootstrap."),
    click.option("--mode", type=click.Choice(["open", "sample"]), default=None,
                 help="Whether people were drawn at random; a codebook says it."),
)  # fmt: skip
