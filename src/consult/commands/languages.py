"""``consult languages``: what the pages say in other languages, and who has checked it."""

from __future__ import annotations

import click

from consult.errors import ConsultError


@click.command()
@click.option("--unchecked", metavar="LANGUAGE", help="List what waits for a native speaker.")
def languages(unchecked: str | None) -> None:
    """Languages of the buttons and messages: how complete, and how much is unchecked."""
    from consult.questionnaire.languages import name
    from consult.web import catalogues

    if unchecked is not None:
        _list(unchecked)
        return
    wanted = catalogues.messages()
    rows = [("language", "messages", "missing", "unchecked")]
    for code in catalogues.known():
        said, waiting = catalogues.said(code), catalogues.unchecked(code)
        rows.append(
            (
                f"{code} {name(code)}",
                str(len(said)),
                str(len(set(wanted) - set(said))),
                str(len(waiting)),
            )
        )
    for called, *counts in rows:
        click.echo(f"{called:<20}" + "".join(f"{count:>11}" for count in counts))
    click.echo(f"\nThe pages have {len(wanted)} messages in English.")
    click.echo("unchecked: shown, but no native speaker has read it (docs/LANGUAGES.md).")


def _list(language: str) -> None:
    from consult.web import catalogues

    if language not in catalogues.known():
        raise ConsultError(
            f"There is no catalogue for '{language}'. There are: {', '.join(catalogues.known())}."
        )
    waiting = catalogues.unchecked(language)
    for english, other in waiting.items():
        click.echo(f"{english}\n    {other}\n")
    click.echo(f"{len(waiting)} wait for a native speaker.")
