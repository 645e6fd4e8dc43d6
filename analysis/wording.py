"""Sentences and figures of the report: bases put in words, percentages, counts."""

from collections.abc import Sequence
from datetime import date

from analysis.charts import percent
from analysis.codebook import Question
from analysis.disclosure import Count, Publishable, PublishedBreakdown, PublishedCell, Rules
from analysis.manifest import Exclusion

HIDDEN = "[c]"
SUMMARIES = {"(mean)": "Average", "(median)": "Half of people said this or less"}

__all__ = [
    "HIDDEN", "answer", "answered", "capital", "coded", "figure", "groups", "headline",
    "not_counted", "people", "percent", "rounding",
]  # fmt: skip


def people(count: Count, rules: Rules) -> str:
    """“1,328”, “about 1,330” or “fewer than 10”."""
    if count.value is None:
        return f"fewer than {rules.suppress}"
    return f"about {count.value:,}" if count.about and count.value else f"{count.value:,}"


def answer(cell: PublishedCell) -> str:
    """What a row of a table is of: an answer, or a summary of numbers."""
    return SUMMARIES.get(cell.label, cell.label)


def not_counted(left_out: Sequence[Exclusion], rules: Rules) -> tuple[str, ...]:
    """“About 1,330 answers: …”, of what is not in a dataset. Numbers of questions are exact."""
    said = []
    for one in left_out:
        if one.count:
            count = rules.count(one.count) if one.of_people else Count(one.count, False)
            unit = one.unit.removesuffix("s") if count.value == 1 else one.unit
            said.append(f"{capital(people(count, rules))} {unit}: {one.reason}")
    return tuple(said)


