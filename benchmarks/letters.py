"""Invented campaigns and comments, for ``benchmarks.campaigns``: who writes what.

A campaign is a template of an organisation on a subject, and copies of it as people send them. The
same subject has several campaigns, and independent residents who use the very same words.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from random import Random

from benchmarks.grammar import Bank, Grammar, Maker, Pattern, read

SUBJECTS = (
    "precept", "patrols", "contact", "knives", "rural", "speeding", "bikes", "abuse", "fire",
    "library", "parking", "lights", "shops", "drugs",
)  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "September", "October")
SMALL = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
#: Of a template's words a copy keeps at least this much, in order …
KEPT = 0.6
#: … and what its sender adds is at most this much of the template's length.
ADDED = 0.9
#: Who quotes takes at most this much of a letter, and writes three times as much.
QUOTED = 0.3
SYNONYMS = {
    "important": "vital", "help": "assist", "people": "residents", "residents": "people",
    "start": "begin", "need": "require", "children": "kids", "kids": "children", "big": "large",
    "ask": "request", "urge": "implore", "worried": "concerned", "concerned": "worried",
    "money": "funding", "funding": "money", "keep": "retain", "nobody": "no-one",
    "shops": "stores", "officers": "constables", "homes": "houses", "houses": "homes",
    "town": "area", "village": "community", "streets": "roads", "road": "street",
    "cut": "reduction", "plan": "scheme", "proposal": "plan", "close": "shut",
    "open": "available", "often": "frequently", "about": "regarding", "because": "as",
    "think": "believe", "believe": "feel", "feel": "think", "stop": "end", "give": "provide",
    "offer": "provide", "more": "extra", "years": "yrs", "and": "&", "cannot": "can't",
    "local": "nearby", "should": "must", "must": "should", "victims": "survivors",
    "women": "ladies", "cars": "vehicles", "night": "nighttime",
}  # fmt: skip
MISSPELT = {
    "definitely": "definately", "there": "their", "their": "there", "your": "you're",
    "lose": "loose", "receive": "recieve", "believe": "beleive", "people": "poeple",
    "because": "becuase", "police": "polce", "council": "counsel", "separate": "seperate",
    "which": "wich", "too": "to", "until": "untill", "would": "wuold", "the": "teh",
    "that": "taht", "officers": "oficers", "don't": "dont", "it's": "its", "can't": "cant",
    "community": "comunity", "and": "adn",
}  # fmt: skip
_WORD = re.compile(r"[a-z]{4,}", re.I)


def number(dice: Random) -> str:
    """A number as people give them."""
    return str(dice.choice((11, 12, 14, 15, 17, 18, 20, 22, 25, 26, 30, 35, 40, 45, 47, 60, 80)))


SLOTS: dict[str, Maker] = {
    "num": number,
    "small": lambda dice: dice.choice(SMALL),
    "pct": lambda dice: str(dice.randint(3, 68)),
    "year": lambda dice: str(dice.randint(2009, 2024)),
    "month": lambda dice: dice.choice(MONTHS),
    "pounds": lambda dice: f"£{dice.choice((2, 3, 5, 8, 12, 15, 18, 24, 30, 36, 48, 65, 90, 150))}",
    "teen": lambda dice: dice.choice(("twelve", "thirteen", "14", "fifteen", "16")),
    "fast": lambda dice: str(dice.randint(52, 88)),
    "road": lambda dice: str(dice.randint(30, 699)),
}


@lru_cache(maxsize=1)
def bank() -> Bank:
    """Every section."""
    return read("subjects", "letters", "own")


class Writer(Grammar):
    """Someone who writes on a subject, and says each thing once before saying it again."""

    def __init__(self, subject: str) -> None:
        super().__init__(bank(), SLOTS)
        self.within = subject
        self.left: dict[str, list[Pattern]] = {}
        for kind in ("harm", "fact", "want", "scene"):
            self.makers[kind] = self.next_of(kind)

    def pick(self, kind: str, dice: Random) -> Pattern:
        """The next thing to say of a kind."""
        lines = self.left.setdefault(kind, [])
        if not lines:
            every = self.bank[f"{self.within}.{kind}"]
            lines.extend(dice.sample(every, len(every)))
        return lines.pop()

    def next_of(self, kind: str) -> Maker:
        """A maker of the next thing."""
        return lambda dice: self.make(self.pick(kind, dice), dice, self.within)


def writer(subject: str, **fixed: str) -> Writer:
    """Someone who writes on a subject; ``fixed`` slots always say the same."""
    grammar = Writer(subject)
    for name, value in fixed.items():
        grammar.makers[name] = lambda _, value=value: value
    return grammar


def sentence(text: str) -> str:
    """With a capital and a stop."""
    text = re.sub(r"\s+([,.?!])", r"\1", " ".join(text.split()))
    text = re.sub(r"([.?!]) ([a-z])", lambda m: f"{m[1]} {m[2].upper()}", text)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def words(text: str) -> list[str]:
    """Words as a copy's are held against its template's."""
    return re.findall(r"[\w'’&-]+", text.lower())


def in_order(first: str, second: str) -> int:
    """Words of the first that the second has in the same order, about."""
    matcher = SequenceMatcher(None, words(first), words(second), autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


@dataclass(frozen=True)
class Version:
    """One wording of a template's sentence, and how many of the first wording's words it keeps."""

    text: str
    kept: int


@dataclass
class Template:
    """What an organisation asks people to send; some let them choose between wordings."""

    subject: str
    town: str
    sentences: list[list[Version]]
    plain: float
    """The share of senders who change nothing."""
    length: int = field(init=False)

    def __post_init__(self) -> None:
        self.length = sum(versions[0].kept for versions in self.sentences)

    def text(self) -> str:
        """As the organisation wrote it."""
        return " ".join(versions[0].text for versions in self.sentences)


def template(subject: str, dice: Random) -> Template:
    """A letter of 15 to 400 words."""
    town = Grammar(bank()).line("town", dice)
    org = Grammar(bank(), {"town": lambda _: town}).line("org", dice)
    grammar = writer(subject, town=town, org=org)
    target = min(max(15, int(math.exp(dice.gauss(4.75, 0.8)))), 380)
    choice = dice.random() < 0.25
    frames = {
        kind: dice.sample(bank()[f"letter.{kind}"], len(bank()[f"letter.{kind}"]))
        for kind in ("harm", "fact", "want", "value")
    }
    made: list[list[Version]] = []

    def write(kind: str, frame: Pattern) -> None:
        texts = worded(grammar, kind, frame, dice, dice.choice((2, 3)) if choice else 1)
        made.append([Version(text, in_order(texts[0], text)) for text in texts])

    if dice.random() < 0.8:
        write("open", dice.choice(bank()["letter.open"]))
    while sum(versions[0].kept for versions in made) < target:
        left = [kind for kind in ("harm", "harm", "want", "fact", "value") if frames[kind]]
        if not left:
            break
        kind = dice.choice(left)
        write(kind, frames[kind].pop())
    if target > 60:
        write("close", dice.choice(bank()["letter.close"]))
    return Template(subject, town, made, dice.choice((0.92, 0.75, 0.55, 0.25, 0.05)))


CONTENT = ("harm", "fact", "want", "topic")


def worded(grammar: Writer, kind: str, frame: Pattern, dice: Random, count: int) -> list[str]:
    """A sentence in one wording or several, which say the same with the same figures."""
    said: list[tuple[str, Pattern]] = []
    seed = dice.random()
    texts: list[str] = []
    for turn in range(count):
        frames = [frame, *bank()[f"letter.{kind}"]] if turn and dice.random() < 0.5 else [frame]
        fitting = [f for f in frames if slots(f) == slots(frame)]
        told = Grammar(bank(), grammar.makers | steady(seed))
        waiting = list(said)
        for name in CONTENT:
            told.makers[name] = retold(name, told, grammar, said, waiting if turn else None)
        texts.append(sentence(told.make(dice.choice(fitting), dice, grammar.within)))
    return texts


def retold(
    name: str,
    told: Grammar,
    grammar: Writer,
    said: list[tuple[str, Pattern]],
    waiting: list[tuple[str, Pattern]] | None,
) -> Maker:
    """Says something new and remembers it, or says again, in its turn, what was said."""

    def make(dice: Random) -> str:
        if waiting is None:
            said.append((name, grammar.pick(name, dice)))
            return told.make(said[-1][1], dice, grammar.within)
        at = next(place for place, (what, _) in enumerate(waiting) if what == name)
        return told.make(waiting.pop(at)[1], dice, grammar.within)

    return make


def slots(pattern: Pattern) -> list[str]:
    """What a frame asks for, in order of the alphabet."""
    names = [str(node[1][0][0]).lower() for node in pattern if node[0] == "slot"]
    return sorted(name for name in names if name in CONTENT)


def steady(seed: float) -> dict[str, Maker]:
    """Figures that are the same whenever a sentence is worded."""
    drawn: Counter[str] = Counter()

    def steadily(name: str) -> Maker:
        def make(_: Random) -> str:
            drawn[name] += 1
            return SLOTS[name](Random(f"{seed} {name} {drawn[name]}"))  # noqa: S311  invented

        return make

    return {name: steadily(name) for name in SLOTS}


# -- what people change ----------------------------------------------------------------------------


def reworded(text: str, dice: Random, share: float) -> tuple[str, int]:
    """Some words replaced by others of the same meaning, and how many."""
    parts, lost = text.split(" "), 0
    for place, part in enumerate(parts):
        core = part.strip(".,?!:;").lower()
        if core in SYNONYMS and dice.random() < share:
            parts[place] = re.sub(re.escape(core), SYNONYMS[core], part, flags=re.I)
            lost += 1
    text = " ".join(parts)
    return text[:1].upper() + text[1:], lost


def mistyped(text: str, dice: Random, share: float) -> tuple[str, int]:
    """Typing mistakes in a share of the words, and how many words they touch."""
    parts, lost = text.split(" "), 0
    for place, part in enumerate(parts):
        if dice.random() >= share:
            continue
        if part.lower() in MISSPELT:
            parts[place] = MISSPELT[part.lower()]
        elif _WORD.fullmatch(part):
            at = dice.randrange(1, len(part) - 1)
            parts[place] = dice.choice((
                part[:at] + part[at + 1 :],
                part[:at] + part[at] + part[at:],
                part[:at] + part[at + 1] + part[at] + part[at + 2 :],
                part[:at] + dice.choice("aeiornst") + part[at + 1 :],
            ))  # fmt: skip
        lost += parts[place] != part
    return " ".join(parts), lost


def dressed(text: str, dice: Random) -> str:
    """The same words, set otherwise: capitals, quotes, dashes, spaces, lines."""
    way = dice.randrange(8)
    if way == 0:
        return text.lower()
    if way == 1:
        return text.upper()
    if way == 2:
        return text.replace("'", "’").replace('"', "”")
    if way == 3:
        return re.sub(r"[.,;:!?]", "", text)
    if way == 4:
        return re.sub(r"([.?!]) ", lambda m: m[1] + dice.choice((" ", "  ", "\n", "\n\n")), text)
    if way == 5:
        return text.replace(". ", "! ").replace(", ", " - ")
    if way == 6:
        return f"  {text.replace(', ', ',')}\r\n"
    return text.replace(" ", " ").replace(".", "...")


def joined(parts: list[str], dice: Random) -> str:
    """Sentences, in one paragraph or several."""
    if dice.random() < 0.5:
        return " ".join(parts)
    return "".join(
        part + ("" if place == len(parts) - 1 else dice.choice((" ", " ", "\n\n")))
        for place, part in enumerate(parts)
    )


CHANGES = ("dress", "sign", "sign", "add", "add", "add", "drop", "move", "reword", "typo", "cut")


def copy(of: Template, dice: Random) -> str:
    """One sender's text. It keeps KEPT of the template's words and adds no more than ADDED."""
    if dice.random() < of.plain:
        chosen = [dice.choice(versions) for versions in of.sentences]
        if sum(version.kept for version in chosen) >= (KEPT + 0.02) * of.length:
            return " ".join(version.text for version in chosen)
    for _ in range(8):
        made = changed(of, dice)
        if made is not None:
            return made
    return dressed(of.text(), dice)


def changed(of: Template, dice: Random) -> str | None:
    """A copy with one to three changes, or nothing where they were too many."""
    changes = dice.sample(CHANGES, dice.choice((1, 1, 1, 2, 2, 3)))
    versions = [dice.choice(versions) for versions in of.sentences]
    if "drop" in changes and len(versions) > 2:
        for _ in range(dice.randint(1, max(1, len(versions) // 3))):
            versions.pop(dice.randrange(len(versions)))
    if "cut" in changes and len(versions) > 3:
        del versions[-max(1, int(len(versions) * dice.uniform(0.1, 0.35))) :]
    kept = sum(version.kept for version in versions)
    if "move" in changes and len(versions) > 3:
        moved = versions.pop(dice.randrange(len(versions)))
        versions.insert(dice.randrange(len(versions)), moved)
        kept -= moved.kept
    parts = [version.text for version in versions]
    added = 0
    for change, work in (("reword", reworded), ("typo", mistyped)):
        if change in changes:
            share = dice.uniform(0.15, 0.5) if change == "reword" else dice.uniform(0.01, 0.08)
            done = [work(part, dice, share) for part in parts]
            parts, kept = [text for text, _ in done], kept - sum(lost for _, lost in done)
    if "add" in changes:
        own = personal(of, dice)
        added += len(words(" ".join(own)))
        at = dice.choice((0, len(parts), dice.randrange(len(parts) + 1)))
        parts[at:at] = own
    if "sign" in changes:
        grammar = Grammar(bank(), SLOTS | {"person": person})
        head, tail = grammar.line("greeting", dice), grammar.line("signoff", dice)
        parts = [head, *parts] if dice.random() < 0.6 else parts
        parts = [*parts, tail] if dice.random() < 0.8 else parts
        added += len(words(head + " " + tail))
    if kept < (KEPT + 0.02) * of.length or added > ADDED * of.length:
        return None
    text = joined(parts, dice)
    return dressed(text, dice) if "dress" in changes else text


def person(dice: Random) -> str:
    """Who signs."""
    return Grammar(bank()).line("own.person", dice)


def personal(of: Template, dice: Random) -> list[str]:
    """A sentence or a paragraph of the sender's own."""
    grammar = writer(of.subject, town=of.town)
    count = dice.choice((1, 1, 2, 3, 4)) if of.length > 60 else 1
    return [sentence(grammar.line("own.more", dice, of.subject)) for _ in range(count)]


