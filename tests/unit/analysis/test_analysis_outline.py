"""Small themes are given up, those with the same members are joined, near ones stand together."""

import numpy as np
import pytest

from analysis import outline

WORDS = [
    "Speeding cars on the high street near the school {k}.",
    "Farm machinery was stolen from the barn in {k}.",
    "Nobody answers calls to the control room after {k}.",
    "Youth clubs would keep young people busy in {k}.",
]


def made(sizes: list[int]) -> tuple[list[str], np.ndarray]:
    comments = [WORDS[t % 4].format(k=f"week {k}") for t, n in enumerate(sizes) for k in range(n)]
    scores = np.full((len(comments), len(sizes)), 0.02)
    place = 0
    for t, n in enumerate(sizes):
        scores[place : place + n, t] = 0.9
        place += n
    return comments, scores


def found(
    comments: list[str], scores: np.ndarray, asked: bool = False, answers: int | None = None
) -> outline.Outlined:
    keywords = [[f"word{k}"] for k in range(scores.shape[1])]
    ones = [1] * len(comments)
    return outline.outline(comments, scores, keywords, ones, answers or len(comments), asked, [])


def test_comments_of_a_small_theme_go_to_the_next_likeliest() -> None:
    comments, scores = made([20, 20, 4])
    scores[40:, 1] = 0.08
    kept = found(comments, scores)
    assert kept.scores.shape[1] == 2
    assert outline.belongs(kept.scores)[40:] == [[1]] * 4
    assert found(comments, scores, answers=30_000).scores.shape[1] == 1


def test_themes_with_the_same_members_become_one() -> None:
    comments, scores = made([20, 20, 20])
    scores[40:, :] = [0.02, 0.45, 0.5]
    kept = found(comments, scores)
    assert kept.scores.shape[1] == 2
    assert kept.scores.max() <= 1


def test_as_many_as_asked_for_stay() -> None:
    comments, scores = made([20, 20, 3])
    kept = found(comments, scores, asked=True)
    assert kept.scores.shape[1] == 3
    assert len({told.label for told in kept.themes}) == 3


def test_each_theme_is_told_from_its_nearest_one() -> None:
    comments, scores = made([30, 30, 30, 30])
    kept = found(comments, scores)
    for k, told in enumerate(kept.themes):
        assert 0 <= told.nearest < 4
        assert told.nearest != k
        assert f"“{kept.themes[told.nearest].label}”" in told.difference
        assert told.description.startswith("People most often mention “")
    assert sorted({told.group for told in kept.themes}) == list(range(len(kept.groups)))
    assert not set(kept.groups) & {told.label for told in kept.themes}


@pytest.mark.parametrize(("themes", "groups"), [(1, 1), (3, 1), (4, 2), (10, 3), (19, 6), (25, 8)])
def test_how_many_groups(themes: int, groups: int) -> None:
    assert outline.groups_for(themes) == groups


def test_no_scores_no_theme() -> None:
    assert outline.belongs(np.array([[0.0, 0.0], [0.2, 0.1], [0.4, 0.35]])) == [[], [0], [0, 1]]
