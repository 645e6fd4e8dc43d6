"""Errors that a person can do something about."""

from __future__ import annotations


class ConsultError(Exception):
    """A command that cannot be carried out; the message says why and what to do."""


class DatabaseUnavailable(Exception):
    """The database did not answer, or did not confirm a write.

    Nothing may be reported as stored. Trying again is safe: every write is idempotent.
    """


class NotFound(Exception):
    """There is no such thing, or none that this person may see."""
