"""Code frames to begin from: those that come with consult, and those of other questions."""

from __future__ import annotations

from collections.abc import Sequence

from consult.coding import store
from consult.coding.frame import Code, read
from consult.coding.model import Place
from consult.database import WriteSession
from consult.errors import ConsultError
from consult.settings import shipped


def shipped_frames() -> dict[str, str]:
    """The names of the frames that come with consult, as people read them, by file."""
    files = sorted((shipped("surveys") / "frames").glob("*.csv"))
    return {file.stem: file.stem.replace("-", " ").capitalize() for file in files}


def sources(places: Sequence[Place]) -> list[tuple[str, str]]:
    """What a frame may start from: how a form names it, and how a page does."""
    own = [(f"own:{place}", place.said) for place in places]
    return [*((f"file:{name}", said) for name, said in shipped_frames().items()), *own]


async def frame_of(session: WriteSession, source: str) -> tuple[Sequence[Code], str]:
    """The codes of a source, and its name. Raises ConsultError."""
    kind, _, name = source.partition(":")
    known = shipped_frames()
    if kind == "file" and name in known:
        text = (shipped("surveys") / "frames" / f"{name}.csv").read_text(encoding="utf-8")
        return read(text), f"“{known[name]}”"
    if kind == "own":
        place = Place.of(name)
        head = await store.head(session, place)
        if head.number:
            return head.frame.codes, place.said
    raise ConsultError("Choose a file, or a frame from the list.")
