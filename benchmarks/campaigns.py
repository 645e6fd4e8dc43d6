"""How well ``analysis duplicates`` finds campaigns and repeated answers, how fast, in what memory.

    python -m benchmarks.campaigns [--texts 20000] [--seed 1] [--keep DIR]

Every text is invented here, by a grammar (``benchmarks/letters.py``, ``benchmarks/texts``), and the
truth is known. It was written without sight of the detector, which is reached by its command only.

Truth:

- a **campaign** is a template of 15 to 400 words and its copies. A copy keeps at least 60% of the
  template's words in their order, and what its sender adds is at most 0.9 of the template's
  length. Two templates share less than a third of their runs of three words, also on one subject;
- **independent** texts belong together only when their words are identical (capitals, punctuation
  and spaces aside). Whoever quotes one to three sentences of a letter, at most 30% of it, in a
  text of their own three times as long has written no copy;
- **short** texts, of fewer than ten words, belong together in the same way. One that is identical
  to no other may fairly be found like another or not: it counts in no precision, and the share so
  found is shown. So is the share of pairs of short texts put together that are not identical.

A text counts as found when its kind is not ``single`` and its cluster has two texts or more. Pairs
are counted from the sizes of what groups and clusters have in common.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import multiprocessing
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

from benchmarks.child import run
from benchmarks.letters import SUBJECTS, Template, comment, copy, quoting, short, template, words

#: Shares of all texts that are copies, quotations, common short answers; the rest is independent.
COPIES, QUOTES, SHORTS = 0.45, 0.02, 0.13
#: With fewer words a text is short.
SHORT = 10
#: Two templates share less of the runs of three words of the shorter.
APART = 1 / 3
LABELS = ("campaign", "independent", "quoting", "short")


class Truth(NamedTuple):
    """What is true of a text."""

    group: int
    """Texts of the same number belong together."""
    label: str
    exact: int
    """Texts of the same number have the same words, read strictly."""
    loose: int
    """The same, where hyphens and apostrophes do not count either."""


def strict(text: str) -> str:
    """Words that must be the same: all but capitals, punctuation, quotes' shapes and spaces."""
    text = text.casefold().replace("’", "'")
    return " ".join(re.sub(r"[^\w'&£-]+", " ", text.replace(" - ", " ")).split())


