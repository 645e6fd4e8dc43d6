"""Exports of other survey tools to responses.csv and codebook.json, by a mapping to look over."""

import hashlib
import json
from pathlib import Path

from analysis import manifest
from analysis.exports import grid, guessing, mapping, tools
from analysis.exports.converting import Converted, convert
from analysis.exports.mapping import Entry, Mapping

__all__ = ["Converted", "Entry", "Mapping", "convert", "recognise", "run"]

RESPONSES, CODEBOOK, MAPPING = "responses.csv", "codebook.json", "mapping.csv"


def recognise(path: Path) -> Mapping:
    """What would become of each column of an export, which tool it is of and why.

    Raises DataError when it is of no known tool or cannot be read.
    """
    tool, why, found = tools.recognised(path.name, grid.read(path))
    return guessing.mapping(found, tool, why)


def run(path: Path, mapping_path: Path | None, out_dir: Path) -> list[str]:
    """Write responses.csv, codebook.json, mapping.csv and manifest.json; what to say of it.

    Without `mapping_path` the mapping is made from the export. Raises DataError as `recognise`
    and `convert` do, and then writes nothing.
    """
    chosen = recognise(path) if mapping_path is None else mapping.read(mapping_path)
    made = convert(path, chosen)
    out_dir.mkdir(parents=True, exist_ok=True)
    text = made.frame.write_csv().encode()
    digest = hashlib.sha256(text).hexdigest()
    with path.open("rb") as file:
        sources = {path.name: hashlib.file_digest(file, "sha256").hexdigest()}
    sources[MAPPING] = chosen.sha256
    (out_dir / RESPONSES).write_bytes(text)
    book = json.dumps(made.codebook, ensure_ascii=False, indent=1) + "\n"
    (out_dir / CODEBOOK).write_text(book, encoding="utf-8")
    chosen.write(out_dir / MAPPING)
    (out_dir / manifest.MANIFEST).write_text(
        manifest.as_json(digest, made.frame.height, made.exclusions, sources), encoding="utf-8"
    )
    return _summary(path, chosen, made, mapping_path is not None)


def _summary(path: Path, chosen: Mapping, made: Converted, edited: bool) -> list[str]:
    by = f"by {chosen.name}" if edited else f"for {chosen.why}"
    lines = [f"{path.name}: an export of {made.tool}, {by}."]
    lines.append(f"{made.frame.height} responses, {len(made.codebook['questions'])} questions.")
    lines += [f"Left out, {count}: {reason}." for reason, count in made.exclusions.items()]
    if not any(entry.type in ("ended", "complete") for entry in chosen.entries):
        lines.append(
            "The export does not say which responses are finished. Export only complete ones."
        )
    left = [entry for entry in chosen.entries if not entry.keep and entry.why]
    lines += [
        f"Not kept: column {e.column}, “{_short(e.header, e.option_header)}”: {e.why}."
        for e in left
    ]
    if not edited:
        lines.append(f"Look over {MAPPING}, and run it again with it if you change anything.")
    return lines


def _short(header: str, second: str) -> str:
    text = " ".join(f"{header} {second}".split())
    return text if len(text) <= 60 else f"{text[:59]}…"
