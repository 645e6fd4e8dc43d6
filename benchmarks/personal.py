"""How much personal data ``analysis redact`` finds in comments, and what it takes out besides.

    python -m benchmarks.personal [--texts 6000] [--seed 1] [--misses]

Every comment is invented (``benchmarks/people.py``, ``benchmarks/texts``); what is personal in it
is known. It was written without sight of the detector, which is reached by its command only (but
for the time that many at once take).

Truth: half of the comments hold personal data of a resident, neighbour, officer, councillor or
accused, among sentences without. A street is personal where someone says they live in it; as the
place of a trouble ("speeding on Station Road") it is not, and comments of this kind are counted
apart. Titles and ranks are not part of a name. Towns, organisations, months, brands, laws named
after people, and whoever holds a public office unnamed are clean. Public figures do not occur.

A piece counts as found when neither it nor any telling part is left: each part of a name of two
letters or more, the name of a street, each group of three or more characters with a digit, each
part of an e-mail address before the @. Nothing telling occurs elsewhere in its comment. Numbers of
crimes and officers are shown but in no total.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import re
import tempfile
import time
from collections import Counter
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from analysis.redaction import redact_all
from benchmarks.child import run
from benchmarks.grammar import Grammar, read
from benchmarks.people import CLOSE, DIVIDE, KINDS, MAKERS, OPEN, lists

STRUCTURED = ("POSTCODE", "PHONE", "EMAIL", "PLATE", "NHS", "NI", "DOB", "HANDLE")
#: How often a comment with personal data is of each sort.
SORTS = {"victim": 45, "home": 17, "contact": 18, "number": 17, "sign": 3}
#: Characters of a short comment.
SHORT = 80
_MARK = re.compile(r"\[[A-Z][A-Z _/-]*\d*\]")
_PIECE = re.compile(f"{OPEN}(\\w+){DIVIDE}([^{DIVIDE}]*){DIVIDE}([^{CLOSE}]*){CLOSE}")
_PARTICLES = {"da", "de", "dos", "do", "al", "el", "ap", "van", "mc", "mac"}
_GENERIC = {
    "the", "old", "flat", "apartment", "apt", "house", "cottage", "court", "farm", "road", "street",
    "lane", "close", "avenue", "drive", "crescent", "way", "gardens", "terrace", "place", "grove",
    "walk", "hill", "mews", "rise", "croft", "ave", "heights", "tower", "point", "end", "view",
    "upper", "barn", "long", "hall", "lower", "king", "duke",
}  # fmt: skip


class Span(NamedTuple):
    """One piece of personal data in a comment."""

    start: int
    end: int
    kind: str
    form: str


class Comment(NamedTuple):
    """A comment, what is personal in it, and its label: personal, clean, or a clean street."""

    text: str
    spans: list[Span]
    label: str
    typed: str
    """as usual, small, or CAPITALS."""


# -- the comments ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """All sentences."""
    bank = read("personal", "clean", "clean_slots")
    numbers = {
        "place": lambda dice: dice.choice(lists()["place"]),
        "num": lambda dice: str(dice.randint(3, 95)),
        "pct": lambda dice: dice.choice(("2", "4.99", "5", "7", "10", "13", "40", "68", "3.5")),
        "year": lambda dice: str(dice.randint(1978, 2025)),
        "years": lambda dice: str(dice.randint(2, 60)),
        "age": lambda dice: str(dice.randint(16, 93)),
        "teen": lambda dice: str(dice.randint(12, 16)),
        "small": lambda dice: str(dice.randint(1, 9)),
        "road": lambda dice: str(dice.choice((5, 38, 46, 49, 422, 423, 442, 444, 452, 4189))),
        "mway": lambda dice: dice.choice(("6", "40", "42", "5", "54", "69")),
        "broad": lambda dice: str(dice.randint(4000, 5200)),
        "fast": lambda dice: str(dice.randint(45, 90)),
    }
    return Grammar(bank, {**numbers, **MAKERS})


def comment(dice: Random, personal: bool) -> Comment:
    """One comment."""
    made = grammar()
    label = "personal"
    if personal:
        sort = dice.choices(list(SORTS), list(SORTS.values()))[0]
        parts = [made.line(f"about.{sort}", dice)]
        if dice.random() < 0.15 or sort == "sign":
            parts.insert(0, made.line(f"about.{dice.choice(('victim', 'home', 'contact'))}", dice))
        for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
            last = len(parts) if sort == "sign" else len(parts) + 1
            parts.insert(dice.randrange(last), made.line("clean", dice))
        if dice.random() < 0.12 and sort != "sign":
            parts.append(made.line("about.sign", dice))
    else:
        label = "clean street" if dice.random() < 0.08 else "clean"
        parts = [made.line("clean", dice) for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5)))]
        if label == "clean street":
            street = made.make(dice.choice(made.bank["street"]), dice)
            parts[dice.randrange(len(parts))] = street
    glue = dice.choice((" ", " ", " ", "\n"))
    ends = (".", "?", "!", ":", CLOSE)
    stop = "." if dice.random() < 0.6 else ""
    text = glue.join(part if part.endswith(ends) else part + stop for part in parts[:-1])
    text = f"{text}{glue}{parts[-1]}" if text else parts[-1]
    chance, typed = dice.random(), "usual"
    if chance < 0.08:
        typed = "small" if chance < 0.05 else "CAPITALS"
        pieces = re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", text)
        text = "".join(retyped(piece, typed) for piece in pieces)
    return Comment(*spanned(text), label, typed)


def retyped(piece: str, typed: str) -> str:
    """In small letters or capitals, except for the marks' own words."""
    head, divide, text = piece.rpartition(DIVIDE)
    return head + divide + (text.lower() if typed == "small" else text.upper())


