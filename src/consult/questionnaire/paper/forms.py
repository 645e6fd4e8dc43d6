"""The paper form of every type of question: what is ticked, what is written and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from consult.questionnaire.answers import (
    BestWorstSet,
    Choice,
    Choices,
    Consent,
    Date,
    Grid,
    Labels,
    LongText,
    Money,
    Numeric,
    OneOf,
    Optioned,
    Points,
    Postcode,
    PreceptAmount,
    Question,
    Ranking,
    Scale,
    TaxBand,
)
from consult.questionnaire.answers.date import spoken
from consult.questionnaire.paper.blocks import Box, Form, Row, Table
from consult.questionnaire.paper.words import PaperWords
from consult.questionnaire.precept import NINTHS, bill, sterling
from consult.questionnaire.survey import Survey

#: More options than this are no list to read through on paper.
LONGEST = 60
#: Characters that a line of a box takes, and how many lines a box has at least and at most.
ROOM, FEWEST, MOST = 150, 4, 10


@dataclass(frozen=True)
class Forms:
    """Makes the forms of one survey in one language."""

    survey: Survey
    words: PaperWords

    def form(self, question: Question, labels: Labels) -> Form:
        """The form of a question that takes an answer."""
        match question:
            case Consent():
                return Form("ticks", (self.words.say("tick_agree"),), self._boxes(question, labels))
            case Postcode():
                return self._postcode(question, labels)
            case TaxBand():
                return self._one(question, labels, self._pays(question))
            case Ranking():
                return self._ranking(question, labels)
            case Points():
                says = (self.words.say("points", question.total),)
                return Form("numbers", says, self._boxes(question, labels, columns=True))
            case BestWorstSet():
                said = labels.words
                heads = tuple(said.get(k) or self.words.say(k) for k in question.parts())
                boxes = self._boxes(question, labels)
                return Form("pair", (self.words.say("pair"),), boxes, labels=heads)
            case OneOf():
                return self._one(question, labels, {})
            case Choices():
                return self._several(question, labels)
            case Date():
                return self._date(question)
            case Numeric():
                return self._number(question, labels)
            case LongText():
                lines = min(max(question.maximum // ROOM, FEWEST), MOST)
                return Form("lines", (self.words.say("write_box"),), lines=lines)
        return Form("line", (self.words.say("write_line"),))

    def grid(self, grid: Grid, labels: Labels, numbers: Iterable[str]) -> Form:
        """A grid as a table; each row is a question."""
        rows = tuple(
            Row(number, labels.rows.get(row.code, row.code), f"{grid.id}_{row.code}")
            for row, number in zip(grid.rows, numbers, strict=True)
        )
        boxes = [Box(o.code, labels.options.get(o.code, o.code)) for o in grid.options]
        scale = tuple(box for box in boxes if box.key not in grid.apart)
        apart = tuple(box for box in boxes if box.key in grid.apart)
        says = (self.words.say("grid"),)
        return Form("grid", says, scale, apart, self.words.say("or"), rows=rows)

    # -- ticks -------------------------------------------------------------------------------------

    def _boxes(
        self,
        question: Optioned,
        labels: Labels,
        beside: dict[str, str] | None = None,
        columns: bool = False,
    ) -> tuple[Box, ...]:
        wanting = (made for made in question.companions())
        boxes = []
        for option in question.options:
            code = option.code
            companion = next(wanting) if option.words else None
            text, more = labels.options.get(code, code), (beside or {}).get(code)
            boxes.append(
                Box(
                    f"{question.id}.{code}" if columns else code,
                    f"{text} – {more}" if more else text,
                    labels.hints.get(code, ""),
                    labels.words.get(code, "") if companion else "",
                    companion.id if companion else "",
                )
            )
        return tuple(boxes)

    def _one(self, question: OneOf, labels: Labels, beside: dict[str, str]) -> Form:
        boxes = self._boxes(question, labels, beside)
        if isinstance(question, Choice) and len(boxes) > LONGEST:
            return Form("line", (self.words.say("write_in"),), boxes, write_in=True)
        outside = question.apart if isinstance(question, Scale) else ()
        apart = tuple(box for box in boxes if box.key in outside)
        scale = tuple(box for box in boxes if box.key not in outside)
        return Form("ticks", (self.words.say("tick_one"),), scale, apart, self.words.say("or"))

    def _several(self, question: Choices, labels: Labels) -> Form:
        boxes = self._boxes(question, labels, columns=True)
        pairs = list(zip(question.options, boxes, strict=True))
        alone = tuple(box for option, box in pairs if option.exclusive)
        others = tuple(box for option, box in pairs if not option.exclusive)
        says = self.words.say("or_only")
        return Form("ticks", (self._how_many(question),), others, alone, says)

    def _how_many(self, question: Choices) -> str:
        match (question.minimum, question.maximum):
            case (None, None) | (1, None):
                return self.words.say("tick_all")
            case (None | 1, most):
                return self.words.say("tick_most", most)
            case (least, None):
                return self.words.say("tick_least", least)
            case (least, most) if least == most:
                return self.words.say("tick_exactly", least)
            case (least, most):
                return self.words.say("tick_between", least, most)
        raise AssertionError(question)

    def _postcode(self, question: Postcode, labels: Labels) -> Form:
        says = (self.words.say("postcode"),)
        label = (self.words.say("postcode_label"),)
        return Form("postcode", says, self._boxes(question, labels), labels=label)

    # -- numbers -----------------------------------------------------------------------------------

    def _pays(self, question: TaxBand) -> dict[str, str]:
        """What each band pays now, where the survey asks about a precept."""
        precept = self.survey.definition.precept
        if precept is None or precept.band != question.id:
            return {}
        return {
            code: self.words.say("now", sterling(bill(precept.band_d, code)))
            for code in question.codes
            if code in NINTHS
        }

    def _ranking(self, question: Ranking, labels: Labels) -> Form:
        places = question.places
        if places == len(question.options):
            says = self.words.say("rank_all")
        else:
            says = self.words.say("rank_one" if places == 1 else "rank_top", places)
        return Form("numbers", (says,), self._boxes(question, labels, columns=True))

    def _date(self, question: Date) -> Form:
        least, most = question.minimum, question.maximum
        says = []
        if least and most:
            says = [self.words.say("from_to", spoken(least), spoken(most))]
        elif least:
            says = [self.words.say("day_from", spoken(least))]
        elif most:
            says = [self.words.say("day_until", spoken(most))]
        parts = tuple(self.words.say(part) for part in question.parts())
        return Form("parts", tuple(says), labels=parts)

    def _number(self, question: Numeric, labels: Labels) -> Form:
        money = isinstance(question, Money | PreceptAmount)
        says = [self.words.say("write_pounds" if money else "write_number")]
        says += self._bounds(question, "£" if money else "")
        if not isinstance(question, PreceptAmount):
            before, after = ("£", "") if money else ("", labels.suffix)
            return Form("box", tuple(says), before=before, after=after)
        says.append(self.words.say("steps", sterling(question.step)))
        after = self.words.say("a_year")
        return Form("box", tuple(says), before="£", after=after, table=self._costs(question))

    def _bounds(self, question: Numeric, sign: str) -> list[str]:
        def figure(value: Decimal) -> str:
            return sterling(value) if sign else question.plain(value)

        least, most = question.minimum, question.maximum
        if least is not None and most is not None:
            return [self.words.say("from_to", figure(least), figure(most))]
        if least is not None:
            return [self.words.say("at_least", figure(least))]
        return [] if most is None else [self.words.say("at_most", figure(most))]

    def _costs(self, question: PreceptAmount) -> Table | None:
        """What rises cost in every band: paper cannot reckon with the respondent's own."""
        precept = self.survey.definition.precept
        if precept is None:
            return None
        steps = int((question.maximum - question.minimum) / question.step)
        wanted = sorted({max(1, round(steps * quarter / 4)) for quarter in range(1, 5)})
        rises = [question.minimum + place * question.step for place in wanted]
        asked = self.survey.questions.get(precept.band)
        codes = asked.codes if isinstance(asked, Optioned) else ()
        bands = [code for code in codes if code in NINTHS] or [*"abcdefgh"]
        rows = []
        for band in bands:
            now = bill(precept.band_d, band)
            more = (bill(precept.band_d + rise, band) - now for rise in rises)
            rows.append((band.upper(), *(sterling(cost) for cost in more)))
        head = (self.words.say("band"), *(sterling(rise) for rise in rises))
        return Table(self.words.say("costs"), head, tuple(rows))
