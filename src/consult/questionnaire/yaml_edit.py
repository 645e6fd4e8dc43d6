"""Writing data into a YAML text: what did not change stays as it was written, to the byte.

The text is cut where its values begin (ruamel.yaml says where), and put together again from the
pieces: each with the comments above it, an entry of a list found by its name wherever it has gone.
Dumping the round-trip tree instead would fold and break lines of its own all over the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from consult.questionnaire import yaml_house as house
from consult.questionnaire.problems import SurveyError
from consult.questionnaire.yaml_read import data_of, nodes_and_tree_of


def written(name: str, text: str, data: Mapping[str, Any]) -> str:
    """``text`` changed so that it says ``data``."""
    lines = text.replace("\r\n", "\n")
    root, before = _read(name, lines)
    if before is not None and same(before, data):
        return text
    if isinstance(before, dict) and before and data:
        ends = "\r\n" if "\r\n" in text else "\n"
        for expand in (False, True):
            made = _spliced(lines, root, before, data, expand)
            if made is not None and same(_read(name, made)[1], data):
                return made.replace("\n", ends)
    made = house.whole(data)
    # JSON is YAML too: whatever the house's style cannot say comes back from it.
    return made if same(_read(name, made)[1], data) else json.dumps(data, indent=2) + "\n"


def _read(name: str, text: str) -> tuple[Node | None, Any]:
    """The nodes of a text and the data it says, None where it cannot be read."""
    try:
        root, tree = nodes_and_tree_of(name, text)
        return root, data_of(name, tree)
    except SurveyError:
        return None, None


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is no 1.0 and no true."""
    return one is other or _canonical(one) == _canonical(other)


def _canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


def _spliced(text: str, root: Any, before: Any, data: Any, expand: bool) -> str | None:
    """``text`` saying ``data``, None where it cannot be cut. ``expand``: aliases written out."""
    try:
        if "<<" in text:  # perhaps a merge, which is not among the nodes any more
            root = YAML(typ="rt").compose(text)
        splicer = _Splicer(text, root, before, expand)
        lines = splicer.root(root, before, data)
    except (_Uncut, IndexError, ValueError):
        return None
    return "\n".join(lines) + "\n"


class _Uncut(Exception):
    """A text written in a way that is not cut here."""


@dataclass
class _Piece:
    """An entry of a mapping or list: the lines above it, and its own without their beginning."""

    lead: list[str]
    body: list[str]


@dataclass
class _Block:
    """A mapping or list in block style: its node, what it holds, its lines, its column."""

    node: Any
    before: Any
    start: int
    end: int
    column: int
    starts: list[int] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)

    def chunk(self, number: int) -> tuple[int, int, int]:
        """Lines of an entry: where its comments begin, where it begins, where it ends."""
        end = self.leads[number + 1] if number + 1 < len(self.leads) else self.end
        return self.leads[number], self.starts[number], end


