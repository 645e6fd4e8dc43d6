"""Codes taken from candidates: what the candidates' members are worth, at 0, 50 and 200 coded.

    python -m benchmarks.candidates [--texts ../shared/data/text] [--seeds 8]

Themes are found of all answers of a set. Each stands for the label that most of its members have;
themes of one label are one code, with the largest one's name and description, as a person would
merge them. Answers of no such label have no code. Macro-F1 on a quarter of the answers (2,000 at
most), of codes that start from names alone (`names`), and from their members too (`members`);
beside them what the machine's themes themselves say (`themes`). Of sets of 100 answers, 30 draws.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import f1_score

from analysis import coding, dataset, themes, weighting
from benchmarks.coding import MOST_HELD, Set, gambling, patients
from consult.coding.changes import candidates, described

CODED = (0, 50, 200)


def banking(folder: Path, count: int = 4_000) -> Set:
    """Questions to a bank, by 77 intents."""
    files = sorted((folder / "banking77").glob("*.csv"))
    table = pl.concat([pl.read_csv(f, infer_schema_length=0) for f in files]).sample(count, seed=1)
    frame = [[c, c.replace("_", " "), ""] for c in sorted(set(table["label"]))]
    return Set(table["text"].to_list(), [{c} for c in table["label"]], frame)


def taken(some: Set) -> tuple[list[coding.Code], dict[str, frozenset[int]], list[int]]:
    """Codes made of the candidates, their members, and the label that each stands for."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "r.csv"
        pl.DataFrame({"id": range(len(some.texts)), "text": some.texts}).write_csv(file)
        found = themes.theme(weighting.unweighted(dataset.read(file)), "text")
    rows: dict[str, set[int]] = {}
    for row, theme, _ in found.assignments:
        rows.setdefault(theme, set()).add(row)
    of_label: dict[int, list[dict[str, object]]] = {}
    for theme in candidates([theme.as_dict() for theme in found.themes]):
        counted = some.given[sorted(rows[str(theme["id"])])].sum(axis=0)
        of_label.setdefault(int(counted.argmax()), []).append(dict(theme))
    codes, members = [], {}
    for label, own in sorted(of_label.items()):
        first = max(own, key=lambda theme: len(rows[str(theme["id"])]))
        codes.append(coding.Code(f"c{label}", str(first["label"]), described(first)))
        every = set().union(*(rows[str(theme["id"])] for theme in own))
        members[f"c{label}"] = frozenset(every)
    return codes, members, sorted(of_label)


def measure(name: str, some: Set, seeds: int) -> None:
    """A line for each number of coded answers: means over the seeds."""
    codes, members, labels = taken(some)
    answers = coding.Answers.of(some.texts)
    given = some.given[:, labels]
    themed = np.array([[k in members[c.id] for c in codes] for k in range(len(some.texts))])
    for asked in CODED:
        scores: Counter[str] = Counter()
        for seed in range(seeds):
            mixed = np.random.default_rng(seed).permutation(len(some.texts))
            held = mixed[: min(MOST_HELD, len(mixed) // 4)]
            marks = {
                int(k): frozenset(codes[j].id for j in np.flatnonzero(given[k]).tolist())
                for k in mixed[len(held) :][:asked]
            }
            told = {"themes": themed[held]}
            for who, known in (("names", {}), ("members", members)):
                found = coding.predict(answers, codes, coding.Coded(marks, {}, known))
                told[who] = found.probability[held] >= 0.5
            for who, said in told.items():
                score = f1_score(given[held], said, average="macro", zero_division=0)
                scores[who] += score / seeds
        said = " ".join(f"{scores[who]:>8.3f}" for who in ("themes", "names", "members"))
        print(f"{name:24} {len(codes):>6} {len(marks):>6} {said}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--seeds", type=int, default=8)
    given = parser.parse_args()
    print(f"{'set':24} {'codes':>6} {'coded':>6} {'themes':>8} {'names':>8} {'members':>8}")
    measure("patients, label", patients(given.texts, "label"), given.seeds)
    measure("patients, subcategory", patients(given.texts, "subcategory"), given.seeds)
    measure("banking77", banking(given.texts), given.seeds)
    for question in ("1", "2"):
        measure(f"gambling, question {question}", gambling(given.texts, question), 30)


if __name__ == "__main__":
    main()