# -- what people write by themselves ---------------------------------------------------------------


def comment(dice: Random, length: int | None = None, subject: str | None = None) -> str:
    """An independent comment of 3 to 300 words, as typed on a phone or at a desk."""
    subject = subject or dice.choice(SUBJECTS)
    target = length or min(max(3, int(math.exp(dice.gauss(3.3, 1.0)))), 290)
    grammar = writer(subject)
    if target < 9:
        parts = [grammar.line("own.brief", dice, subject)]
        if len(words(parts[0])) > 9:
            parts.append(grammar.line("own.incident", dice, subject))
    elif target > 70 and dice.random() < 0.4:
        parts = [sentence(grammar.line("letter.open", dice, subject))]
        kinds = ("letter.harm", "letter.want", "letter.fact", "letter.value", "own.more")
        grow(parts, target, grammar, kinds, dice, subject)
    else:
        parts = [grammar.line("own.incident", dice, subject)]
        if dice.random() < 0.7:
            parts.insert(dice.randrange(2), grammar.line("own.open", dice, subject))
        kinds = ("own.more", "own.more", "own.aside", "own.incident")
        grow(parts, target, grammar, kinds, dice, subject)
        if dice.random() < 0.25:
            parts.append(grammar.line("own.end", dice, subject))
    if dice.random() < 0.4:
        glue = (" ", " ", ", ", ". ", " and ", "\n")
        text = "".join(" ".join(part.split()) + dice.choice(glue) for part in parts).rstrip(" ,\n")
        text = re.sub(r" +([,.?!])", r"\1", text).replace("..", ".").replace("?.", "?")
        text = text.removesuffix(" and")
        text = text.lower() if dice.random() < 0.7 else text
        return mistyped(text, dice, dice.choice((0.0, 0.02, 0.05)))[0]
    text = joined([sentence(part) for part in parts], dice)
    return mistyped(text, dice, 0.01)[0] if dice.random() < 0.3 else text