def spanned(text: str) -> tuple[str, list[Span]]:
    """A text without marks, and where its pieces stand."""
    out, spans, at = "", [], 0
    for piece in _PIECE.finditer(text):
        out += text[at : piece.start()]
        spans.append(Span(len(out), len(out) + len(piece[3]), piece[1], piece[2]))
        out += piece[3]
        at = piece.end()
    return out + text[at:], spans


def telling(kind: str, piece: str) -> list[str]:
    """The parts of a piece of which none may be left."""
    if kind == "NAME":
        parts = re.findall(r"[^\W\d_]{2,}", piece)
        return [part for part in parts if part.lower() not in _PARTICLES]
    if kind == "ADDRESS":
        return [w for w in re.findall(r"[^\W\d_]{3,}", piece) if w.lower() not in _GENERIC]
    if kind == "EMAIL":
        local = re.split(r"@|\bat\b|\(at\)", piece, flags=re.I)[0]
        return [w for w in re.findall(r"[^\W_]{3,}", local) if w.lower() != "dot"]
    if kind == "HANDLE":
        return re.findall(r"[^\W_]{3,}", piece)
    return [w for w in re.findall(r"\w{3,}", piece) if re.search(r"\d", w)]


def holds(text: str, part: str) -> bool:
    """Whether a text has this word."""
    return bool(re.search(rf"(?<![^\W_]){re.escape(part)}(?![^\W_])", text, re.I))


def fair(made: Comment) -> bool:
    """Whether what is telling of each piece occurs in that piece alone, or in one just like it."""
    pieces = [(span.kind, made.text[span.start : span.end]) for span in made.spans]
    rest, at = "", 0
    for span in made.spans:
        rest += made.text[at : span.start] + "|"
        at = span.end
    rest += made.text[at:]
    for kind, piece in pieces:
        others = " | ".join([rest, *(other for _, other in pieces if other != piece)])
        if any(holds(others, part) for part in (piece, *telling(kind, piece))):
            return False
    return True


def comments(n: int, seed: int) -> list[Comment]:
    """Comments in no order, half of them with personal data."""
    dice = Random(seed)  # noqa: S311  invented texts, the same for a seed
    found: list[Comment] = []
    while len(found) < n:
        made = comment(dice, dice.random() < 0.5)
        if fair(made):
            found.append(made)
    return found


def make(n: int, seed: int) -> list[tuple[str, list[Span]]]:
    """Comments and the personal data in them."""
    return [(made.text, made.spans) for made in comments(n, seed)]


