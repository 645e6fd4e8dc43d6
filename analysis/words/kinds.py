"""Makes `kinds.txt.gz` anew: which words are nouns, verbs, adjectives, adverbs, by WordNet 3.0.

    python -m analysis.words.kinds FOLDER

FOLDER holds WordNet's index files, `verb.exc` and `cntlist.rev` (Debian's `wordnet-base`). Only
words that `vectors.npz` knows are kept. Only who makes the file needs WordNet.
"""

import gzip
import re
import sys
from pathlib import Path

from analysis import vectors

FILES = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
TYPES = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
LEAST = 0.05
"""A kind is kept when a word is it in at least this share of its uses."""


def read(folder: Path) -> dict[str, dict[str, float]]:
    """Per word how often it is of each kind: as counted, and a quarter more for each sense."""
    found: dict[str, dict[str, float]] = {}

    def add(word: str, kind: str, uses: float) -> None:
        of = found.setdefault(word, {})
        of[kind] = of.get(kind, 0.0) + uses

    for name, kind in FILES.items():
        for line in (folder / f"index.{name}").read_text(encoding="ascii").splitlines():
            if line[:1] != " ":  # not the licence
                word, _, senses = line.split(" ", 3)[:3]
                add(word, kind, int(senses) / 4)
    for line in (folder / "cntlist.rev").read_text(encoding="ascii").splitlines():
        key, _, count = line.split(" ")
        word, rest = key.split("%")
        add(word, TYPES[rest[0]], int(count))
    for line in (folder / "verb.exc").read_text(encoding="ascii").splitlines():
        form, base = line.split(" ")[:2]
        add(form, "v", 1 + found.get(base, {}).get("v", 0.0) / 8)
    return {word: of for word, of in found.items() if re.fullmatch("[a-z-]+", word)}


def main() -> None:
    """Write the file."""
    kinds = read(Path(sys.argv[1]))
    known = vectors.shipped().place
    lines = []
    for word in sorted(set(kinds) & set(known)):
        of = kinds[word]
        order = sorted(of, key=lambda k: (-of[k], k))
        kept = [k for k in order if of[k] >= LEAST * sum(of.values())]
        lines.append(f"{word} {''.join(kept)}\n")
    path = Path(__file__).with_name("kinds.txt.gz")
    path.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    print(f"{len(lines)} words, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
