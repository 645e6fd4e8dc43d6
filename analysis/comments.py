"""The commands that read people's own words: letters, themes, code, duplicates, redact."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.endpoint import Endpoint
from analysis.errors import DataError
from analysis.options import (
    FILE,
    Pairs,
    ThemeCount,
    codebook_option,
    data_errors_exit_1,
    id_option,
    names_options,
    responses_argument,
)
from analysis.written import write_csv, write_json

if TYPE_CHECKING:
    from analysis.themes import Group, Theme, ThemedDataset


@click.command()
@click.argument("source", type=FILE, metavar="FOLDER")
@click.option("-o", "out", type=FILE, required=True, help="Where the passages are written, as CSV.")
@click.option("--raw", is_flag=True, help="Names and numbers of people stay in the passages.")
@click.option("--copies", is_flag=True, help="Count the same file again: several people sent it.")
@data_errors_exit_1
def letters(source: Path, out: Path, raw: bool, copies: bool) -> None:
    """Passages of the letters, mails and meeting notes in FOLDER, a .zip of them, or an .mbox.

    Beside OUT.csv: OUT.files.csv, what came of each file (its names may tell who wrote: keep it
    apart), and OUT.left-out.csv, what was left out and why.
    """
    from analysis import letters
    from analysis.progress import Progress

    with Progress() as report:
        found = letters.read(source, raw=raw, copies=copies, report=report)
    for one in found.files:
        if one.said:
            click.echo(f"{one.name}: {one.said}", err=True)
    if not found.passages:
        raise DataError(f"{source}: nothing in it can be read; what is wrong is said above.")
    rows = ((p.id, p.letter, p.number, p.day, p.kind, p.text) for p in found.passages)
    write_csv(out, ("id", "letter", "passage", "day", "kind", "text"), rows)
    files = ((f.name, f.letter, f.kind, f.day, f.passages, f.said) for f in found.files)
    header = ("file", "letter", "kind", "day", "passages", "said")
    write_csv(out.with_suffix(".files.csv"), header, files)
    left = ((letter, kind, one.reason, len(one.text.split()), _shown(one.text, raw, one.personal))
            for letter, kind, one in found.left)  # fmt: skip
    write_csv(out.with_suffix(".left-out.csv"), ("letter", "kind", "reason", "words", "text"), left)
    click.echo(letters.summary(found))


def _shown(text: str, raw: bool, personal: bool) -> str:
    """Words that were left out as they may be kept; names and addresses only with --raw."""
    from analysis import redaction

    return text if raw else "" if personal else redaction.redact(text).text


@click.command()
@responses_argument
@click.option("--text", "column", required=True, metavar="COL")
@click.option("--themes", "count", type=ThemeCount(), default="auto", show_default=True)
@click.option("--seed", type=click.IntRange(min=0, max=2**32 - 1), default=0, show_default=True)
@click.option("-o", "out", type=FILE, required=True, help="Folder for the five files.")
@click.option(
    "--dictionary",
    "lists",
    multiple=True,
    type=Pairs(),
    metavar="LANGUAGE=FILE",
    help="Theme comments in that language with the English ones, through this word list.",
)
@click.option("--within", metavar="COL", help="Count themes in this column’s values too: letter.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, tcp://…, for large files.")
@names_options
@codebook_option
@id_option
@data_errors_exit_1
def themes(
    responses: Path,
    column: str,
    count: int | None,
    seed: int,
    out: Path,
    lists: tuple[dict[str, str], ...],
    within: str | None,
    scheduler: str | None,
    endpoint: Endpoint | None,
    codebook: Path | None,
    id_col: str,
) -> None:
    """What the answers to an open question are about, with quotations."""
    from analysis import dataset, proposing, streaming, themes, weighting
    from analysis.dictionary import Dictionary
    from analysis.progress import Progress

    if streaming.rows(responses) >= streaming.FROM:
        if within or lists:
            said = "--within" if within else "--dictionary"
            raise DataError(f"{said} goes with fewer than {streaming.FROM:,} rows.")
        with Progress() as report:
            said = streaming.theme_file(
                responses, column, out, count=count, seed=seed, id_col=id_col,
                scheduler=scheduler, endpoint=endpoint, report=report,
            )  # fmt: skip
        click.echo(said)
        return
    data = dataset.read(responses, codebook, id_col)
    if within:
        data.column(within)  # named wrongly, it is said before the work
    read = [Dictionary.read(name, Path(file)) for one in lists for name, file in one.items()]
    with Progress() as report:
        found = themes.theme(weighting.unweighted(data), column, count, seed, report,
                             {one.language: one for one in read})  # fmt: skip
        out.mkdir(parents=True, exist_ok=True)
        found, told = proposing.written(found, endpoint, out, report)
    told += _written_themes(found, within, out) + _told_languages(found)
    write_json(out / "campaigns.json", [campaign.as_dict() for campaign in found.campaigns])
    rows = ((data.ids[row], theme, score) for row, theme, score in found.assignments)
    write_csv(out / "assignments.csv", ("id", "theme", "score"), rows)
    apart = ((data.ids[row], reason) for row, reason in found.apart.items())
    write_csv(out / "unprocessed.csv", ("id", "reason"), apart)
    letters = sum(campaign.size for campaign in found.campaigns)
    click.echo(
        f"{found.reconciled()} {letters} answers came in "
        f"{len(found.campaigns)} letters sent ten times or more.{told}"
    )
    if scheduler:
        click.echo(f"With fewer than {streaming.FROM:,} rows nothing was sent to the scheduler.")


def _told_languages(found: "ThemedDataset") -> str:
    """How many answers were read through a dictionary, and how well it knows them."""
    return "".join(
        f" {many:,} answers in “{language}” were read through the dictionary, which has "
        f"{known:.0%} of their words."
        for language, (many, known) in found.through.items()
    )


def _written_themes(found: "ThemedDataset", within: str | None, out: Path) -> str:
    """Write themes and groups; with `within` in how many of its values each is, told in words."""
    from analysis import themes

    counts, every = themes.distinct(found, within) if within else ({}, 0)

    def told(one: "Theme | Group") -> dict[str, object]:
        return one.as_dict() | ({"distinct": {within: counts[one.id]}} if within else {})

    write_json(out / "themes.json", [told(theme) for theme in found.themes])
    write_json(out / "groups.json", [told(group) for group in found.groups])
    return f" They are of {every:,} different “{within}”." if within else ""


@click.command()
@responses_argument
@click.option("--text", "column", required=True, metavar="COL")
@click.option("-o", "out", type=FILE, required=True, help="Where id,text,kinds is written.")
@click.option("--pieces", type=FILE, help="Where what was taken out is written. Keep it apart.")
@codebook_option
@id_option
@data_errors_exit_1
def redact(
    responses: Path,
    column: str,
    out: Path,
    pieces: Path | None,
    codebook: Path | None,
    id_col: str,
) -> None:
    """The answers to an open question with marks for names, addresses and numbers of people."""
    from analysis import dataset, redaction
    from analysis.progress import Progress

    data = dataset.read(responses, codebook, id_col)
    with Progress() as report:
        found = redaction.redact_all(data.column(column), report)
    rows = ((i, r.text, "|".join(r.kinds)) for i, r in zip(data.ids, found, strict=True))
    write_csv(out, ("id", "text", "kinds"), rows)
    if pieces is not None:
        taken = ((i, p.start, p.end, p.kind, p.text) for i, r in zip(data.ids, found, strict=True)
                 for p in r.pieces)  # fmt: skip
        write_csv(pieces, ("id", "start", "end", "kind", "piece"), taken)
    touched = sum(bool(r.pieces) for r in found)
    click.echo(f"{len(found)} responses; personal data was taken out of {touched}.")


@click.command()
@responses_argument
@click.option("--text", "column", required=True, metavar="COL")
@click.option("--coded", type=FILE, required=True, help="id,code: what people have coded.")
@click.option("--frame", type=FILE, help="code,name,description: what the codes are called.")
@click.option("--suggest", type=click.IntRange(min=0), default=20, show_default=True,
              help="How many answers to code next.")  # fmt: skip
@click.option("-o", "out", type=FILE, required=True, help="Folder for the three files.")
@codebook_option
@id_option
@data_errors_exit_1
def code(
    responses: Path,
    column: str,
    coded: Path,
    frame: Path | None,
    suggest: int,
    out: Path,
    codebook: Path | None,
    id_col: str,
) -> None:
    """Codes for every answer, learnt from those that people have coded."""
    from analysis import coding, dataset, duplicates, redaction
    from analysis.progress import Progress

    data = dataset.read(responses, codebook, id_col)
    with Progress() as report:
        redacted = redaction.redact_all(data.column(column), report)
    texts = [redaction.unmarked(one.text) for one in redacted]
    ids = [str(i) for i in data.ids]
    codes = coding.read_frame(frame) if frame else []
    given = coding.read_coded(coded, {i: k for k, i in enumerate(ids)}, codes)
    codes = codes or [coding.Code(c, c) for c in sorted(set().union(*given.codes.values()))]
    if not codes:
        raise DataError("There is no code: give coded answers, or the codes with --frame.")
    answers = coding.Answers.of(texts)
    found = coding.predict(answers, codes, given)
    out.mkdir(parents=True, exist_ok=True)
    rows = (
        (i, c.id, f"{p:.6g}")
        for i, chances in zip(ids, found.probability.tolist(), strict=True)
        for c, p in zip(codes, chances, strict=True)
    )
    write_csv(out / "predictions.csv", ("id", "code", "probability"), rows)
    following = coding.suggest(found, given, duplicates.find(texts).first, suggest)
    write_csv(
        out / "next.csv", ("id", "code", "why"), ((ids[s.place], s.code, s.why) for s in following)
    )
    write_json(out / "agreement.json", coding.agreement(answers, codes, given))
    click.echo(f"{len(given.codes)} coded answers, {len(codes)} codes, {len(ids)} responses.")


@click.command("duplicates")
@responses_argument
@click.option("--text", "column", required=True, metavar="COL")
@click.option("-o", "out", type=FILE, required=True, help="Where id,cluster,size,kind is written.")
@codebook_option
@id_option
@data_errors_exit_1
def duplicates_(
    responses: Path, column: str, out: Path, codebook: Path | None, id_col: str
) -> None:
    """Which answers are copies: the same words, or a letter that many sent with changes."""
    from analysis import dataset, duplicates

    data = dataset.read(responses, codebook, id_col, None if codebook else [column])
    ids, texts = data.ids, data.column(column)
    del data  # a million letters are not held twice
    found = duplicates.find(texts)
    rows = zip(ids, found.numbers.tolist(), found.sizes.tolist(), found.kinds, strict=True)
    write_csv(out, ("id", "cluster", "size", "kind"), rows)
    copies = sum(kind != "single" for kind in found.kinds)
    clusters = "1 cluster" if found.clusters == 1 else f"{found.clusters} clusters"
    click.echo(f"{len(ids)} responses; {copies} are copies of another, in {clusters}.")


COMMANDS = (letters, themes, code, duplicates_, redact)
