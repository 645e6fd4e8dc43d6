"""Whatever a letter looks like, each of its words is read or left out with a reason."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from analysis.letters import quoted, trimmed
from analysis.letters.parts import EMAIL, LETTER, NOTES, Left

LINES = (
    "Dear team,", "Hi Jo, the lorries keep us awake", "Hello", "12 March 2026", "CV32 4YS",
    "Re: Plan", "Kind regards", "Yours sincerely, Jo Marsh", "Jo Marsh", "-- ",
    "PS. One more thing: the lights.", "Sent from my iPhone", "Page 1 of 2", "3", "• Litter",
    "1. Speeding", "Present: Cllr Patel", "Doris Ekwueme", "Date of next meeting: 5 May 2026",
    "Minutes of the forum", "-----Original Message-----", "Begin forwarded message:",
    "From: Jo <jo@example.org>", "Sent: 6 March 2026 10:02", "To: Team", "Subject: Plan",
    "On 6 March 2026 at 10:02, Team wrote:", "On 6 March 2026 at 10:02, Jo Marsh",
    "<jo@example.org> wrote:", "> What of burglary?", ">> And before?", "", "", "_____________",
    "This email is confidential and intended solely for the addressee.",
    "Thank you for asking us.",
    "Cars race along the road every night and nobody ever seems to be stopped for it at all.",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(LINES) | st.text("aB >:-,.•1", max_size=30), max_size=30)


def counted(lines: list[str], left: list[Left]) -> Counter[str]:
    """Words, without the marks of quotation, of lists and of rules."""
    every = "\n".join([*lines, *(one.text for one in left)])
    bare = (word.strip("<>:-,._•") for word in every.replace(">", " ").split())
    return Counter(word for word in bare if word)


@given(TEXT, st.booleans(), st.booleans())
def test_no_word_of_a_mail_is_lost(lines: list[str], forwarded: bool, printed: bool) -> None:
    own = quoted.own(lines, forwarded, printed)
    assert counted(own.lines, own.left) == counted(lines, [])


@given(TEXT, st.sampled_from((LETTER, EMAIL, NOTES)))
def test_no_word_of_a_letter_is_lost(lines: list[str], kind: str) -> None:
    written = trimmed.trimmed(kind, [line for line in lines if line.strip()])
    assert counted(written.lines, written.left) == counted(lines, [])
