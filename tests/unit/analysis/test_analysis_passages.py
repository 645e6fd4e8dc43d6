"""Letters are grouped by what they are about, in passages, and not by their form."""

from collections import Counter
from random import Random

from analysis import passages, topics
from analysis.passages import Parts
from benchmarks.letters import comment, copy, template

SUBJECTS = ("precept", "patrols", "rural", "speeding", "library", "drugs", "fire", "lights")


def test_letters_of_eight_subjects_gather_by_subject_and_in_no_theme_of_style() -> None:
    dice = Random(5)
    letters = [(subject, copy(template(subject, dice), dice)) for subject in SUBJECTS * 8]
    letters = [(about, said) for about, said in letters if said.count(" ") > passages.LONG]
    short = [comment(dice, 15, subject) for subject in SUBJECTS * 30]
    every = [said for _, said in letters] + short
    found = topics.fit(every, None, 12, 12_000, 0)
    assert found is not None
    of = found.scores(every)[: len(letters)].argmax(axis=1).tolist()
    largest = Counter(of).most_common(1)[0][1]
    assert largest <= 0.35 * len(letters)
    first = {theme: Counter(a for (a, _), t in zip(letters, of, strict=True) if t == theme)
             for theme in set(of)}  # fmt: skip
    assert sum(c.most_common(1)[0][1] for c in first.values()) >= 0.7 * len(letters)


def test_a_long_comment_is_read_in_passages_of_whole_sentences() -> None:
    sentence = "The street lights in our road have been out for many weeks now. "
    long, brief = sentence * 12, "More buses, please."
    parts = Parts.of([long.strip(), brief])
    assert parts.counts.tolist() == [6, 1]
    assert " ".join(parts.texts[:6]) == long.strip()
    assert parts.owner.tolist() == [0] * 6 + [1]
    assert parts.within.tolist() == [True] * 6 + [False]


def test_one_very_long_comment_is_not_read_more_often_than_others() -> None:
    parts = Parts.of(["Speeding is a worry in every village here. " * 400, "Lights are out."])
    assert parts.counts[0] >= 100
    assert parts.drawn.sum() == passages.MOST + 1


def test_comments_are_read_in_chunks_of_about_as_many_passages() -> None:
    comments = ["More buses." if k % 2 else "Lights are out again here. " * 50 for k in range(20)]
    read = list(passages.chunks(comments, 20))
    assert [said for chunk in read for said in chunk] == comments
    assert len(read) > 3
    assert all(len(Parts.of(chunk).texts) <= 32 for chunk in read)
