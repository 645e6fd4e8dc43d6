"""Coding answers: what the machine makes of few coded ones, beside TF-IDF and logistic regression.

    python -m benchmarks.coding [--texts ../shared/data/text] [--seeds 3]

On patient_experience (`label`, 9 codes, and `subcategory`, 36) and on both questions of
themefinder_gambling_xs (13 codes, several an answer; written by a model). A quarter of the answers,
2,000 at most, are held out; of the others 50, 200 or all (3,000 at most) are coded. The command
`code` knows the codes' names; the control does not. Where every answer has one code the control is
multinomial, which serves it better than one regression a code; else one a code. Macro-F1 counts
every code, also those that no coded answer has.

Without coded answers: the sample-F1 of the two likeliest codes. Of the probabilities: the Brier
score, the expected calibration error in ten bins, and how often the likeliest code is right where
the machine is sure and where it is doubtful. Last, how long one refit takes (20 codes, 500 coded of
10,000 answers, one thread), beside one TF-IDF and logistic regression of the same.
"""

import argparse
import csv
import json
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from click.testing import CliRunner
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from threadpoolctl import threadpool_limits

from analysis import coding
from analysis.__main__ import cli

LEAST, MOST_HELD, MOST_CODED = 20, 2000, 3000
Marks = NDArray[np.bool_]


class Set:
    """Texts, (texts, codes) which codes they have, and rows of the frame."""

    def __init__(self, texts: list[str], codes: list[set[str]], frame: list[list[str]]) -> None:
        self.texts, self.frame = texts, frame
        self.given: Marks = np.array([[row[0] in has for row in frame] for has in codes])


def patients(folder: Path, column: str) -> Set:
    """What patients wrote, by one of the two lists of codes."""
    table = pl.read_csv(folder / "patient_experience/patient_experience.csv", infer_schema_length=0)
    table = table.drop_nulls(["text", column])
    counted = Counter(table[column])
    table = table.filter(pl.col(column).is_in([c for c, n in counted.items() if n >= LEAST]))
    frame = [[c, c, ""] for c in sorted(set(table[column]))]
    return Set(table["text"].to_list(), [{c} for c in table[column]], frame)


