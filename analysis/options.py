"""What the commands of `python -m analysis` take: types, shared options, and how they fail."""

import math
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click

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
mode_option = click.option(
    "--mode",
    type=click.Choice(["open", "sample"]),
    default=None,
    help="Whether people were drawn at random; a codebook says it.",
)
REPLICATES = ["jackknife", "balanced", "bootstrap", "JK1", "BRR", "Fay", "other"]
ADJUST = ["holm", "bonferroni", "hochberg", "BH", "BY", "none"]
SUPPRESS = click.IntRange(min=0)
ROUND = click.IntRange(min=1)


def design_options(command: Callable[P, None]) -> Callable[P, None]:
    """How a sample was drawn; several columns are the stages of drawing."""
    command = click.option(
        "--seed", type=click.IntRange(min=0), default=0, help="Of the bootstrap."
    )(command)
    command = click.option("--rho", type=click.FloatRange(0, 1, max_open=True), default=0.0,
                           help="Fay’s factor.")(command)  # fmt: skip
    command = click.option("--replicate-weights", metavar="COL*", help="Columns of them.")(command)
    command = click.option(
        "--replicates", type=click.Choice(REPLICATES), help="Errors by replicate weights."
    )(command)
    for name, says in (
        ("--fpc", "Sampled share, or units in the population."),
        ("--cluster", "Sampling units; a,b for two stages."),
        ("--strata", "Strata they were drawn in."),
    ):
        command = click.option(name, type=Names(), metavar="COL", help=says)(command)
    return command
