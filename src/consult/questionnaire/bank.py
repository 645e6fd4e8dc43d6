"""The question bank: blocks of pages that surveys include by name and version.

A shelf is a folder; a block is a folder on it, called by its reference (``sex@1``), with
``block.yaml`` (pages, as in survey.yaml) and its wording by language. A block's wording changes
only by a new version, so that figures stay comparable.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from consult.questionnaire.model import Block, BlockWords
from consult.questionnaire.reading import read_as
from consult.settings import shipped

#: Where blocks are looked for when a survey's own folder has none.
SHELVES = (shipped("surveys") / "bank",)


def references(shelves: Sequence[Path] = SHELVES) -> list[str]:
    """Every block there is, by name and version."""
    found = {path.parent.name for shelf in shelves for path in shelf.glob("*@*/block.yaml")}
    return sorted(found, key=lambda name: (name.partition("@")[0], int(name.partition("@")[2])))


def find(reference: str, shelves: Sequence[Path] = SHELVES) -> Block | None:
    """A block, None where no shelf has it. Raises SurveyError for one that cannot be read."""
    for shelf in shelves:
        folder = shelf / reference
        if (folder / "block.yaml").is_file():
            return _block(folder, (folder / "block.yaml").stat().st_mtime_ns)
    return None


@lru_cache(maxsize=256)
def _block(folder: Path, changed: int) -> Block:
    block = read_as(Block, folder / "block.yaml")
    files = sorted(folder.glob("[a-z][a-z].yaml"))
    words = {path.stem: read_as(BlockWords, path) for path in files}
    return block.model_copy(update={"words": words})