def number(text: str) -> int:
    """A text as a number, the same in every run."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest(), "big")


def sizes(total: int, dice: Random) -> list[int]:
    """Campaigns' sizes: most of a few copies, some of thousands."""
    most = max(2, min(total // 5, 40_000))
    found: list[int] = []
    while sum(found) < total - 1:
        size = min(int(2 * (1 - dice.random()) ** -1.35), most)
        if len(found) > 600:  # in a large file campaigns are larger, not ever more
            size = max(size, total // 600)
        found.append(max(2, min(size, total - sum(found))))
    return found


def templates(count: int, dice: Random) -> list[Template]:
    """Templates that no one could take for one another."""
    seen: dict[str, dict[str, list[int]]] = {subject: {} for subject in SUBJECTS}
    grams_of: list[int] = []
    found: list[Template] = []
    while len(found) < count:
        new = template(dice.choice(SUBJECTS), dice)
        tokens = words(new.text())
        grams = {" ".join(tokens[at : at + 3]) for at in range(len(tokens) - 2)}
        shared: dict[int, int] = {}
        for gram in grams:
            for other in seen[new.subject].get(gram, ()):
                shared[other] = shared.get(other, 0) + 1
        if any(n >= APART * min(len(grams), grams_of[other]) for other, n in shared.items()):
            continue
        for gram in grams:
            seen[new.subject].setdefault(gram, []).append(len(found))
        grams_of.append(len(grams))
        found.append(new)
    return found


def rows(n: int, seed: int) -> Iterator[tuple[str, Truth]]:
    """Texts in no order, one after another."""
    dice = Random(seed)  # noqa: S311  invented texts, the same for a seed
    campaign_sizes = sizes(int(n * COPIES), dice)
    letters = templates(len(campaign_sizes), dice)
    plan = np.full(n, -1, dtype=np.int32)
    start = sum(campaign_sizes)
    plan[:start] = np.repeat(np.arange(len(letters), dtype=np.int32), campaign_sizes)
    plan[start : start + int(n * QUOTES)] = -2
    plan[start + int(n * QUOTES) : start + int(n * (QUOTES + SHORTS))] = -3
    np.random.default_rng(seed).shuffle(plan)
    for what in plan:
        text, label = "", "independent"
        if what >= 0:
            text, label = copy(letters[what], dice), "campaign"
        elif what == -2:
            text = next(filter(None, (quoting(dice.choice(letters), dice) for _ in range(9))), "")
            label = "quoting" if text else label
        elif what == -3:
            text = short(dice)
        text = text or comment(dice)
        exact = number(strict(text))
        loose = number(re.sub(r"[\W_]+", "", text.casefold()))
        if what < 0 and len(words(text)) < SHORT:
            label = "short"
        group = int(what) if what >= 0 else len(letters) + exact
        yield text, Truth(group, label, exact, loose)


def make(n: int, seed: int) -> tuple[list[str], list[Truth]]:
    """Texts and the truth about them."""
    pairs = list(rows(n, seed))
    return [text for text, _ in pairs], [truth for _, truth in pairs]


def write(n: int, seed: int, folder: Path) -> None:
    """The texts as responses.csv, and the truth beside them in arrays."""
    groups = np.empty(n, dtype=np.int64)
    labels = np.empty(n, dtype=np.int8)
    exact, loose = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    with (folder / "responses.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "comment"])
        for at, (text, truth) in enumerate(rows(n, seed)):
            out.writerow([f"r{at}", text])
            groups[at], labels[at] = truth.group, LABELS.index(truth.label)
            exact[at], loose[at] = truth.exact, truth.loose
    np.savez(folder / "truth.npz", groups=groups, labels=labels, exact=exact, loose=loose)


# -- scoring ---------------------------------------------------------------------------------------

Ints = np.ndarray[Any, np.dtype[np.int64]]


def answer(path: Path, n: int) -> tuple[Ints, Ints]:
    """Clusters as numbers, each single text its own; and kinds: 0 single, 1 near, 2 exact."""
    clusters, kinds = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    numbers: dict[str, int] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at = int(row["id"][1:])
            if clusters[at] >= 0:
                raise SystemExit(f"{path}: {row['id']} stands there twice")
            kinds[at] = ("single", "near", "exact").index(row["kind"])
            name = row["cluster"] if kinds[at] else f"single {at}"
            clusters[at] = numbers.setdefault(name, len(numbers))
    if (clusters < 0).any():
        raise SystemExit(f"{path}: {int((clusters < 0).sum())} of {n} answers are missing")
    return clusters, kinds


def codes(values: Ints) -> tuple[Ints, Ints]:
    """Values as numbers from 0, and how often each occurs."""
    _, code, count = np.unique(values, return_inverse=True, return_counts=True)
    return code.astype(np.int64), count.astype(np.int64)


def pairs(counts: Ints) -> int:
    """Pairs within groups of these sizes."""
    return int((counts.astype(object) * (counts.astype(object) - 1) // 2).sum())


def together(groups: Ints, clusters: Ints) -> tuple[int, int, int]:
    """Pairs of the truth, pairs found, and pairs that are both."""
    group, group_sizes = codes(groups)
    cluster, cluster_sizes = codes(clusters)
    _, both = codes(group * len(cluster_sizes) + cluster)
    return pairs(group_sizes), pairs(cluster_sizes), pairs(both)


def ratio(part: float, whole: float) -> float:
    """A share; of nothing, all."""
    return part / whole if whole else 1.0


def score(
    groups: Ints, labels: Ints, exact: Ints, loose: Ints, clusters: Ints, kinds: Ints
) -> dict[str, float]:
    """Every figure, by its name."""
    group, group_sizes = codes(groups)
    cluster, cluster_sizes = codes(clusters)
    true = group_sizes[group] >= 2
    found = (kinds > 0) & (cluster_sizes[cluster] >= 2)
    is_short = labels == LABELS.index("short")
    judged = ~(is_short & ~true)
    long = ~is_short
    of_campaign = labels == LABELS.index("campaign")

    wanted, had, both = together(group[long], cluster[long])
    short_wanted, short_had, short_both = together(group[is_short], cluster[is_short])

    cell, cell_sizes = codes(group[of_campaign] * len(cluster_sizes) + cluster[of_campaign])
    largest = np.zeros(len(group_sizes), dtype=np.int64)
    np.maximum.at(largest, group[of_campaign], cell_sizes[cell])

    same, same_sizes = codes(exact)
    alike, alike_sizes = codes(loose)
    must, may = same_sizes[same] >= 2, alike_sizes[alike] >= 2
    called = kinds == 2
    alone = judged & ~true

    def share(of: Any, where: Any) -> float:
        return ratio(float((of & where).sum()), float(where.sum()))

    return {
        "belongs to a campaign: precision": share(true, found & judged),
        "belongs to a campaign: recall": share(found, true),
        "  recall, copies of letters": share(found, of_campaign),
        "  recall, identical short answers": share(found, is_short & true),
        "  called a copy: independent": share(found, alone & (labels == 1)),
        "  called a copy: quoting a letter": share(found, alone & (labels == 2)),
        "  called a copy: short, like no other": share(found, is_short & ~true),
        "pairs: precision": ratio(both, had),
        "pairs: recall": ratio(both, wanted),
        "  short answers: precision": ratio(short_both, short_had),
        "  short answers: recall": ratio(short_both, short_wanted),
        "one-cluster share of campaigns": ratio(float(largest.sum()), float(of_campaign.sum())),
        "identical, and called exact": share(called, must),
        "called exact, and identical": share(may, called),
    }


def measure(n: int, seed: int, folder: Path) -> dict[str, float]:
    """Make the texts, run the command, score it. Nothing large is ever in this process before."""
    making = multiprocessing.get_context("spawn").Process(target=write, args=(n, seed, folder))
    making.start()
    making.join()
    if making.exitcode:
        raise SystemExit("the texts could not be made")
    few = folder / "few.csv"
    few.write_text("id,comment\nr0,One answer.\nr1,And quite another one.\n", encoding="utf-8")

    def detect(texts: Path, out: Path) -> tuple[float, float]:
        cost = run(
            "-m", "analysis", "duplicates", str(texts), "--text", "comment", "-o", str(out)
        )  # fmt: skip
        return cost.cpu, cost.peak

    idle, _ = detect(few, folder / "few-clusters.csv")
    cpu, peak = detect(folder / "responses.csv", folder / "clusters.csv")
    kept = np.load(folder / "truth.npz")
    clusters, kinds = answer(folder / "clusters.csv", n)
    labels = kept["labels"].astype(np.int64)
    figures = score(kept["groups"], labels, kept["exact"], kept["loose"], clusters, kinds)
    return figures | {
        "texts per core-second": n / max(cpu - idle, 1e-9),
        "CPU seconds, less the start's": cpu - idle,
        "peak memory, MB": peak,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for texts, truth and answer")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(given.texts, given.seed, folder.resolve())
    print(f"{given.texts:,} texts, seed {given.seed}")
    for name, value in figures.items():
        print(f"{name:<44}{value:>12,.4f}" if value <= 1 else f"{name:<44}{value:>12,.1f}")


if __name__ == "__main__":
    main()
