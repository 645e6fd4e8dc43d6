"""Whatever was flagged: the figures with and without it never tell of a few by subtraction."""

import csv
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import pipeline
from analysis.codebook import FLAGGED
from analysis.disclosure import Rules

CODES = ("yes", "no", "unsure")
counts = st.one_of(st.integers(0, 12), st.integers(0, 120))


@settings(max_examples=60, deadline=None)
@given(st.tuples(counts, counts, counts), st.tuples(counts, counts, counts))
def test_nobody_can_be_subtracted(plain: tuple[int, ...], flagged: tuple[int, ...]) -> None:
    rows = [(code, "") for code, n in zip(CODES, plain, strict=True) for _ in range(n)]
    rows += [(code, "fast") for code, n in zip(CODES, flagged, strict=True) for _ in range(n)]
    if not rows:
        return
    with tempfile.TemporaryDirectory() as name:
        responses, book = Path(name) / "r.csv", Path(name) / "c.json"
        with responses.open("w", newline="") as stream:
            lines = [[str(k), flags, view] for k, (view, flags) in enumerate(rows)]
            csv.writer(stream).writerows([["id", "flags", "view"], *lines])
        question = {
            "id": "view", "type": "choice", "columns": [{"name": "view"}],
            "options": [{"code": code} for code in CODES],
        }  # fmt: skip
        flag = {"code": "fast", "label": "Fast"}
        book.write_text(json.dumps({"format": 1, "questions": [question], "flags": [flag]}))
        data, _ = pipeline.prepare(responses, book)
    rules = Rules()
    (table,) = pipeline.release(data, rules=rules).tables
    split = next((b for b in table.breakdowns if b.by.id == FLAGGED), None)
    assert (split is not None) == any(flagged)
    if split is None:
        return
    without = next((g for g in split.groups if g.group == "no"), None)
    if 0 < sum(flagged) < rules.suppress:
        assert without is None or without.suppressed or table.everyone.suppressed
    for place, few in enumerate(flagged):
        if without is not None and 0 < few < rules.suppress:
            pair = (table.everyone.cells[place], without.cells[place])
            assert any(cell.suppressed for cell in pair), (plain, flagged)