class _Splicer:
    """The pieces of one text."""

    def __init__(self, text: str, root: Any, before: Any, expand: bool) -> None:
        if any(odd in text for odd in "\x85\u2028\u2029\r\t"):
            raise _Uncut
        self.lines = text.split("\n")
        self.expand = expand
        self.shared: set[int] = set()
        self._note_shared(root, set(), 0)
        #: Every list entry by its id, for those that move from one list to another.
        self.elsewhere: dict[str, tuple[_Block, int]] = {}
        self._note_entries(root, before, 0, self._last_line() + 1)

    def _last_line(self) -> int:
        return max(n for n, line in enumerate(self.lines) if line.strip())

    def _note_shared(self, node: Node, seen: set[int], depth: int) -> bool:
        """Note nodes that an alias stands for, and those that hold one."""
        if depth > 60:
            raise _Uncut
        if id(node) in seen:
            self.shared.add(id(node))
            return True
        seen.add(id(node))
        found = bool(node.anchor)
        if isinstance(node, MappingNode):
            for key, value in node.value:
                held = self._note_shared(value, seen, depth + 1)
                found = held or self._note_shared(key, seen, depth + 1) or found
        elif isinstance(node, SequenceNode):
            for value in node.value:
                found = self._note_shared(value, seen, depth + 1) or found
        if found:
            self.shared.add(id(node))
        return found

    def _note_entries(self, node: Any, before: Any, start: int, end: int) -> None:
        block = self._block(node, before, start, end)
        if block is None or not before:
            return
        listed = isinstance(before, list)
        for number, held in enumerate(before if listed else before.values()):
            value = node.value[number] if listed else node.value[number][1]
            _, first, last = block.chunk(number)
            if listed and isinstance(held, dict) and isinstance(held.get("id"), str):
                self.elsewhere.setdefault(held["id"], (block, number))
            if isinstance(held, dict | list) and value.start_mark.line >= first:
                self._note_entries(value, held, first, last)

    def _block(self, node: Any, before: Any, start: int, end: int) -> _Block | None:
        """How a node in block style is cut; None for any other."""
        if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
            return None
        if node.anchor or not isinstance(before, dict | list) or len(before) != len(node.value):
            return None
        column = node.start_mark.column
        block = _Block(node, before, start, end, column)
        above = start
        for number, child in enumerate(node.value):
            mark = (child[0] if isinstance(node, MappingNode) else child).start_mark
            line = mark.line
            if isinstance(node, SequenceNode):
                line = self._dash(line, above, column)
            elif mark.column != column or str(child[0].value) == "<<":
                return None
            block.starts.append(line)
            lead = line
            while lead > above + (number > 0) and self._is_lead(
                lead - 1, column, first=number == 0
            ):
                lead -= 1
            block.leads.append(lead)
            above = line
        return block

    def _dash(self, line: int, above: int, column: int) -> int:
        while line >= above:
            text = self.lines[line]
            if text[column : column + 1] == "-" and not text[:column].strip(" -"):
                return line
            line -= 1
        raise _Uncut  # an alias as an entry: its place is not told

    def _is_lead(self, line: int, column: int, *, first: bool) -> bool:
        text = self.lines[line].lstrip(" ")
        if not text:
            return True
        return text.startswith("#") and (first or len(self.lines[line]) - len(text) <= column)

    # -- putting together ------------------------------------------------------------------------

    def root(self, node: Any, before: Any, data: Any) -> list[str]:
        """The lines of the whole file."""
        end = self._last_line() + 1
        block = self._block(node, before, 0, end)
        if block is None or not isinstance(data, dict):
            raise _Uncut
        head = self.lines[: block.leads[0]]
        tail = self.lines[end:]
        while tail and not tail[-1]:
            tail.pop()
        return [*head, *self._mapping(block, data, "", " " * block.column), *tail]

    def _mapping(self, block: _Block, data: Mapping[str, Any], key: str, prefix: str) -> list[str]:
        """A mapping's lines; ``prefix`` stands before its first entry."""
        names = list(block.before)
        kept = {name: number for number, name in enumerate(names) if name in data}
        order = [name for name in names if name in kept]
        for name in house.ordered(data, key):
            if name not in kept:
                order.insert(_place(order, list(data), name, key in house.FREE), name)
        pieces = []
        for name in order:
            if name in kept:
                pieces.append(self._kept_entry(block, kept[name], name, data[name]))
            else:
                lines = house.entry_lines(name, data[name], block.column)
                pieces.append(_Piece([], [lines[0][block.column :], *lines[1:]]))
        lines = []
        for number, piece in enumerate(pieces):
            start = prefix if number == 0 else " " * block.column
            lines += [*piece.lead, start + piece.body[0], *piece.body[1:]]
        return lines

    def _kept_entry(self, block: _Block, number: int, name: str, data: Any) -> _Piece:
        lead, start, end = block.chunk(number)
        key, node = block.node.value[number]
        before = block.before[name]
        first = self.lines[start][block.column :]
        above = self.lines[lead:start]
        if same(before, data) and not (self.expand and id(node) in self.shared):
            return _Piece(above, [first, *self.lines[start + 1 : end]])
        own = self._block(node, before, start + 1, end) if node.start_mark.line > start else None
        if own is not None and data and isinstance(data, type(before)):
            header = [first, *self.lines[start + 1 : own.leads[0]]]
            inner = (
                self._mapping(own, data, name, " " * own.column)
                if isinstance(data, dict)
                else self._sequence(own, data, name)
            )
            return _Piece(above, header + inner)
        style = getattr(node, "style", None)
        lines = house.entry_lines(name, data, block.column, style if style in ("'", '"') else None)
        written_key = self.lines[start][block.column : key.end_mark.column]
        rest = lines[0][block.column :].removeprefix(house.scalar(name))
        return _Piece(above, [written_key + rest + self._comment(node, start, lines), *lines[1:]])

    def _comment(self, node: Any, start: int, lines: Sequence[str]) -> str:
        """The comment that stood behind a value on one line, where the new one is on one too."""
        mark = node.end_mark
        if mark.line != start or len(lines) > 1 or id(node) in self.shared:
            return ""
        rest = self.lines[start][mark.column :]
        return rest.rstrip() if rest.lstrip().startswith("#") else ""

    def _sequence(self, block: _Block, data: list[Any], key: str) -> list[str]:
        """A list's lines."""
        found = _matches(block.before, data)
        spaced = key == "pages" or any(
            not self.lines[lead].strip()
            for lead, start, _ in map(block.chunk, range(1, len(block.before)))
            if lead < start
        )
        lines: list[str] = []
        before = False
        for place, item in enumerate(data):
            piece = self._item(block, found[place], item, key)
            if place == 0:
                while piece.lead and not piece.lead[0].strip():
                    piece.lead.pop(0)
            elif spaced and found[place] in (None, 0) and (len(piece.body) > 1 or before):
                piece.lead = (
                    ["", *piece.lead] if not (piece.lead and not piece.lead[0]) else piece.lead
                )
            before = len(piece.body) > 1
            lines += [*piece.lead, " " * block.column + piece.body[0], *piece.body[1:]]
        return lines

    def _spaced(self, block: _Block, key: str) -> bool:
        """Whether blank lines stand between a list's entries."""
        chunks = [block.chunk(number) for number in range(1, len(block.before))]
        if not chunks:
            return key == "pages"
        return any(lead < start and not self.lines[lead].strip() for lead, start, _ in chunks)

    def _item(self, block: _Block, number: int | None, item: Any, key: str) -> _Piece:
        """An entry, its body beginning with the dash."""
        home = block
        if number is None and isinstance(item, dict) and isinstance(item.get("id"), str):
            home, number = self.elsewhere.get(item["id"], (block, None))
        if number is None:
            first, *rest = house.item_lines(item, block.column, key)
            return _Piece([], ["- " + first, *rest])
        lead, start, end = home.chunk(number)
        above = self.lines[lead:start]
        node, before = home.node.value[number], home.before[number]
        first = self.lines[start]
        if same(before, item) and not (self.expand and id(node) in self.shared):
            body = [first[home.column :], *self.lines[start + 1 : end]]
        else:
            inner = self._block(node, before, start, end) if node.start_mark.line == start else None
            if inner is not None and isinstance(item, dict) and isinstance(before, dict) and item:
                made = self._mapping(inner, item, "", first[: inner.column])
                body = [made[0][home.column :], *made[1:]]
            else:
                fresh = house.item_lines(item, home.column, key)
                body = ["- " + fresh[0], *fresh[1:]]
        shift = block.column - home.column
        return _Piece(_shifted(above, shift), [body[0], *_shifted(body[1:], shift)])


