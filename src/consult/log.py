"""Logging: what happened and where, never what anyone answered, and no address of a machine."""

from __future__ import annotations

import logging
import os
import sys

from consult.settings import SettingError

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def configure() -> None:
    """One line per event on standard error, from CONSULT_LOG_LEVEL (INFO) upwards."""
    level = os.environ.get("CONSULT_LOG_LEVEL", "").upper() or "INFO"
    if level not in LEVELS:
        raise SettingError(f"CONSULT_LOG_LEVEL is '{level}'. Use one of {', '.join(LEVELS)}.")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Both can print statements with their parameters, which are people's answers.
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def failure(error: BaseException) -> str:
    """An error as a log may hold it: its type and where it arose, without its message."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(places[-6:]))}"
