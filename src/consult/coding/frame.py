"""A code frame and what people may do to it. Pure: every change gives a new frame.

An assignment keeps the codes it was made with. What became of them since is in the frame: a code
knows which others were merged into it, so that taking a merger back gives every comment its codes
back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from consult.errors import ConsultError

#: As many themes as i.AI's Consult allows; more than anybody can keep in mind.
MOST_CODES = 70
LONGEST_NAME, LONGEST_DESCRIPTION = 100, 500


@dataclass(frozen=True)
class Code:
    """A code: ``also`` are the codes that were merged into it, ``parent`` the one it is part of.

    ``candidates`` are those it was made of, whose members the machine learns from at first.
    """

    id: str
    name: str
    description: str = ""
    parent: str | None = None
    also: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frame:
    """Codes in their order; ``following`` numbers the next: no id is ever given twice.

    ``others`` are the questions that are coded by it too, as ``Place`` writes them.
    """

    codes: tuple[Code, ...] = ()
    following: int = 1
    others: tuple[str, ...] = ()

    def find(self, code: str) -> Code:
        """A code by its id. Raises ConsultError."""
        found = next((c for c in self.codes if c.id == code), None)
        if found is None:
            raise ConsultError("That code is no longer in the frame: somebody changed it.")
        return found

    def parts(self, code: str) -> tuple[Code, ...]:
        """The codes that a code is made of."""
        return tuple(c for c in self.codes if c.parent == code)

    def tree(self) -> list[tuple[Code, tuple[Code, ...]]]:
        """The codes of the first level, each with its parts."""
        return [(c, self.parts(c.id)) for c in self.codes if c.parent is None]

    def now(self, codes: Iterable[str]) -> tuple[str, ...]:
        """What became of codes that an assignment was made with, in the frame's order."""
        wanted = set(codes)
        return tuple(c.id for c in self.codes if c.id in wanted or wanted & set(c.also))

    # -- changes -----------------------------------------------------------------------------------

    def add(self, name: str, description: str = "", parent: str | None = None) -> Frame:
        """A new code, behind the others. Raises ConsultError."""
        if len(self.codes) >= MOST_CODES:
            raise ConsultError(f"A code frame has {MOST_CODES} codes at most. Merge some first.")
        self._parent(parent)
        code = Code(f"c{self.following}", self._name(name), _described(description), parent)
        return replace(self, codes=(*self.codes, code), following=self.following + 1)

    def rename(self, code: str, name: str, description: str) -> Frame:
        """Another name and description. Raises ConsultError."""
        self.find(code)
        named = self._name(name, code)
        return self._with(code, name=named, description=_described(description))

    def move(self, code: str, parent: str | None) -> Frame:
        """Under another code, or to the first level. Raises ConsultError."""
        self._parent(parent)
        if parent == code:
            raise ConsultError("A code cannot be part of itself.")
        if parent is not None and self.parts(code):
            raise ConsultError(
                f"“{self.find(code).name}” has parts. Move them to the first level first."
            )
        return self._with(self.find(code).id, parent=parent)

    def merge(self, codes: Sequence[str], name: str = "") -> Frame:
        """Several codes into the first of them. Raises ConsultError."""
        chosen = [self.find(code) for code in dict.fromkeys(codes)]
        if len(chosen) < 2:
            raise ConsultError("Choose two or more codes to merge.")
        kept, *others = chosen
        gone = {c.id for c in others}
        also = [a for c in others for a in (c.id, *c.also)]
        parent = None if kept.parent in gone else kept.parent
        candidates = tuple(one for c in chosen for one in c.candidates)
        made = replace(kept, also=(*kept.also, *also), parent=parent, candidates=candidates)
        left = [made if c.id == kept.id else c for c in self.codes if c.id not in gone]
        # What was part of one that is gone is part of the one that has become of it.
        upper = kept.id if parent is None else parent
        left = [replace(c, parent=upper) if c.parent in gone else c for c in left]
        frame = replace(self, codes=tuple(left))
        return frame.rename(kept.id, name, kept.description) if name.strip() else frame

    def split(self, code: str, names: Sequence[str]) -> Frame:
        """A code into parts, which are new: it stays as what they have in common."""
        whole = self.find(code)
        if whole.parent is not None:
            raise ConsultError(f"“{whole.name}” is a part. Move it to the first level first.")
        wanted = [name for name in names if name.strip()]
        if len(wanted) < 2:
            raise ConsultError("Name two or more parts, one a line.")
        frame = self
        for name in wanted:
            frame = frame.add(name, parent=code)
        return frame

    def take(self, candidates: Sequence[Code]) -> Frame:
        """With candidates as codes; those named alike are not added again. Raises ConsultError."""
        frame = self.start(candidates)
        of = {c.name.casefold(): c.candidates for c in candidates}
        new = (replace(c, candidates=of[c.name.casefold()]) for c in frame.codes[len(self.codes) :])
        return replace(frame, codes=(*self.codes, *new))

    def delete(self, code: str) -> Frame:
        """Without a code; its parts move to the first level."""
        self.find(code)
        left = [replace(c, parent=None) if c.parent == code else c for c in self.codes]
        return replace(self, codes=tuple(c for c in left if c.id != code))

    def start(self, codes: Sequence[Code]) -> Frame:
        """With the codes of another frame behind its own; those named alike are not added again.

        Ids that were never used here stay, so that waves can be compared. Raises ConsultError.
        """
        frame = self
        ids: dict[str, str] = {}
        for code in codes:
            same = next((c for c in frame.codes if c.name.casefold() == code.name.casefold()), None)
            if same is None:
                frame = frame.add(code.name, code.description, ids.get(code.parent or ""))
                same, number = frame.codes[-1], _number(code.id) or 0
                if number >= self.following and all(code.id != c.id for c in frame.codes):
                    same = replace(same, id=code.id)
                    following = max(frame.following - 1, number + 1)
                    codes_then = (*frame.codes[:-1], same)
                    frame = replace(frame, codes=codes_then, following=following)
            ids[code.id] = same.id
        return frame

    # -- as it is kept -----------------------------------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """The frame as the database has it."""
        codes = [
            {
                "id": c.id, "name": c.name, "description": c.description,
                "parent": c.parent, "also": list(c.also), "candidates": list(c.candidates),
            }
            for c in self.codes
        ]  # fmt: skip
        return {"codes": codes, "following": self.following, "others": list(self.others)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Frame:
        """The frame of what the database has."""
        lists = ("also", "candidates")
        codes = (Code(**{**c, **{name: tuple(c[name]) for name in lists}}) for c in kept["codes"])
        return cls(tuple(codes), kept["following"], tuple(kept["others"]))

    def as_csv(self) -> str:
        """The frame as a file that ``read`` and ``python -m analysis code --frame`` take."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("code", "name", "description", "part_of"))
        writer.writerows((c.id, c.name, c.description, c.parent or "") for c in self.codes)
        return out.getvalue()

    def _with(self, code: str, **changes: Any) -> Frame:
        made = (replace(c, **changes) if c.id == code else c for c in self.codes)
        return replace(self, codes=tuple(made))

    def _parent(self, parent: str | None) -> None:
        if parent is not None and self.find(parent).parent is not None:
            raise ConsultError("A frame has two levels: a part cannot have parts.")

    def _name(self, name: str, own: str | None = None) -> str:
        said = " ".join(name.replace("\x00", "").split())
        if not said:
            raise ConsultError("Give the code a name.")
        if len(said) > LONGEST_NAME:
            raise ConsultError(f"A code's name has {LONGEST_NAME} letters at most.")
        for code in self.codes:
            if code.id != own and code.name.casefold() == said.casefold():
                raise ConsultError(f"There is a code “{code.name}” already.")
        return said


def _described(description: str) -> str:
    said = " ".join(description.split())
    if len(said) > LONGEST_DESCRIPTION:
        raise ConsultError(f"A code's description has {LONGEST_DESCRIPTION} letters at most.")
    return said


def _number(code: str) -> int | None:
    digits = code.removeprefix("c")
    plain = code.startswith("c") and digits.isascii() and digits.isdigit() and len(digits) < 6
    return int(digits) if plain else None


def read(text: str) -> list[Code]:
    """The codes of a CSV file ``code,name,description,part_of``; only a name must be there.

    Raises ConsultError, which names the line.
    """
    plain = text.removeprefix("\ufeff").replace("\x00", "")
    reader = csv.DictReader(io.StringIO(plain, newline=None))
    try:
        return _codes(reader)
    except csv.Error:
        raise ConsultError(f"Line {reader.line_num} cannot be read as CSV.") from None


def _codes(reader: csv.DictReader[str]) -> list[Code]:
    if "name" not in (reader.fieldnames or ()):
        raise ConsultError(
            "The file's first line must be code,name,description,part_of. Only name is needed."
        )
    codes: list[Code] = []
    for line, row in enumerate(reader, start=2):
        said = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}
        if not said["name"]:
            raise ConsultError(f"Line {line} has no name.")
        part_of = said.get("part_of") or None
        if part_of and all(part_of not in (c.id, c.name) for c in codes):
            raise ConsultError(f"Line {line}: there is no code “{part_of}” above it.")
        part_of = next((c.id for c in codes if part_of in (c.id, c.name)), None)
        code = said.get("code") or f"line {line}"
        if any(code == c.id for c in codes):
            raise ConsultError(f"Line {line}: the code “{code}” stands there twice.")
        codes.append(Code(code, said["name"], said.get("description", ""), part_of))
    if not codes:
        raise ConsultError("There is no code in the file.")
    return codes
