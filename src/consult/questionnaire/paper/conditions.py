"""Conditions in plain words, for whoever decides with a pen which question comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from consult.questionnaire.answers import Points, Question, Ranking
from consult.questionnaire.answers.date import spoken
from consult.questionnaire.formats import cel
from consult.questionnaire.formats import meaning as m
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.formats.meaning import Meaning, Target
from consult.questionnaire.paper.words import PaperWords

#: Nobody holds more than this in mind.
MOST = 8


@dataclass(frozen=True)
class Speaker:
    """Says conditions of one survey in one language.

    ``number`` is what a question is called on the paper, ``option`` how an option reads.
    """

    words: PaperWords
    questions: Mapping[str, Question]
    number: Mapping[str, str]
    option: Callable[[str, str], str]

    @cached_property
    def _targets(self) -> Mapping[str, Target]:
        return cel.targets(self.questions)

    def sentence(self, condition: str) -> str | None:
        """``condition`` as the end of "only if …"; None where it cannot be said plainly."""
        try:
            read = cel.read(condition, self._targets)
            if _size(read) > MOST:
                return None
            return self._say(read, 0)[0]
        except (NotUnderstood, RecursionError):
            return None

    def _say(self, meaning: Meaning, depth: int) -> tuple[str, bool]:
        """The words, and whether several things are joined in them."""
        if not isinstance(meaning, m.Whole):
            return self._same([meaning], every=False, answered=False), False
        groups = [self._say(part, depth + 1) for part in meaning.of if isinstance(part, m.Whole)]
        said = [*((text, False) for text in self._atoms(meaning)), *groups]
        if not said:
            raise NotUnderstood("it always holds, or never")
        if len(said) == 1:
            return said[0]
        texts = [text for text, _ in said]
        if not any(joined for _, joined in said):
            return self.words.joined(texts, "and" if meaning.every else "any"), True
        if depth:
            raise NotUnderstood("groups lie too deep in one another")
        result = texts[0]
        for text in texts[1:]:
            result = self.words.say("also" if meaning.every else "or_else", result, text)
        return result, True

    def _atoms(self, whole: m.Whole) -> list[str]:
        """The comparisons of a group, those that read as one taken together."""
        atoms = [part for part in whole.of if not isinstance(part, m.Whole)]
        answered: set[str] = set()
        if whole.every:
            answered = {a.target for a in atoms if isinstance(a, m.Answered) and not a.negated}
        # "An answer other than" says already that there is one.
        said = answered & {m.open_to_silence(atom) for atom in atoms}
        groups: dict[object, list[Meaning]] = {}
        for atom in atoms:
            if not (isinstance(atom, m.Answered) and atom.target in said):
                groups.setdefault(_alike(atom, whole.every), []).append(atom)
        return [
            self._same(group, whole.every, m.open_to_silence(group[0]) in answered)
            for group in groups.values()
        ]

    def _same(self, atoms: list[Meaning], every: bool, answered: bool) -> str:
        """Comparisons that read as one; ``answered``: the question is said to be answered."""
        first = atoms[0]
        match first:
            case m.Answered(target, negated):
                return self.words.say("not_answered" if negated else "answered", self._at(target))
            case m.Is(target, operator, _, "one"):
                codes = [str(atom.value) for atom in atoms if isinstance(atom, m.Is)]
                other = "ticked_other" if answered else "not_ticked"
                return self._options("ticked" if operator == "==" else other, target, codes, False)
            case m.Has(target, _, negated):
                codes = [atom.code for atom in atoms if isinstance(atom, m.Has)]
                verb = "ticked"
                if isinstance(self.questions[target], Ranking | Points):
                    verb = "numbered"
                denied = f"{'but_' if answered else ''}not_{verb}"
                return self._options(
                    denied if negated else verb, target, codes, every and not negated
                )
            case m.Within(target, text, negated):
                if negated and not answered:
                    raise NotUnderstood("silence counts too")
                key = "contains_not" if negated else "contains"
                return self.words.say(key, self.words.say("quote", text), self._at(target))
            case m.Is(target, operator, value, kind):
                if operator == "!=" and not answered:
                    raise NotUnderstood("silence counts too")
                dated = kind == "date" and operator not in {"==", "!="}
                key = f"date{operator}" if dated else operator
                return self.words.say(key, self._value(value, kind), self._at(target))
        raise AssertionError(first)

    def _options(self, key: str, target: str, codes: list[str], every: bool) -> str:
        named = [self.words.say("quote", self.option(target, code)) for code in codes]
        return self.words.say(
            key, self.words.joined(named, "both" if every else "any"), self._at(target)
        )

    def _at(self, target: str) -> str:
        return self.number[target]

    def _value(self, value: str | Decimal, kind: str) -> str:
        if isinstance(value, Decimal):
            return cel.figure(value)
        if kind == "date":
            try:
                return spoken(date.fromisoformat(value))
            except ValueError:
                raise NotUnderstood("it compares a date with no date") from None
        return self.words.say("quote", value)


def _size(meaning: Meaning) -> int:
    return sum(map(_size, meaning.of)) if isinstance(meaning, m.Whole) else 1


def _alike(atom: Meaning, every: bool) -> object:
    """What comparisons have in common that read as one: ticked this or that."""
    match atom:
        case m.Is(target, operator, _, "one") if every is (operator == "!="):
            return target, operator
        case m.Has(target, _, negated) if every or not negated:
            return target, negated
    return atom