def capital(sentence: str) -> str:
    """The sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def answered(table: Publishable) -> str:
    """How the base of a question comes about from all responses."""
    rules = table.rules
    responses, base = people(table.responses, rules), people(table.answered, rules)
    one = "person" if table.responses.value == 1 else "people"
    missing, off = table.not_answered, table.not_asked
    first = capital(f"{responses} {one} responded.")
    if missing.value == 0 and off.value == 0:
        return f"{first} All of them answered this question."
    parts = [capital(f"{base} answered this question")]
    if missing.value != 0:
        parts.append(f"{people(missing, rules)} did not")
    if off.value != 0:
        parts.append(f"{people(off, rules)} were not asked it, because of their other answers")
    return f"{first} {listed(parts)}."


def groups(table: Publishable, breakdown: PublishedBreakdown) -> str:
    """How the bases of the groups add up to everyone who answered."""
    rules, rest = table.rules, breakdown.unstated
    neither = "in neither group" if len(breakdown.groups) == 2 else "in none of these groups"
    were = "was" if rest.value == 1 else "were"
    shown = [g for g in breakdown.groups if not g.suppressed and g.n]
    exact = not table.answered.about and len(shown) == len(
        [g for g in breakdown.groups if g.n != 0]
    )
    parts = [f"{_about(g.n or 0, rules)} said “{g.label}”" for g in shown]
    if rest.value != 0:
        parts.append(f"{people(rest, rules)} {were} {neither}")
    if exact and rest.value is not None and table.answered.value is not None:
        figures = [g.n or 0 for g in shown] + ([rest.value] if rest.value else [])
        total = f"{table.answered.value:,}"
        return f"{' + '.join(f'{n:,}' for n in figures)} = {total}: {listed(parts)}."
    text = f"Of {people(table.answered, rules)} who answered, {listed(parts)}."
    hidden = [g.label for g in breakdown.groups if g.suppressed]
    if hidden:
        text += f" Not shown because numbers are small: {listed([f'“{h}”' for h in hidden])}."
    if rules.round_to > 1:
        text += " The figures are rounded, so they may not add up exactly."
    return text


def _about(n: int, rules: Rules) -> str:
    return people(Count(n, rules.round_to > 1), rules)


def listed(parts: Sequence[str]) -> str:
    """“a, b and c”."""
    if len(parts) < 2:
        return "".join(parts)
    comma = "," if len(parts) > 2 else ""
    return f"{', '.join(parts[:-1])}{comma} and {parts[-1]}"


def figure(question: Question, cell: PublishedCell, value: float | None) -> str:
    """A share as a percentage, or a mean or median as money or a number."""
    if cell.suppressed:
        return HIDDEN
    if not question.numeric and not cell.category.endswith(("(mean)", "(median)")):
        return percent(value)
    if value is None:
        return "–"
    return f"£{value:,.2f}" if question.type == "money" else f"{value:,.2f}".rstrip("0").rstrip(".")


def headline(table: Publishable, weighted: bool) -> str:
    """The commonest answer of a question in one sentence; "" where nothing may be said."""
    rules, cells = table.rules, [c for c in table.everyone.cells if not c.suppressed]
    base = people(table.answered, rules)
    if not cells or not table.answered.value:
        return ""
    if table.question.numeric:
        mean, median = (figure(table.question, c, c.estimate) for c in cells[:2])
        return f"The average answer was {mean}; half of people gave {median} or less."
    answers = [c for c in cells if not c.net]
    ranked = sorted(answers, key=lambda c: -(c.estimate or 0.0))
    if not ranked or not ranked[0].estimate:
        return ""
    told = len(ranked) if len(ranked) <= 3 else 1
    while told < min(3, len(ranked)) and percent(ranked[told].estimate) == percent(
        ranked[0].estimate
    ):
        told += 1
    kind = table.question
    verb = "wrote of" if kind.coded else "chose" if kind.type == "choices" else "answered"
    parts = [f"{percent(c.estimate)} {verb} “{c.label}”" for c in ranked[:told]]
    commonest = ", the commonest answer" if told == 1 and len(ranked) > 1 else ""
    one = "person" if table.answered.value == 1 else "people"
    how = f"{capital(base)} {one} answered{'; figures are weighted' if weighted else ''}."
    return f"{listed(parts)}{commonest}. {how}"


def coded(question: Question, rules: Rules) -> str:
    """How comments were coded, and how far people and machine agree; empty for other questions."""
    how = question.coded
    if how is None:
        return ""
    parts = [f"codes were given by people to {people(rules.count(how.people), rules)} comments"]
    if how.machine:
        rest = people(rules.count(how.machine), rules)
        parts.append(f"after their example by a machine to {rest}")
    signed = f", which was signed off on {_day(how.signed_on)}" if how.signed_on else ""
    told = f"What people wrote was coded by a frame of {len(question.options)} codes{signed}: "
    told += f"{listed(parts)}."
    if how.uncoded:
        rest = capital(people(rules.count(how.uncoded), rules))
        told += f" {rest} more say nothing, could not be read or came later, and have no code."
    if how.f1:
        value, low, high = how.f1
        told += (
            f" On {how.checked} comments drawn by chance, which people coded without seeing what "
            f"the machine says, it agrees with them with F1 {value:.2f} (95% interval {low:.2f} to "
            f"{high:.2f}; 1 is full agreement)."
        )
    elif how.machine:
        told += " How far the machine agrees with people was not measured."
    if how.alpha is not None:
        told += (
            f" Two people who coded {how.twice} of them agree with Krippendorff’s alpha "
            f"{how.alpha:.2f} (MASI distance)."
        )
    return told


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%-d %B %Y}"


def rounding(rules: Rules) -> str:
    """What was done so that nobody can be picked out."""
    said = []
    if rules.suppress > 0:
        said.append(
            f"Figures that rest on fewer than {rules.suppress} people are not shown, nor others "
            f"from which they could be worked out; they are marked {HIDDEN}."
        )
    if rules.round_to > 1:
        said.append(
            f"Numbers of people are rounded to the nearest {rules.round_to}, and percentages are "
            "of rounded numbers."
        )
    return " ".join(said) or (
        "Nothing in this report is hidden or rounded: it is for the analyst’s own eyes and must "
        "not be published as it stands."
    )


def versions(question: Question, last: int) -> str:
    """Which versions of the survey asked a question with this meaning, where not all of them did.

    `last` is the newest version. Empty for a question that every version asked.
    """
    asked = question.versions
    if not asked or len(asked) == last:
        return ""
    if len(asked) == 1:
        return f"Asked in version {asked[0]} of the survey only."
    if asked == tuple(range(asked[0], asked[-1] + 1)):
        return f"Asked in versions {asked[0]} to {asked[-1]} of the survey only."
    return f"Asked in versions {listed(list(map(str, asked)))} of the survey only."
