"""Comments in other languages themed with English ones through a dictionary: do they end up right?

    python -m benchmarks.languages --dictionary de=FILE,cy=FILE [--texts ../shared/data/text]

65 comments written for this in English, German, Welsh and Polish alike (`texts/languages.tsv`) go
among real English ones: 40 among banking77's questions of the same eight intents, and of all 77;
25 among patients' comments. `themes` runs as from the shell. A comment is right where most English
questions of its theme have its intent; of patients' comments, whose codes are too coarse for that,
where it is in the theme that the same comment in English is in. Chance: as many right as would be
if the themes were shuffled. `alone`: what comes of them without a dictionary, among themselves.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from analysis import dataset, themes, weighting
from analysis.dictionary import Dictionary

LANGUAGES = ("en", "de", "cy", "pl")


def likeliest(texts: Sequence[str], count: int | None, read: Sequence[Dictionary]) -> np.ndarray:
    """(texts,): the likeliest theme of each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        pl.DataFrame({"id": range(len(texts)), "text": texts}).write_csv(path)
        data = weighting.unweighted(dataset.read(path))
        found = themes.theme(data, "text", count, dictionaries={one.language: one for one in read})
    of = [""] * len(texts)
    for row, theme, _ in found.assignments:
        of[row] = of[row] or theme
    return np.array(of)


def alike(codes: Sequence[str], found: np.ndarray) -> str:
    """NMI and ARI of themes with codes."""
    nmi = normalized_mutual_info_score(codes, found)
    return f"NMI {nmi:.2f}, ARI {adjusted_rand_score(codes, found):.2f}"


def among_codes(ours: pl.DataFrame, pool: pl.DataFrame, dictionaries: Sequence[Dictionary]) -> None:
    """Print how many comments are in a theme of their own code."""
    theirs, labels = pool["text"].to_list(), np.array(pool["label"].to_list())
    codes, count = ours["code"].to_list(), len(set(labels.tolist()))
    for language in LANGUAGES:
        read = [one for one in dictionaries if one.language == language]
        if not read and language != "en":
            continue
        mine = ours[language].to_list()
        of = likeliest([*theirs, *mine], count, read)
        english, found = of[: len(theirs)], of[len(theirs) :]
        means = {one: Counter(labels[english == one]).most_common(1)[0][0] for one in set(english)}
        right = np.mean([means.get(one) == code for one, code in zip(found, codes, strict=True)])
        shares = Counter(means.get(one) for one in found)
        chance = sum(shares[code] for code in codes) / len(codes) ** 2
        print(f"{count} intents, {language}: {right:.2f} right (chance {chance:.2f}); "
              f"{alike(codes, found)}", end="")  # fmt: skip
        if read:
            alone = likeliest([*theirs, *mine], count, [])[len(theirs) :]
            print(f"; alone {alike(codes, alone)}", end="")
        print(flush=True)


def beside_themselves(
    ours: pl.DataFrame, theirs: list[str], dictionaries: Sequence[Dictionary]
) -> None:
    """Print how many comments are in the theme that the same comment in English is in."""
    english, codes = ours["en"].to_list(), ours["code"].to_list()
    for one in dictionaries:
        of = likeliest([*theirs, *english, *ours[one.language].to_list()], None, [one])
        own, found = of[len(theirs) :][: len(english)], of[len(theirs) + len(english) :]
        shares = Counter(found.tolist())
        chance = sum(shares[theme] for theme in own.tolist()) / len(own) ** 2
        print(f"patients, {one.language}: {np.mean(own == found):.2f} with their English "
              f"(chance {chance:.2f}); {alike(codes, found)} (in English {alike(codes, own)})",
              flush=True)  # fmt: skip


def main() -> None:
    """Print the figures of every set and language."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--dictionary", required=True, help="de=FILE,cy=FILE,pl=FILE")
    given = parser.parse_args()
    pairs = (one.split("=", 1) for one in given.dictionary.split(","))
    read = [Dictionary.read(language, Path(file)) for language, file in pairs]
    ours = pl.read_csv(Path(__file__).parent / "texts/languages.tsv", separator="\t",
                       comment_prefix="#", quote_char=None)  # fmt: skip
    asked = ours.filter(pl.col("set") == "banking77")
    table = pl.read_csv(given.texts / "banking77/banking77.csv", infer_schema=False)
    among_codes(asked, table.filter(pl.col("label").is_in(asked["code"].implode())), read)
    among_codes(asked, table, read)
    name = "patient_experience"
    theirs = pl.read_csv(given.texts / name / f"{name}.csv", infer_schema=False)["text"]
    beside_themselves(ours.filter(pl.col("set") == name), theirs.drop_nulls().to_list(), read)
    for one in read:
        print(f"{one.language}: {one.known(ours[one.language].to_list()):.2f} of their words known")


if __name__ == "__main__":
    main()
