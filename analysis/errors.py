"""The one error this package raises about data it cannot use."""


class DataError(Exception):
    """The files cannot be used as they are.

    The message names the place (file, column, row, category) and the remedy, and never quotes an
    answer. The command line prints it and exits with code 1.
    """


def listed(names: list[str], most: int = 8) -> str:
    """The names in quotes, at most `most` of them, then how many more there are."""
    shown = ", ".join(f"“{name}”" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
