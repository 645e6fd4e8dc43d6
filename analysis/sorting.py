"""Which themes a comment is in, whether they were sought among it or among others like it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from analysis import cleaning, outline, redaction, topics
from analysis.outline import Scores, Steps

OTHER, UNPROCESSED = "other", "unprocessed"
Members = list[list[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Kind:
    """What tells the themes of one language apart; `names` are the ids of its themes, in order.

    One without a name is given up.
    """

    model: topics.Model
    steps: Steps
    names: tuple[str, ...]

    def called(self, name: Callable[[str], str]) -> "Kind":
        """The same with other ids."""
        return replace(self, names=tuple(name(one) for one in self.names))

    def members(self, comments: Sequence[str]) -> Members:
        """Per redacted comment the ids of its themes and how likely each is; else `other`."""
        plain = [redaction.unmarked(comment) for comment in comments]
        return members(outline.settled(self.model.scores(plain), self.steps), self.names)


def members(scores: Scores, names: Sequence[str]) -> Members:
    """Per row of scores the themes it is in, by falling score."""
    found = []
    for chosen, row in zip(outline.belongs(scores), scores, strict=True):
        given = [(names[k], round(float(row[k]), 4)) for k in chosen if names[k]]
        found.append(given or [(OTHER, 1.0)])
    return found


@dataclass(frozen=True, slots=True)
class Sorter:
    """The themes of every language, and the language of brief comments."""

    kinds: dict[str, Kind]
    most: str

    def members(self, comments: Sequence[str]) -> Members:
        """Per redacted comment its themes; unprocessed in a language without any."""
        spoken = cleaning.languages(comments, self.most)
        others = OTHER if self.most not in self.kinds else UNPROCESSED
        found: Members = [[(others if code == self.most else UNPROCESSED, 1.0)] for code in spoken]
        for language, kind in self.kinds.items():
            here = [k for k, code in enumerate(spoken) if code == language]
            given = kind.members([comments[k] for k in here]) if here else []
            for k, many in zip(here, given, strict=True):
                found[k] = many
        return found
