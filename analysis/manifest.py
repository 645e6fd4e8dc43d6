"""What a dataset was built from: its hash, what was left out and why.

`manifest.json` (format 1) is written beside the responses by whoever made them; a dataset read
without one knows its own hash and that nothing was left out by this package.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.errors import DataError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Responses that are not in the dataset: why, and how many."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where a dataset came from. `sources` are hashes by what they are of; `frozen` its number."""

    name: str
    sha256: str
    rows: int
    exclusions: tuple[Exclusion, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    frozen: str = ""

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
                exclusions=tuple(
                    Exclusion(str(e["reason"]), int(e["count"])) for e in raw.get("exclusions", ())
                ),
                sources=tuple((str(k), str(v)) for k, v in raw.get("sources", {}).items()),
                frozen=str(raw.get("frozen", "")),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise DataError(
                f"{place}: the manifest is not complete. Export the dataset again."
            ) from None


def as_json(
    sha256: str,
    rows: int,
    exclusions: Mapping[str, int],
    sources: Mapping[str, str],
    frozen: str = "",
) -> str:
    """The text of a `manifest.json`: what `Manifest.beside` reads."""
    content: dict[str, Any] = {
        "format": 1,
        "sha256": sha256,
        "rows": rows,
        "exclusions": [{"reason": r, "count": n} for r, n in exclusions.items()],
        "sources": dict(sources),
        "frozen": frozen,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
