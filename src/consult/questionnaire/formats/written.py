"""What every writer of a format shares: which questions it can say, and conditions about those."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from consult.questionnaire.answers import (
    Choices,
    Labels,
    Numeric,
    Optioned,
    PreceptAmount,
    Question,
)
from consult.questionnaire.formats import cel
from consult.questionnaire.formats import meaning as m
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.formats.meaning import Meaning
from consult.questionnaire.formats.outcome import Notebook
from consult.questionnaire.model import Page
from consult.questionnaire.survey import Survey
from consult.questionnaire.wording import PIPE

#: Types that the other formats have no question for, and what they are.
NOWHERE = {"points": "points shared out", "best_worst": "best–worst scaling"}
#: Types that become a simpler one.
SIMPLER = {
    "money": "number", "precept_amount": "number", "tax_band": "choice", "postcode": "choice"
}  # fmt: skip


def kind(question: Question) -> str:
    """The type a question is written as."""
    return SIMPLER.get(question.type, question.type)


def places(question: Question) -> int:
    """How many decimals a number has."""
    return question.places if isinstance(question, Numeric) else 0


#: Keys of survey.yaml that every format has its words for, or that ``Writing`` speaks of by page.
_SAID_ELSEWHERE = frozenset({"survey", "languages", "pages", "sections"})


@dataclass
class Writing:
    """A survey on its way into another format."""

    survey: Survey
    #: What the format calls a question, where that is not its id.
    names: Mapping[str, str] = field(default_factory=dict)
    notebook: Notebook = field(default_factory=Notebook)

    def __post_init__(self) -> None:
        self.targets = {
            name: target
            for name, target in cel.targets(self.survey.questions).items()
            if self._is_written(name)
        }

    def _is_written(self, name: str) -> bool:
        """Whether the other format asks a question: a postcode's sector, for one, it does not."""
        place = self.survey.place_of[name]
        own = name == place.question.id or name in dict(self.companions(place.question)).values()
        return own and place.written.type not in NOWHERE

    @property
    def languages(self) -> tuple[str, ...]:
        return self.survey.languages

    def pages(self) -> Iterator[tuple[Page, list[Question]]]:
        """Pages with the questions that can be written."""
        for page, _ in self.survey.written():
            kept: list[Question] = [q for q in page.questions if q.type not in NOWHERE]
            if kept:
                yield page, kept

    def labels(self, question: str, language: str) -> Labels:
        """A written question's wording in one language, empty where it has none."""
        return self.survey.own_labels(question, language) or Labels()

    def meaning(self, *conditions: str | None) -> Meaning:
        """What conditions mean together; a condition that cannot be said is left out."""
        return m.simple(m.Whole(True, tuple(self._each(c) for c in conditions if c)))

    def _each(self, condition: str) -> Meaning:
        try:
            return cel.read(condition, self.targets)
        except NotUnderstood as error:
            self.notebook.add(
                f"when: {condition}",
                f"the condition is not carried over: {error}",
                "Whatever hangs on it is asked of everybody there.",
            )
            return m.ALWAYS

    def condition(self, dialect: Callable[[Meaning], str], *conditions: str | None) -> str:
        """Conditions in another format's words, empty where there is none."""
        meaning = m.renamed(self.meaning(*conditions), self.names)
        if meaning == m.ALWAYS:
            return ""
        try:
            return dialect(meaning)
        except NotUnderstood as error:
            said = " && ".join(c for c in conditions if c)
            self.notebook.add(f"when: {said}", "the condition is not carried over", f"{error}.")
            return ""

    def pipe(self, text: str, sign: str) -> str:
        """``text`` with the answers it takes in written as ``sign`` has it: ``${%s}``."""

        def one(name: str) -> str:
            if name in self.targets:
                return sign % self.names.get(name, name)
            self.notebook.add(f"{{{name}}}", "it is not carried over", "'…' stands in its place.")
            return "…"

        return PIPE.sub(lambda match: one(match[1]), text)

    def companions(self, question: Question) -> list[tuple[str, str]]:
        """Options that ask for words, with the id of their own short text."""
        if not isinstance(question, Optioned):
            return []
        made = {c.id for c in question.companions()}
        wordy = [o.code for o in question.options if o.words]
        ids = [f"{question.id}_{code.replace('-', '_')}"[:64] for code in wordy]
        return [(code, own) for code, own in zip(wordy, ids, strict=True) if own in made]

    def chosen(self, question: Question, code: str) -> Meaning:
        """That an option of a question was picked."""
        if isinstance(question, Choices):
            return m.Has(question.id, code)
        return m.Is(question.id, "==", code, "one")

    # -- what is not said --------------------------------------------------------------------------

    def note_lost(self, format_: str, said: frozenset[str]) -> None:
        """Note what the survey says and the format has no words for; ``said`` is what it has."""
        for what, why, where in self._lost():
            if what not in said:
                self.notebook.gathered(
                    f"'{what}' is not carried over", f"{why} in {format_}.", where
                )

    def _lost(self) -> Iterator[tuple[str, str, list[str]]]:
        definition, none = self.survey.definition, "There is nothing like it"
        for key, of in type(definition).model_fields.items():
            if key not in _SAID_ELSEWHERE and getattr(definition, key) != of.default:
                yield key, none, ["survey.yaml"]
        yield "shuffle of a section", none, [s.id for s in definition.sections if s.shuffle]
        if self.survey.population:
            yield "population", none, ["population.csv"]
        written: list[tuple[Page, Question]] = [
            (page, q) for page, _ in self.survey.written() for q in page.questions
        ]
        for type_, what in NOWHERE.items():
            yield (
                type_,
                f"There is no question type for {what}",
                [q.id for _, q in written if q.type == type_],
            )
        for type_, simpler in SIMPLER.items():
            yield type_, f"It is a plain {simpler}", [q.id for _, q in written if q.type == type_]
        for key in (
            "role",
            "measure",
            "nets",
            "apart",
            "documents",
            "lookup",
            "top",
            "autocomplete",
        ):
            yield key, none, [q.id for _, q in written if getattr(q, key, None)]
        yield "step", none, [q.id for _, q in written if isinstance(q, PreceptAmount)]
        yield from self._lost_options(none, [question for _, question in written])
        yield "section", none, [page.id for page, _ in written if page.section]
        yield "shuffle of a page", none, [page.id for page, _ in written if page.shuffle]
        yield (
            "shuffle of a grid",
            none,
            [q.id for _, q in written if q.type == "grid" and getattr(q, "shuffle", False)],
        )
        yield from self._lost_words(none, [question.id for _, question in written])

    def _lost_options(
        self, none: str, written: list[Question]
    ) -> Iterator[tuple[str, str, list[str]]]:
        for key in ("exclusive", "not_in_population", "fixed"):
            flagged = [
                q.id
                for q in written
                if isinstance(q, Optioned) and any(getattr(o, key) for o in q.options)
            ]
            yield key, none, flagged

    def _lost_words(self, none: str, written: list[str]) -> Iterator[tuple[str, str, list[str]]]:
        for key in ("short", "unanswered", "suffix", "hints", "nets"):
            worded = [
                name
                for name in written
                if any(getattr(self.labels(name, language), key) for language in self.languages)
            ]
            yield f"wording: {key}", none, worded
        if any(words.illustrative for words in self.survey.words.values()):
            yield "illustrative", none, ["wording"]
