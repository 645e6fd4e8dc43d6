"""An analyst's way from a closed consultation to coded comments, with a stopwatch.

    python -m benchmarks.analyst [--texts ../shared/data/text] [--comments 2000] [--coded 100]

Starts PostgreSQL, the service and its worker by itself, puts patients' comments of
patient_experience into a survey as responses, and goes through the pages over HTTP. The analyst is
played: the frame is what people called the codes (`label`), and whatever comment the screen asks
about is coded as people have coded it, so nobody's reading and thinking is timed. What is timed:
reading all comments, the wait after each comment until the next is there, and signing off. At the
end the machine's codes are held against people's.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import httpx
import polars as pl
from sklearn.metrics import f1_score

from benchmarks.serving import running
from consult import clock
from consult.accounts import passwords
from consult.accounts.store import put_staff
from consult.consultations.store import publish
from consult.database import Database
from consult.datasets.imports import import_file
from consult.questionnaire.loading import load
from consult.settings import shipped

PASSWORD = "only-for-the-benchmark"  # noqa: S105  its database is gone with it
EMAIL, BY = "analyst@example.org", "benchmark"
SLUG, QUESTION = "warwickshire-precept-2025-26", "comments"
BASE = f"/staff/coding/{SLUG}/{QUESTION}"
SAMPLE, LEAST = 50, 20


@dataclass(frozen=True)
class Said:
    """Comments, each once, and what people coded each as."""

    texts: list[str]
    codes: list[str]

    @classmethod
    def of(cls, folder: Path, count: int) -> Said:
        """Comments from all over the list, of codes that at least LEAST have."""
        file = folder / "patient_experience/patient_experience.csv"
        table = pl.read_csv(file, infer_schema_length=0).drop_nulls(["text", "label"])
        words = pl.col("text").str.strip_chars().str.replace_all(r"\s+", " ")
        table = table.with_columns(words).filter(pl.col("text").str.len_chars() > 15)
        table = table.unique("text", keep="none").sort("text")
        table = table.gather_every(max(1, table.height // count)).head(count)
        table = table.filter(pl.len().over("label") >= LEAST)
        return cls(table["text"].to_list(), table["label"].to_list())


async def fill(url: str, said: Said) -> None:
    """The survey with the comments as its responses, and the analyst."""
    database = Database(url)
    survey = load(shipped("surveys") / SLUG)
    async with database.writing() as session:
        await put_staff(session, EMAIL, "analyst", passwords.hashed(PASSWORD), by=BY)
        await publish(session, survey, SLUG, by=BY, reason=BY, now=clock.now())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paper.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("id", "district", "tax_band", "option", QUESTION))
            writer.writerows((k, "rugby", "c", "middle", t) for k, t in enumerate(said.texts))
        await import_file(database, SLUG, file, "paper", by=BY)
    await database.close()


class Analyst:
    """Goes through the pages, and holds the stopwatch."""

    def __init__(self, client: httpx.Client, said: Said) -> None:
        self.client = client
        client.post("/staff/sign-in", data={"email": EMAIL, "password": PASSWORD})
        self.names = sorted(set(said.codes))
        code_of = dict(zip(said.texts, said.codes, strict=True))
        self.truth = {row["id"]: code_of[row[QUESTION]] for row in self.dataset()}

    def job(self, kind: str) -> float:
        """Seconds of a job, from the click to the page that shows what came of it."""
        began = time.perf_counter()
        self.client.post(f"{BASE}/jobs", data={"kind": kind})
        while self.client.get(f"{BASE}/progress").json()["under_way"]:
            time.sleep(0.2)
        self.client.get(BASE).raise_for_status()
        return time.perf_counter() - began

    def frame(self) -> None:
        """The codes, by the names that people gave them."""
        for number, name in enumerate(self.names):
            form = {"act": "add", "revision": number, "name": name}
            if self.client.post(BASE, data=form).status_code != 303:
                raise SystemExit(f"The code “{name}” was not taken.")

    def many(self, path: str, count: int) -> list[float]:
        """Code one comment after another; for each the seconds until the next is there, sorted."""
        page, waits = self.client.get(path).text, []
        for _ in range(count):
            comment = re.search(r'name="comment" value="([^"]+)"', page)
            if comment is None:
                raise SystemExit("The page asks about no comment.")
            code = f"c{self.names.index(self.truth[comment.group(1)]) + 1}"
            form = {"act": "save", "comment": comment.group(1), "code": code}
            began = time.perf_counter()
            self.client.post(path, data=form)
            page = self.client.get(path).text
            waits.append(time.perf_counter() - began)
        return sorted(waits)

    def dataset(self) -> list[dict[str, str]]:
        """The dataset as it is downloaded."""
        answer = self.client.get(f"/staff/datasets/{SLUG}/now/csv")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            text = packed.read("responses.csv").decode()
        return list(csv.DictReader(io.StringIO(text)))


def line(what: str, seconds: float) -> None:
    """A row of the table."""
    print(f"{what:<46}{seconds:>8.2f}")


def measure(address: str, said: Said, coded: int) -> None:
    """Go the way, and print."""
    with httpx.Client(base_url=address, timeout=300) as client:
        analyst = Analyst(client, said)
        print(f"{len(said.texts)} comments, {len(analyst.names)} codes; seconds")
        line("all comments read, candidates there", analyst.job("read"))
        analyst.frame()
        began = time.perf_counter()
        client.get(f"{BASE}/next").raise_for_status()
        line("the first comment to code is there", time.perf_counter() - began)
        waits = analyst.many(f"{BASE}/next", coded)
        line(f"{coded} coded, each until the next: median", waits[len(waits) // 2])
        line("the slowest of them", waits[-1])
        waits = analyst.many(f"{BASE}/sample", SAMPLE)
        line(f"{SAMPLE} of the check sample, each: median", waits[len(waits) // 2])
        line("signed off, the rest coded", analyst.job("sign"))
        agree(analyst)


def agree(analyst: Analyst) -> None:
    """What the machine said of the other comments beside what people said."""
    page = analyst.client.get(f"{BASE}/agreement").text
    value, low, high = re.findall(r'numeric">([\d.]+)</td>\s*<td[^>]*>([\d.]+) to ([\d.]+)<', page)[
        0
    ]
    rows = analyst.dataset()
    truth = [[analyst.truth[row["id"]] == name for name in analyst.names] for row in rows]
    given = [
        [row[f"{QUESTION}__codes.c{k + 1}"] == "1" for k in range(len(analyst.names))]
        for row in rows
    ]
    f1 = f1_score(truth, given, average="micro", zero_division=0)
    print(f"F1 over all comments and codes: {f1:.2f}")
    print(f"from the check sample the page says {value} ({low} to {high})")


def main() -> None:
    """Start everything, measure, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--comments", type=int, default=2000)
    parser.add_argument("--coded", type=int, default=100)
    asked = parser.parse_args()
    said = Said.of(asked.texts, asked.comments)
    with running(lambda url: fill(url, said)) as address:
        measure(address, said, asked.coded)


if __name__ == "__main__":
    main()
