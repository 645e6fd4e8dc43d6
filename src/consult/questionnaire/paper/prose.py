"""Markdown as blocks of plain text: what both renderings of a paper questionnaire are set from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from consult.questionnaire.wording import plain

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Run:
    """Text of one look; ``link`` is where it leads."""

    text: str
    strong: bool = False
    emphasis: bool = False
    link: str = ""


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, list (``list``, ``numbered``) or table.

    ``items`` are the blocks of each item of a list; ``rows`` the cells of a table, its head first.
    """

    kind: str
    runs: tuple[Run, ...] = ()
    level: int = 0
    items: tuple[tuple[Block, ...], ...] = ()
    rows: tuple[tuple[tuple[Run, ...], ...], ...] = ()


def prose(text: str, resolve: Callable[[str], str], level: int = 1) -> tuple[Block, ...]:
    """Markdown as blocks, pipes filled; ``level`` is that of its highest heading."""
    blocks = tuple(_blocks(SyntaxTreeNode(_markdown.parse(text)).children, resolve))
    return _levelled(blocks, level)


def words_of(runs: Sequence[Run]) -> str:
    """The text of runs alone."""
    return "".join(run.text for run in runs)


def _levelled(blocks: tuple[Block, ...], base: int) -> tuple[Block, ...]:
    """Headings from ``base`` down, none skipped: PDF/UA and WCAG both ask for that."""
    used = sorted({block.level for block in blocks if block.kind == "heading"})
    last, made = base - 1, []
    for block in blocks:
        if block.kind == "heading":
            last = min(base + used.index(block.level), last + 1)
            block = replace(block, level=last)
        made.append(block)
    return tuple(made)


def _blocks(
    nodes: Sequence[SyntaxTreeNode], resolve: Callable[[str], str], top: bool = True
) -> Iterator[Block]:
    for node in nodes:
        match node.type:
            case "heading":
                # Inside a list or a quotation a heading would break the order of levels.
                runs = _runs(node.children[0].children, resolve)
                if top:
                    yield Block("heading", runs, level=int(node.tag[1:]))
                else:
                    yield Block("paragraph", tuple(replace(run, strong=True) for run in runs))
            case "paragraph":
                yield Block("paragraph", _runs(node.children[0].children, resolve))
            case "bullet_list" | "ordered_list":
                kind = "list" if node.type == "bullet_list" else "numbered"
                items = tuple(tuple(_blocks(i.children, resolve, False)) for i in node.children)
                yield Block(kind, items=items)
            case "table":
                yield Block("table", rows=tuple(_rows(node, resolve)))
            case "code_block" | "fence":
                yield Block("paragraph", (Run(plain(node.content.rstrip(), resolve)),))
            case "blockquote":
                yield from _blocks(node.children, resolve, False)


def _rows(
    table: SyntaxTreeNode, resolve: Callable[[str], str]
) -> Iterator[tuple[tuple[Run, ...], ...]]:
    for part in table.children:
        for row in part.children:
            yield tuple(_runs(cell.children[0].children, resolve) for cell in row.children)


def _runs(nodes: Sequence[SyntaxTreeNode], resolve: Callable[[str], str]) -> tuple[Run, ...]:
    made: list[Run] = []
    for node in nodes:
        match node.type:
            case "text" | "code_inline":
                # Filled after the parsing, so that no answer becomes markup.
                made.append(Run(plain(node.content, resolve)))
            case "softbreak":
                made.append(Run(" "))
            case "hardbreak":
                made.append(Run("\n"))
            case "strong":
                made += [replace(run, strong=True) for run in _runs(node.children, resolve)]
            case "em":
                made += [replace(run, emphasis=True) for run in _runs(node.children, resolve)]
            case "link":
                made += _link(str(node.attrs.get("href", "")), _runs(node.children, resolve))
            case "image":
                made.append(Run(plain(node.content, resolve)))
    return tuple(run for run in made if run.text)


def _link(address: str, runs: tuple[Run, ...]) -> list[Run]:
    """A link, and behind it its address, which paper cannot hide."""
    if not address.startswith(("https://", "http://", "mailto:")):
        return [*runs, Run(f" ({address})")] if address else list(runs)
    linked = [replace(run, link=address) for run in runs]
    shown = address.removeprefix("mailto:")
    return linked if words_of(runs) == shown else [*linked, Run(f" ({shown})")]
