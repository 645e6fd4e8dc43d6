"""The catalogue of what can be wrong with a questionnaire, and how to mend it.

``{name}`` places are filled from a problem's params. ``tests/unit/test_problems.py`` holds every
entry to a tiny broken survey that brings it about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self


class Entry(NamedTuple):
    """One kind of problem: what is wrong, and how to mend it."""

    says: str
    mend: str


#: A problem found by a rule that does not know where in the file it stands.
Found = tuple[str, Mapping[str, str]]

CATALOGUE: Mapping[str, Entry] = {
    # -- files
    "file-missing": Entry(
        "there is no {file}", "Write it; surveys/README.md says what belongs in it."
    ),
    "file-unreadable": Entry(
        "the file is not text in UTF-8", "Save it again with the encoding UTF-8."
    ),
    "yaml-syntax": Entry(
        "this is not YAML: {reason}",
        "Look at the line above too: a missing colon, quote or space usually stands there.",
    ),
    "duplicate-key": Entry(
        "'{key}' stands twice in the same place", "Keep one of them; the other would be lost."
    ),
    "slug-folder": Entry(
        "the survey calls itself '{slug}' but its folder is '{folder}'",
        "Give both the same name.",
    ),
    # -- shape
    "unknown-key": Entry("'{key}' is no key of this place", "Remove it or mend its spelling."),
    "missing-key": Entry("'{key}' is missing", "Add it."),
    "unknown-type": Entry("there is no question type '{given}'", "Use one of {known}."),
    "bad-list": Entry(
        "'{key}' must be a list with an entry or more",
        "Write it like [one, two], or each entry on a line of its own after a hyphen.",
    ),
    "bad-text": Entry(
        "'{key}' is {given}, and should be text",
        'Put it in quotes where YAML takes it for something else: "16_24", "true", "5".',
    ),
    "bad-time": Entry(
        "'{key}' is not a day and an hour", "Write it like 2027-01-10T17:00, in London's time."
    ),
    "bad-value": Entry("'{key}' cannot be read: {reason}", "Give it a value of that kind."),
    "bad-id": Entry(
        "'{given}' cannot be a name",
        "Use small letters, digits and _ and begin with a letter.",
    ),
    "bad-slug": Entry(
        "'{given}' cannot be a survey's name",
        "Use small letters, digits and hyphens, at most 80, like the folder's name.",
    ),
    "bad-reference": Entry(
        "'{given}' cannot be a block of the bank", "Write its name and version, like sex@1."
    ),
    "bad-url": Entry(
        "'{given}' cannot be a link to a document",
        "Begin it with https://, or with / for a file of this service.",
    ),
    "bad-site": Entry(
        "'{given}' cannot be the address of a site",
        "Write the whole address, like https://www.bbc.co.uk/weather.",
    ),
    "too-long": Entry(
        "'{key}' is longer than {most} characters",
        "Shorten it; long text for reading belongs in a document that the survey links to.",
    ),
    "too-many": Entry(
        "'{key}' has more than {most} entries", "Make it shorter, or part it in two."
    ),
    "unknown-block": Entry(
        "the bank has no block '{name}'", "Use one of {known}, or write the block."
    ),
    "bad-code": Entry(
        "'{given}' cannot be an option's code",
        "Use small letters, digits, _ and -; what people read goes in the language's file.",
    ),
    "reserved-id": Entry(
        "'{given}' has a meaning of its own in conditions, forms or data files",
        "Call the question something else.",
    ),
    "duplicate-id": Entry("there are two {what}s called '{given}'", "Give each a name of its own."),
    # -- questions
    "too-few-options": Entry(
        "'{name}' offers fewer than two options", "Add options, or make it a statement."
    ),
    "duplicate-option": Entry("option '{code}' stands twice", "Give each option its own code."),
    "all-exclusive": Entry(
        "every option of '{name}' excludes the others",
        "Make it a 'choice', or leave some options without 'exclusive'.",
    ),
    "bounds": Entry(
        "the minimum of '{name}' is above its maximum", "Swap them, or widen the range."
    ),
    "unknown-code": Entry(
        "'{key}' names '{code}', which is no option of '{name}'", "Use one of {known}."
    ),
    "measure-net": Entry(
        "'{name}' tracks the net '{net}', which it does not have", "Use one of its nets: {known}."
    ),
    "measure-rows": Entry(
        "the rows of '{name}' would all have one baseline and target",
        "Leave them out, or ask a row as a question of its own.",
    ),
    "measure-figure": Entry(
        "'{name}' has a baseline or a target, and no net that it is a figure of",
        "Name the net that is tracked under 'measure'.",
    ),
    "measure-percent": Entry(
        "'{given}' is no percentage that '{name}' could have",
        "Write figures in percent, from 0 to 100: 62 for 62%.",
    ),
    "measure-hold": Entry(
        "'{name}' should hold, and has no target to hold to",
        "Give the target, and how far from it is well as 'tolerance'.",
    ),
    "words-nowhere": Entry(
        "option '{code}' of '{name}' asks for words, and only a choice can",
        "Make the question a 'choice' or 'choices', or leave out 'words'.",
    ),
    "grid-row": Entry(
        "a row of '{name}' has a hyphen in its code",
        "Use small letters, digits and _: each row becomes a question of its own.",
    ),
    "not-alone": Entry(
        "'{name}' stands on a page with other questions, and needs pages of its own",
        "Make it an entry of 'pages' by itself; each of its rows or sets is a page.",
    ),
    "design-missing": Entry(
        "'{name}' has no sets to show",
        "Run 'consult survey sets FOLDER {name}', or press 'Make the sets' in the designer.",
    ),
    "design-set": Entry(
        "set {set} of '{name}' does not hold {size} different options of the question",
        "Make the sets again: 'consult survey sets FOLDER {name}'.",
    ),
    "design-unshown": Entry(
        "no set of '{name}' shows its option '{code}'",
        "Make the sets again: 'consult survey sets FOLDER {name}'.",
    ),
    "precept-missing": Entry(
        "'{name}' asks for a precept, and the survey has no precept to work out its cost",
        "Add 'precept' with 'band', 'band_d' and 'rises'.",
    ),
    # -- sections and quotas
    "unknown-section": Entry("there is no section '{section}'", "Use one of {known}."),
    "unused-section": Entry(
        "no page belongs to section '{section}'", "Give a page 'section: {section}'."
    ),
    "section-apart": Entry(
        "section '{section}' goes on after other pages have come between",
        "Put its pages together.",
    ),
    "domains-missing": Entry(
        "only people with a certain email address may answer, and none is named",
        "Add 'email_domains', like [example.org], or use another 'access'.",
    ),
    "domains-unused": Entry(
        "it names email addresses that may sign in, and its access is '{access}'",
        "Say 'access: signed_in', or leave out 'email_domains'.",
    ),
    "bad-domain": Entry(
        "'{given}' is not what stands behind the @ of an email address",
        "Write it like example.org, in small letters.",
    ),
    "equality-early": Entry(
        "'{name}' is an equality question and others come after it",
        "Put it at the end: people who meet it first wonder why, and leave.",
    ),
    "equality-required": Entry(
        "'{name}' is an equality question and must be answered",
        "Leave out 'required': nobody has to say.",
    ),
    "equality-refusal": Entry(
        "'{name}' is an equality question without a way not to say",
        "Add an option with the code prefer_not_to_say, marked 'not_in_population'.",
    ),
    "support-area": Entry(
        "support '{name}' serves '{code}', which is no area of the survey",
        "Use codes of the question with 'role: area' ({known}), or leave 'areas' out.",
    ),
    "quota-open": Entry(
        "it has quotas, and anyone may answer it",
        "Leave the quotas out, or say 'mode: sample': nobody is turned away who wants to be heard.",
    ),
    "embed": Entry(
        "other sites are to show it, and it {reason}",
        "Make it one page, open to everybody and not sensitive; or leave out 'embed_on'.",
    ),
    # -- conditions
    "condition-syntax": Entry(
        "the condition cannot be read at column {column}: {reason}",
        'Write it like  district == "rugby" && answered.age',
    ),
    "condition-unknown-name": Entry(
        "the condition speaks of '{name}', and no question is called that",
        "Use a question asked before this one: {known}.",
    ),
    "condition-later": Entry(
        "the condition looks at '{name}', which is asked on this page or later",
        "Move '{name}' to an earlier page, or change the condition.",
    ),
    "condition-type": Entry(
        "the condition compares {kinds}",
        "Compare like with like: options in quotes, numbers without, 'in' for a list of options.",
    ),
    "condition-not-yes-or-no": Entry(
        "the condition is not something that holds or does not",
        "Compare the answer with something, like  age >= 18",
    ),
    "condition-option": Entry(
        "the condition waits for '{code}', which is no option of '{name}'",
        "Use one of {known}.",
    ),
    # -- wording
    "wording-missing": Entry(
        "there is no wording for '{key}'", "Add it; without it a respondent sees nothing."
    ),
    "wording-unknown": Entry(
        "'{key}' is worded here, and the survey has no such thing",
        "Remove it or mend its spelling.",
    ),
    "pipe-unknown": Entry(
        "the wording takes in '{{{name}}}', and nothing is called that",
        "Put the name of an earlier question, or of a precept figure, between the braces.",
    ),
    "pipe-later": Entry(
        "the wording takes in '{{{name}}}', which is asked on this page or later",
        "Ask '{name}' first, or leave it out of the wording.",
    ),
    "pipe-unanswered": Entry(
        "the wording takes in '{{{name}}}', which a respondent may leave out",
        "Say what stands in its place: 'unanswered' under '{name}' in this file.",
    ),
    "pipe-nowhere": Entry(
        "the wording has '{{{name}}}', and no answer can be taken in at this place",
        "Leave it out: names in braces work in 'ask', 'hint', 'short', 'body', options and hints.",
    ),
    # -- time and parts
    "no-deadline": Entry(
        "the survey never closes", "Add 'closes', or 'parts' with a deadline each."
    ),
    "deadline-order": Entry("it closes before it opens", "Mend one of the two dates."),
    "unknown-part": Entry("there is no part '{part}'", "Use one of {known}."),
    "unused-part": Entry("no page belongs to part '{part}'", "Give a page 'part: {part}'."),
    # -- roles and figures
    "unknown-question": Entry(
        "'{key}' names '{name}', and no question is called that", "Use one of {known}."
    ),
    "precept-band": Entry(
        "the precept's band question '{name}' is no choice among bands a to h",
        "Make it a 'choice' whose options begin with a, b, c, d, e, f, g and h.",
    ),
    "population-table": Entry(
        "the population table cannot be used: {reason}",
        "Its columns are margin,category,population and, beside them, source,date,status.",
    ),
    "population-unknown": Entry(
        "the population table has {what} '{name}', which the survey has not",
        "Use a question's name and its option codes.",
    ),
    "population-missing": Entry(
        "margin '{margin}' has no figure for option '{code}'",
        "Add the figure, or mark the option 'not_in_population: true'.",
    ),
    "population-totals": Entry(
        "margin '{margin}' adds up to {total} and '{other}' to {other_total}",
        "Every margin counts the same people: make the totals equal.",
    ),
}


@dataclass(frozen=True, order=True)
class Problem:
    """A problem at a place in a file."""

    file: str
    line: int
    code: str
    params: Mapping[str, str] = field(default_factory=dict, compare=False)
    #: Where in the file's data it stands: ("pages", 3, "questions", 0, "when").
    place: tuple[str | int, ...] = field(default=(), compare=False)

    @classmethod
    def each_once(cls, problems: list[Self]) -> list[Self]:
        """Sorted, and what reads the same told once."""
        return sorted({str(problem): problem for problem in problems}.values())

    @property
    def says(self) -> str:
        """What is wrong."""
        return CATALOGUE[self.code].says.format(**self.params)

    @property
    def mend(self) -> str:
        """How to mend it."""
        return CATALOGUE[self.code].mend.format(**self.params)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.says}. {self.mend} [{self.code}]"


class SurveyError(Exception):
    """A questionnaire that cannot be used, with every problem found in it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = Problem.each_once(problems)
        super().__init__("\n".join(map(str, self.problems)))
