"""Themes against codes that people gave: how much of the same, how stable, how fast.

    python -m benchmarks.discovery [--texts ../shared/data/text] [--without-stability] [--names]

On patient_experience (what patients wrote to hospitals, 44 subcategories of which those with 20
answers count) and banking77 (questions to a bank). `themes` runs as from the shell, with as many
themes as there are codes, and with as many as it thinks fit. Every answer counts, also those that
say nothing, which `themes` sets apart as one group of their own; beside it the figures without
those and without copies of another answer. An answer's theme is its likeliest one.

NMI is normalised by the mean of the entropies; ARI is adjusted for chance (Hubert and Arabie
1985). Stability: the ARI between themes of all answers and those of nine tenths of them, drawn
five times, over the answers that both have.

Letters: invented ones and comments of `benchmarks.campaigns`, a third of them long, in the style of
letters. Their likeliest themes against the subjects that campaigns are on, each campaign counted
once; and the share of all answers, and of long ones, in the largest theme. --names prints what the
themes of every set are called, by their groups.
"""

import argparse
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import polars as pl
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from analysis import dataset, duplicates, text, themes, weighting
from benchmarks import campaigns

SETS = {"patient_experience": "subcategory", "banking77": "label"}
LEAST = 20
DRAWS = 5
LETTERS = ((1200, 7), (4000, 1))
LONG = 60
NAMED = 12_000


def answers(folder: Path, name: str) -> tuple[list[str], list[str]]:
    """The texts of a set and their codes, without codes that few have."""
    table = pl.read_csv(folder / name / f"{name}.csv", infer_schema_length=0)
    table = table.select(text="text", code=SETS[name]).drop_nulls().filter(pl.col("text") != "")
    counted = Counter(table["code"])
    table = table.filter(pl.col("code").is_in([c for c, n in counted.items() if n >= LEAST]))
    return table["text"].to_list(), table["code"].to_list()


def found_in(texts: list[str], count: int | None) -> themes.ThemedDataset:
    """The themes of texts, found as the command finds them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        pl.DataFrame({"id": range(len(texts)), "text": texts}).write_csv(path)
        return themes.theme(weighting.unweighted(dataset.read(path)), "text", count)


def themed(texts: list[str], count: int | None) -> list[str]:
    """The likeliest theme of each text."""
    best: dict[int, str] = {}
    for row, theme, _ in found_in(texts, count).assignments:
        best.setdefault(row, theme)
    return [best[row] for row in range(len(texts))]


def stability(texts: list[str], whole: list[str], count: int | None) -> float:
    """The mean agreement of themes with those of parts of the texts."""
    random = np.random.default_rng(1)
    agreed = []
    for _ in range(DRAWS):
        part = np.sort(random.choice(len(texts), int(0.9 * len(texts)), replace=False))
        found = themed([texts[k] for k in part], count)
        agreed.append(adjusted_rand_score([whole[k] for k in part], found))
    return float(np.mean(agreed))


def letters(count: int, seed: int) -> None:
    """Print how campaigns' letters and long comments are spread over themes."""
    texts, truth = campaigns.make(count, seed)
    dice = Random(seed)  # noqa: S311  invented texts, the same for a seed
    sizes = campaigns.sizes(int(count * campaigns.COPIES), dice)
    subjects = [t.subject for t in campaigns.templates(len(sizes), dice)]
    found = themed(texts, None)
    first: dict[int, str] = {}
    for theme, true in zip(found, truth, strict=True):
        if true.label == "campaign":
            first.setdefault(true.group, theme)
    about = [subjects[group] for group in first]
    long = [theme for theme, said in zip(found, texts, strict=True) if said.count(" ") > LONG]
    largest = [max(Counter(part).values()) / len(part) for part in (found, long)]
    print(
        f"letters {count}, seed {seed}: {len(set(found))} themes, {len(first)} campaigns "
        f"NMI {normalized_mutual_info_score(about, list(first.values())):.3f} "
        f"ARI {adjusted_rand_score(about, list(first.values())):.3f}; largest theme "
        f"{largest[0]:.2f} of all, {largest[1]:.2f} of long ones",
        flush=True,
    )


def names(folder: Path) -> None:
    """Print what the themes of every set are called."""
    for path in sorted(folder.glob("*/*.csv")):
        texts = [t for t in pl.read_csv(path, infer_schema_length=0)["text"].to_list() if t]
        found = found_in(texts[:: max(1, len(texts) // NAMED)], None)
        called = {theme.id: theme.label for theme in found.themes}
        print(f"\n{path.stem}")
        for group in found.groups:
            print(f"  {group.label}: {'; '.join(called[theme] for theme in group.themes)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--without-stability", action="store_true")
    parser.add_argument("--names", action="store_true")
    given = parser.parse_args()
    if given.names:
        names(given.texts)
        return
    print(
        f"{'set':20} {'asked':>6} {'themes':>6} {'other':>6} {'NMI':>6} {'ARI':>6} "
        f"{'NMI†':>6} {'ARI†':>6} {'stable':>7} {'seconds':>8}"
    )
    for name in SETS:
        texts, codes = answers(given.texts, name)
        alone = duplicates.find(texts).first == np.arange(len(texts))
        kept = [k for k, t in enumerate(texts) if alone[k] and not text.says_nothing(t)]
        for count in (len(set(codes)), None):
            begun = time.process_time()
            found = themed(texts, count)
            took = time.process_time() - begun
            some_codes, some_found = [codes[k] for k in kept], [found[k] for k in kept]
            stable = "" if given.without_stability else f"{stability(texts, found, count):.3f}"
            print(
                f"{name:20} {count or 'auto':>6} {len(set(found) - {'unprocessed', 'other'}):>6} "
                f"{found.count('other'):>6} {normalized_mutual_info_score(codes, found):>6.3f} "
                f"{adjusted_rand_score(codes, found):>6.3f} "
                f"{normalized_mutual_info_score(some_codes, some_found):>6.3f} "
                f"{adjusted_rand_score(some_codes, some_found):>6.3f} {stable:>7} {took:>8.1f}",
                flush=True,
            )
    for count, seed in LETTERS:
        letters(count, seed)
    print("† without answers that say nothing and copies of another answer")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
