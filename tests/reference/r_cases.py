"""The reference survey of 3,000 under its four designs, and R's results for each."""

import functools
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from analysis_files import shared

from analysis import dataset, estimates
from analysis.dataset import Dataset
from analysis.estimates import Design

DESIGNS = ("r0", "rrB", "rrC", "rps")
MARGINS = ("district", "age_band", "sex", "ethnicity", "tenure")
PEOPLE = 489_376
_FOLDER = ("reference", "statistics")


@functools.cache
def cases() -> dict[str, Any]:
    """R's results by name."""
    text = shared(*_FOLDER, "r-survey-results.json").read_text()
    found: dict[str, Any] = {k: v["result"] for k, v in json.loads(text)["cases"].items()}
    return found


@functools.cache
def _resident() -> Dataset:
    return dataset.read(shared(*_FOLDER, "resident.csv"))


@dataclass(frozen=True)
class Survey:
    """A design: its rows, their weights, and how they were drawn and calibrated."""

    name: str
    data: Dataset
    weights: np.ndarray
    sample: Design

    def result(self, case: str) -> Any:
        """What R found."""
        return cases()[f"res.{self.name}.{case}"]

    @property
    def all(self) -> np.ndarray:
        """Every row."""
        return np.ones(len(self.data), dtype=bool)

    def numbers(self, name: str) -> np.ndarray:
        """A column, or one of the derived variables."""
        if name not in ("top2", "unsafe"):
            return self.data.numbers(name)
        q1 = self.data.numbers("q1")
        return np.where(np.isnan(q1), np.nan, q1 >= 4 if name == "top2" else q1 <= 2)

    def levels(self, name: str) -> tuple[list[str], np.ndarray]:
        """The categories in R's order and each row's; −1 where R has NA.

        After raking a missing answer is a category of its own.
        """
        cells = self.data.column(name)
        if self.name in ("rrB", "rrC") and name in MARGINS:
            cells = cells.fill_null("Missing")
        # Text sorts as in R's C.UTF-8 here: no names differ in case alone.
        names = sorted(set(cells.drop_nulls().to_list()) - {"Missing"})
        if "Missing" in cells.to_list():
            names.append("Missing")
        place = {name: k for k, name in enumerate(names)}
        return names, np.array([place.get(c, -1) for c in cells.to_list()])

    def answers(self) -> np.ndarray:
        """q1 as five columns of 1 and 0, NaN where not answered."""
        q1 = self.data.numbers("q1")[:, None]
        return np.where(np.isnan(q1), np.nan, q1 == np.arange(1, 6))


@functools.cache
def survey(name: str) -> Survey:
    """One of `DESIGNS`."""
    data = _resident()
    if name == "r0":
        weights = np.full(len(data), PEOPLE / len(data))
        return Survey(name, data, weights, estimates.design(data))
    if name == "rps":
        data = data.only(data.column("district").is_not_null().to_numpy())
        places, codes = np.unique(data.column("district").to_numpy(), return_inverse=True)
        margins = json.loads(shared(*_FOLDER, "resident_margins.json").read_text())
        people = np.array([margins["district"][place] for place in places], dtype=np.float64)
        weights = (people / np.bincount(codes))[codes]
        sample = estimates.design(data).calibrated([codes], np.ones(len(data)), weights)
        return Survey(name, data, weights, sample)
    column, base, cluster = {
        "rrB": ("rake_missing_level", np.ones(len(data)), None),
        "rrC": ("rake_missing_level_basew", data.numbers("basew"), "ward"),
    }[name]
    weights = pl.read_csv(shared(*_FOLDER, "w_resident.csv"))[column].to_numpy()
    raw = Survey(name, data, weights, estimates.design(data, cluster=cluster))
    codes = [raw.levels(margin)[1] for margin in MARGINS]
    return Survey(name, data, weights, raw.sample.calibrated(codes, base, weights))


def matrix(table: dict[str, Any]) -> np.ndarray:
    """A matrix as R wrote it."""
    return np.array(table["row_major"], dtype=np.float64).reshape(table["dim"])


def close(found: Any, wanted: Any, rel: float) -> None:
    """All numbers equal to `rel` of R's; None is R's NA."""
    found = np.array(found, dtype=np.float64).reshape(-1)
    wanted = np.array(wanted, dtype=np.float64).reshape(-1)
    assert found.shape == wanted.shape
    assert np.array_equal(np.isnan(found), np.isnan(wanted))
    np.testing.assert_allclose(found, wanted, rtol=rel, atol=0)
