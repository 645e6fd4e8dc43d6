"""What a person should code next, and why the machine thinks as it does."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from analysis.coding.frame import Coded, Places
from analysis.coding.learning import Predicted


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer that a person should code next, and why: the code it may teach, or doubt."""

    place: int
    code: str
    why: str


def suggest(predicted: Predicted, coded: Coded, first: Places, count: int) -> list[Suggestion]:
    """The next `count` of `following`."""
    return list(islice(following(predicted, coded, first), count))


def following(predicted: Predicted, coded: Coded, first: Places) -> Iterator[Suggestion]:
    """Answers to code next: in turn the likeliest for the code with the fewest, and a doubtful one.

    `first` (answers,) has for each the place of the answer that it is a copy of: one is enough.
    """
    done = {int(first[k]) for k in coded.codes}
    held = Counter(code for codes in coded.codes.values() for code in codes)
    chance = predicted.probability
    column = {code.id: j for j, code in enumerate(predicted.frame)}
    by_code: dict[str, Iterator[int]] = {}
    doubt = np.abs(chance - 0.5).min(axis=1)
    by_doubt = iter(np.argsort(doubt, kind="stable").tolist())
    doubtful = False
    while True:
        rare = min(column, key=lambda code: (held[code], code))
        if rare not in by_code:
            by_code[rare] = iter(np.argsort(-chance[:, column[rare]], kind="stable").tolist())
        for place in by_doubt if doubtful else by_code[rare]:
            if int(first[place]) not in done and chance[place].any():
                break
        else:
            return
        done.add(int(first[place]))
        code = predicted.frame[int(chance[place].argmax())].id if doubtful else rare
        held[code] += 1
        yield Suggestion(place, code, "doubtful" if doubtful else "rare code")
        doubtful = not doubtful