def gambling(folder: Path, question: str) -> Set:
    """A consultation's question, its themes with names and descriptions."""
    folder = folder / "themefinder_gambling_xs"
    with (folder / "themefinder_gambling_xs.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["question"] == question]
    told = json.loads((folder / "themes.json").read_text("utf-8"))[question]
    frame = [[t["topic_id"], t["topic_label"], t["topic_description"]] for t in told]
    return Set([r["text"] for r in rows], [set(r["labels"].split("|")) for r in rows], frame)


def ours(some: Set, coded: NDArray[np.int64]) -> NDArray[np.float64]:
    """(texts, codes): the probabilities that the command writes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pl.DataFrame({"id": range(len(some.texts)), "text": some.texts}).write_csv(folder / "r.csv")
        ids = [row[0] for row in some.frame]
        has = [(k, ids[j]) for k in coded.tolist() for j in np.flatnonzero(some.given[k]).tolist()]
        named = [["code", "name", "description"], *some.frame]
        for file, rows in (("coded.csv", [("id", "code"), *has]), ("frame.csv", named)):
            with (folder / file).open("w", encoding="utf-8", newline="") as opened:
                csv.writer(opened).writerows(rows)
        given = [
            "--text",
            "text",
            "--coded",
            f"{folder}/coded.csv",
            "--frame",
            f"{folder}/frame.csv",
        ]
        done = CliRunner().invoke(cli, ["code", f"{folder}/r.csv", *given, "-o", f"{folder}/out"])
        if done.exit_code:
            raise SystemExit(done.output)
        table = pl.read_csv(folder / "out/predictions.csv")
    return table["probability"].to_numpy().reshape(len(some.texts), len(ids))


def control(some: Set, coded: NDArray[np.int64], held: NDArray[np.int64], single: bool) -> Marks:
    """(held, codes): what TF-IDF and logistic regression give."""
    read = TfidfVectorizer()
    rows = read.fit_transform([some.texts[k] for k in coded])
    asked = read.transform([some.texts[k] for k in held])
    given = some.given[coded]
    found = np.zeros((len(held), given.shape[1]), dtype=bool)
    if single:
        fitted = LogisticRegression(max_iter=1000).fit(rows, given.argmax(axis=1))
        found[np.arange(len(held)), fitted.predict(asked)] = True
        return found
    for j in range(given.shape[1]):
        if given[:, j].any() and not given[:, j].all():
            found[:, j] = LogisticRegression(max_iter=1000).fit(rows, given[:, j]).predict(asked)
    return found


def named_only(some: Set) -> float:
    """The sample-F1 of the two likeliest codes without any coded answer."""
    chance = ours(some, np.zeros(0, dtype=np.int64))
    two = np.argsort(-chance, axis=1, kind="stable")[:, :2]
    right = np.take_along_axis(some.given, two, axis=1).sum(axis=1)
    return float((2 * right / (2 + some.given.sum(axis=1))).mean())


def calibration(chance: NDArray[np.float64], given: Marks) -> tuple[float, float]:
    """The Brier score and the expected calibration error, in ten bins of equal width."""
    of = np.minimum((chance * 10).astype(int), 9)
    off = [abs(float((chance - given)[of == k].sum())) for k in range(10)]
    return float(((chance - given) ** 2).mean()), sum(off) / chance.size


def sure(chance: NDArray[np.float64], given: Marks) -> list[tuple[int, int]]:
    """How many answers, and how many whose likeliest code is right: sure ones, doubtful ones."""
    low, high = coding.DOUBTFUL
    right = np.take_along_axis(given, chance.argmax(axis=1)[:, None], axis=1)[:, 0]
    doubtful = (chance.max(axis=1) > low) & (chance.max(axis=1) < high)
    return [(int(part.sum()), int(right[part].sum())) for part in (~doubtful, doubtful)]


def refit(some: Set, codes: int = 20, coded: int = 500) -> None:
    """How long a person waits after coding an answer."""
    kept = np.argsort(-some.given.sum(axis=0), kind="stable")[:codes]
    frame = [coding.Code(*some.frame[k]) for k in kept.tolist()]
    places = np.flatnonzero(some.given[:, kept].any(axis=1))
    places = np.random.default_rng(0).permutation(places)[:coded]
    given = some.given[np.ix_(places, kept)]
    found = {
        int(k): frozenset(frame[j].id for j in np.flatnonzero(row).tolist())
        for k, row in zip(places, given, strict=True)
    }
    start = time.perf_counter()
    answers = coding.Answers.of(some.texts)
    print(f"prepared {len(some.texts)} answers in {time.perf_counter() - start:.1f} s")
    ours, other, words = [], [], []
    with threadpool_limits(1):
        for _ in range(5):
            start = time.perf_counter()
            predicted = coding.predict(answers, frame, coding.Coded(found, {}))
            ours.append(time.perf_counter() - start)
            start = time.perf_counter()
            read = TfidfVectorizer()
            rows = read.fit_transform([some.texts[k] for k in places])
            fitted = LogisticRegression(max_iter=1000).fit(rows, given.argmax(axis=1))
            fitted.predict(read.transform(some.texts))
            other.append(time.perf_counter() - start)
        for place in range(100):
            start = time.perf_counter()
            coding.why(answers, frame, predicted, place, frame[0].id)
            words.append(time.perf_counter() - start)
    mine, theirs = sorted(ours)[2], sorted(other)[2]
    print(f"refit: {mine:.2f} s, control {theirs:.2f} s, ratio {mine / theirs:.2f}")
    print(f"why: {1000 * float(np.mean(words)):.1f} ms an answer")


def report(name: str, coded: int, scores: dict[str, list[Any]]) -> None:
    """One line: means over the seeds."""
    code, other = (float(np.mean(scores[who])) for who in ("code", "control"))
    ratio = f"{code / other:.2f}" if other else "–"
    brier, error = np.mean(scores["calibration"], axis=0)
    (certain, right), (doubtful, lucky) = np.sum(scores["sure"], axis=0)
    print(
        f"{name:24} {coded:>6} {code:>7.3f} {other:>8.3f} {ratio:>6} {brier:>6.3f} {error:>6.3f}"
        f" {doubtful / (certain + doubtful):>9.2f} {lucky / max(doubtful, 1):>6.2f}"
        f" {right / max(certain, 1):>6.2f}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    sets = {
        "patients, label": patients(given.texts, "label"),
        "patients, subcategory": patients(given.texts, "subcategory"),
        "gambling, question 1": gambling(given.texts, "1"),
        "gambling, question 2": gambling(given.texts, "2"),
    }
    for name, some in sets.items():
        if name.startswith("gambling"):
            print(f"{name}: names alone, sample-F1 of the two likeliest {named_only(some):.3f}")
    print(
        f"{'set':24} {'coded':>6} {'code':>7} {'control':>8} {'ratio':>6} {'Brier':>6} {'ECE':>6}"
        f" {'doubtful':>9} {'right':>6} {'sure':>6}"
    )
    for name, some in sets.items():
        single = bool((some.given.sum(axis=1) == 1).all())
        for asked in (50, 200, MOST_CODED):
            scores = defaultdict(list)
            for seed in range(given.seeds):
                mixed = np.random.default_rng(seed).permutation(len(some.texts))
                held = mixed[: min(MOST_HELD, len(mixed) // 4)]
                coded = mixed[len(held) :][:asked]
                chance = ours(some, coded)[held]
                found = {"code": chance >= 0.5, "control": control(some, coded, held, single)}
                for who, told in found.items():
                    scores[who].append(
                        f1_score(some.given[held], told, average="macro", zero_division=0)
                    )
                scores["calibration"].append(calibration(chance, some.given[held]))
                scores["sure"].append(sure(chance, some.given[held]))
            report(name, len(coded), scores)
            if len(coded) < asked:
                break
    refit(sets["patients, subcategory"])


if __name__ == "__main__":
    main()
