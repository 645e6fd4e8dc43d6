"""Table classes of datasets. They hold rows and never validate."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Column, Date, ForeignKey, Integer, LargeBinary, String, Text
from sqlmodel import Field, SQLModel

import consult.tables  # noqa: F401  the tables these refer to, and how constraints are named


class FrozenRow(SQLModel, table=True):
    """A dataset as it was published from. A trigger refuses to change or delete one.

    Nothing in it can be joined to a response: see ``datasets/frozen.py``.
    """

    __tablename__ = "dataset"

    survey_slug: str = Field(
        sa_column=Column(String(80), ForeignKey("survey.slug"), primary_key=True)
    )
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    frozen_on: date = Field(sa_column=Column(Date, nullable=False))
    manifest: str = Field(sa_column=Column(Text, nullable=False))
    codebook: str = Field(sa_column=Column(Text, nullable=False))
    population: str = Field(sa_column=Column(Text, nullable=False))
    #: ``responses.csv``, compressed (zlib).
    responses: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