def write(n: int, seed: int, path: Path) -> None:
    """The comments as a file of responses."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "comment"])
        out.writerows((f"r{at}", made.text) for at, made in enumerate(comments(n, seed)))


# -- scoring ---------------------------------------------------------------------------------------


def found(kind: str, piece: str, left: str) -> bool:
    """Whether a piece is gone from what is left of its comment."""
    parts = [" ".join(piece.split()), *telling(kind, piece)]
    return not any(holds(left, part) for part in parts)


def remains(redacted: str) -> str:
    """A redacted text without its marks."""
    return " ".join(_MARK.sub(" | ", redacted).split())


class Tally:
    """Counts, and what was missed or taken."""

    def __init__(self) -> None:
        self.all: Counter[str] = Counter()
        self.good: Counter[str] = Counter()
        self.missed: list[str] = []
        self.taken: list[str] = []

    def add(self, names: list[str], good: bool) -> None:
        """One more of each name."""
        for name in names:
            self.all[name] += 1
            self.good[name] += good

    def share(self, name: str) -> float:
        """How many of a name are good; of none, all."""
        return self.good[name] / self.all[name] if self.all[name] else 1.0


def groups(span: Span, made: Comment) -> list[str]:
    """The lines of the table in which a piece counts."""
    lines = [f"recall: {span.kind}"]
    if span.kind in STRUCTURED:
        lines.append("recall: structured kinds together")
    if span.form:
        lines.append(f"  {span.kind.lower()}: {span.form}")
    if span.kind == "NAME" and made.typed != "usual":
        lines.append(f"  name: in a comment all in {made.typed} letters")
    return lines


def score(texts: list[Comment], redacted: list[str]) -> Tally:
    """Hold each redacted text against the truth."""
    tally = Tally()
    for made, answer in zip(texts, redacted, strict=True):
        left = remains(answer)
        for span in made.spans:
            piece = made.text[span.start : span.end]
            good = found(span.kind, piece, left)
            tally.add(groups(span, made), good)
            if not good:
                tally.missed.append(f"{span.kind:<9}{piece!r} in {answer!r}")
        before, after = Counter(outside(made).split()), Counter(left.replace("|", " ").split())
        kept = sum((before & after).values())
        tally.all[f"words kept: {made.label}"] += sum(before.values())
        tally.good[f"words kept: {made.label}"] += kept
        if not made.spans:
            touched = " ".join(made.text.split()) != " ".join(answer.split())
            tally.add([f"touched: {made.label}"], touched)
            if touched:
                gone = " ".join((before - after).elements())
                tally.taken.append(f"{gone!r} from {made.text!r}")
    return tally


def outside(made: Comment) -> str:
    """A comment without its personal data."""
    out, at = "", 0
    for span in made.spans:
        out += made.text[at : span.start] + " "
        at = span.end
    return out + made.text[at:]


def measure(texts: int, seed: int, folder: Path) -> tuple[Tally, dict[str, float]]:
    """Make the comments, run the command, score it."""
    source, few = folder / "responses.csv", folder / "few.csv"
    making = multiprocessing.get_context("spawn").Process(target=write, args=(texts, seed, source))
    making.start()
    making.join()
    if making.exitcode:
        raise SystemExit("the comments could not be made")
    few.write_text("id,comment\nr0,More patrols.\n", encoding="utf-8")
    costs = [
        run("-m", "analysis", "redact", str(path), "--text", "comment", "-o", f"{path}.out.csv")
        for path in (few, source)
    ]
    with Path(f"{source}.out.csv").open(encoding="utf-8", newline="") as file:
        answers = {row["id"]: row["text"] for row in csv.DictReader(file)}
    cpu = max(costs[1].cpu - costs[0].cpu, 1e-9)
    tally = score(comments(texts, seed), [answers[f"r{at}"] for at in range(texts)])
    return tally, {
        "texts per core-second": texts / cpu,
        "CPU seconds, less the start's": cpu,
        "peak memory, MB": costs[1].peak,
    }


def speed(texts: int, seed: int) -> dict[str, float]:
    """Texts per core-second of many at once, their words seen before: all, and short clean ones."""
    made = comments(texts, seed + 1)
    short = sorted({one.text for one in made if one.label == "clean" and len(one.text) <= SHORT})
    rates: dict[str, float] = {}
    for name, many in (
        ("at once", [one.text for one in made]),
        ("at once, short and clean", short),
    ):
        redact_all(many)
        start = time.process_time()
        redact_all(many)
        rates[f"texts per core-second, {name}"] = len(many) / (time.process_time() - start)
    return rates


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", action="store_true", help="what was missed and wrongly taken")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        tally, figures = measure(given.texts, given.seed, Path(temporary))
    figures |= speed(given.texts, given.seed)
    if given.misses:
        print(
            "missed:", *tally.missed, "", "taken from clean comments:", *tally.taken, "", sep="\n"
        )
    print(f"{given.texts:,} comments, seed {given.seed}")
    names = [f"recall: {kind}" for kind in KINDS] + ["recall: structured kinds together"]
    rest = sorted(set(tally.all) - set(names))
    for name in [*(name for name in names if name in tally.all), *rest]:
        print(f"{name:<48}{tally.share(name):>9.4f}{tally.good[name]:>9,} of {tally.all[name]:,}")
    for name, value in figures.items():
        print(f"{name:<48}{value:>9,.1f}")


if __name__ == "__main__":
    main()
