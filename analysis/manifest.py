"""What a dataset was built from: its hash, what was left out and why.

`manifest.json` (format 1) is written beside the responses by whoever made them; a dataset read
without one knows its own hash and that nothing was left out by this package. `exclusions` count
responses that are not in the dataset, `omissions` what is not in it of those that are, each in the
unit it names.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from analysis.errors import DataError

MANIFEST = "manifest.json"
RESPONSES, ANSWERS, QUESTIONS = ("responses", "answers", "questions")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What is not in the dataset: why, how many, and of what: responses, answers or questions."""

    reason: str
    count: int
    unit: str = RESPONSES

    @property
    def of_people(self) -> bool:
        """Whether the number tells of people, and not of the survey."""
        return self.unit != QUESTIONS


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where a dataset came from. `sources` are hashes by what they are of; `frozen` its number."""

    name: str
    sha256: str
    rows: int
    exclusions: tuple[Exclusion, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    frozen: str = ""
    omissions: tuple[Exclusion, ...] = ()

    @property
    def not_in_it(self) -> tuple[Exclusion, ...]:
        """Everything that is not in the dataset, responses first."""
        return (*self.exclusions, *self.omissions)

    def without(self, reason: str, count: int) -> "Manifest":
        """The manifest after `count` more rows were left out."""
        more = (*self.exclusions, Exclusion(reason, count))
        return replace(self, rows=self.rows - count, exclusions=more)

    @classmethod
    def beside(cls, path: Path, sha256: str, rows: int) -> "Manifest":
        """The manifest of a file: from `manifest.json` beside it if that names this file's hash."""
        own = cls(path.name, sha256, rows)
        place = path.parent / MANIFEST
        try:
            raw = json.loads(place.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return own
        except (OSError, ValueError):
            raise DataError(
                f"{place}: not a manifest (no JSON). Export the dataset again, or remove the file."
            ) from None
        if not isinstance(raw, dict) or raw.get("sha256") != sha256:
            return own  # it tells of another file in the same folder
        try:
            return replace(
                own,
                exclusions=_read(raw.get("exclusions", ()), [RESPONSES]),
                sources=tuple((str(k), str(v)) for k, v in raw.get("sources", {}).items()),
                frozen=str(raw.get("frozen", "")),
                omissions=_read(raw.get("omissions", ()), [ANSWERS, QUESTIONS]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise DataError(
                f"{place}: the manifest is not complete. Export the dataset again."
            ) from None


def _read(entries: Sequence[Mapping[str, Any]], units: Sequence[str]) -> tuple[Exclusion, ...]:
    found = tuple(
        Exclusion(str(e["reason"]), int(e["count"]), str(e.get("unit", RESPONSES))) for e in entries
    )
    if any(one.unit not in units for one in found):
        raise ValueError(f"counts something else than {' or '.join(units)}")
    return found


def as_json(
    sha256: str,
    rows: int,
    exclusions: Mapping[str, int],
    sources: Mapping[str, str],
    frozen: str = "",
    omissions: Sequence[Exclusion] = (),
) -> str:
    """The text of a `manifest.json`: what `Manifest.beside` reads."""
    left_out = [Exclusion(reason, count) for reason, count in exclusions.items()]
    content: dict[str, Any] = {
        "format": 1,
        "sha256": sha256,
        "rows": rows,
        "exclusions": [asdict(one) for one in left_out],
        "omissions": [asdict(one) for one in omissions],
        "sources": dict(sources),
        "frozen": frozen,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