def _shifted(lines: Sequence[str], by: int) -> list[str]:
    if by >= 0:
        return [" " * by + line if line.strip() else line for line in lines]
    return [line[-by:] if not line[:-by].strip() else line for line in lines]


def _place(order: list[str], wanted: list[str], name: str, free: bool) -> int:
    """Where a new key goes among those there are."""
    if free:
        before = [n for n in wanted[: wanted.index(name)] if n in order]
        return order.index(before[-1]) + 1 if before else (0 if wanted[0] == name else len(order))
    later = [i for i, other in enumerate(order) if house.rank(other) > house.rank(name)]
    return later[0] if later and later[0] else (len(order) if not later else min(1, len(order)))


def _key(item: Any) -> str:
    if isinstance(item, dict):
        for name in ("id", "code", "include"):
            if isinstance(item.get(name), str):
                return str(item[name])
    return _canonical(item) if not isinstance(item, str) else item


def _matches(before: list[Any], data: list[Any]) -> list[int | None]:
    """For each entry the number of the one it was: of the same name, else in the same place."""
    left: dict[str, list[int]] = {}
    for number, item in enumerate(before):
        left.setdefault(_key(item), []).append(number)
    found: list[int | None] = []
    for item in data:
        numbers = left.get(_key(item))
        found.append(numbers.pop(0) if numbers else None)
    unused = {number for numbers in left.values() for number in numbers}
    for place, item in enumerate(data):
        renamed = found[place] is None and place in unused and len(before) == len(data)
        if renamed and type(item) is type(before[place]):
            found[place] = place
    return found