def grow(
    parts: list[str],
    target: int,
    grammar: Grammar,
    kinds: tuple[str, ...],
    dice: Random,
    subject: str,
) -> None:
    """Go on writing, and after a while about something else."""
    have = len(words(" ".join(parts)))
    on, since = grammar, 0
    while have < target:
        if since > 7:
            subject, since = dice.choice(SUBJECTS), 0
            on = writer(subject)
        part = on.line(dice.choice(kinds), dice, subject)
        parts.append(part)
        have += len(words(part))
        since += 1


def short(dice: Random) -> str:
    """What many write without knowing of one another."""
    lines = bank()["short"]
    text = Grammar(bank()).make(lines[int(len(lines) * dice.random() ** 2)], dice)
    return text + dice.choice(("", "", "", "", ".", "!", " ", "..."))


def quoting(of: Template, dice: Random) -> str | None:
    """A long text of one's own that quotes up to three sentences of a letter: no copy."""
    whole = [versions[0] for versions in of.sentences]
    count = dice.choice((1, 1, 2, 3))
    at = dice.randrange(max(1, len(whole) - count))
    quoted = sum(version.kept for version in whole[at : at + count])
    if not 8 <= quoted <= QUOTED * of.length:
        return None
    own = comment(dice, max(60, 3 * quoted), of.subject).strip()
    quote = " ".join(version.text for version in whole[at : at + count])
    lead = dice.choice((
        "The letter going round says", "I was sent a letter that says", "As the leaflet puts it,",
        "Someone put this through my door:", "I don't agree with those who write",
    ))  # fmt: skip
    cited = f"{lead} “{quote}”"
    return f"{cited} {own}" if dice.random() < 0.5 else f"{own}\n{cited}"
