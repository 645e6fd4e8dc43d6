"""Wording: piping earlier answers and council tax costs into what a respondent reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from markupsafe import Markup, escape

from consult.questionnaire.answers import Labels, Value
from consult.questionnaire.languages import direction
from consult.questionnaire.survey import Survey

PIPE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
#: Groups of digits, as of a telephone number, and amounts: among words that run from right to left
#: their parts would change places, and somebody would ring a number that nobody wrote.
_GROUPS = re.compile(r"£\d(?:[\d,.]*\d)?|\+?\d{2,}(?:[ \u00a0]\d{2,})+")


def _in_order(_: object, tokens: Sequence[Token], number: int, *__: object) -> str:
    return _GROUPS.sub(r'<bdi dir="ltr">\g<0></bdi>', escapeHtml(tokens[number].content))


_markdown.add_render_rule("text", _in_order)


def pipes(text: str) -> list[str]:
    """The names between braces in a wording."""
    return PIPE.findall(text)


def resolver(survey: Survey, language: str, answers: Mapping[str, Value]) -> Callable[[str], str]:
    """What a name between braces stands for, given the answers on the path.

    Of a draft whose wordings take each other in, in a circle, the circle ends where it began.
    """
    inside: list[str] = []
    # Isolated from left to right, or £12 would be read as 12£.
    alone = "\u2066{}\u2069" if direction(language) == "rtl" else "{}"

    def resolve(name: str) -> str:
        precept = survey.definition.precept
        if precept and name in precept.names():
            return alone.format(precept.value(name, answers.get(precept.band)))
        question = survey.questions.get(name)
        labels = survey.labels(name, language)
        if question is None or name not in answers:
            return labels.unanswered
        if name in inside:
            return labels.unanswered
        inside.append(name)
        said = question.review(answers[name], piped(labels, resolve))
        inside.pop()
        return said

    return resolve


def piped(labels: Labels, resolve: Callable[[str], str]) -> Labels:
    """``labels`` with the pipes of everything but ``body`` filled (see ``rich`` for that)."""
    said: dict[str, object] = {
        key: plain(getattr(labels, key), resolve) for key in ("ask", "hint", "short")
    }
    for group in ("options", "hints", "rows", "words"):
        texts = getattr(labels, group)
        said[group] = {code: plain(text, resolve) for code, text in texts.items()}
    return labels.under(plain(labels.stem, resolve), **said)


def plain(text: str, resolve: Callable[[str], str]) -> str:
    """``text`` with its pipes filled; escape it where it is shown."""
    return PIPE.sub(lambda match: resolve(match[1]), text)


def rich(text: str, resolve: Callable[[str], str]) -> Markup:
    """Markdown as HTML, pipes filled with escaped text afterwards, so no answer becomes markup."""
    html = _markdown.render(text)
    for plain_tag, classes in _CLASSES:
        html = html.replace(plain_tag, classes)
    return Markup(PIPE.sub(lambda match: str(escape(resolve(match[1]))), html))  # noqa: S704


_CLASSES = tuple(
    (f"<{tag}", f"<{tag[:-1]} class=\"{css}\"{tag[-1]}")
    for tag, css in (
        ("p>", "govuk-body"), ("h2>", "govuk-heading-m"), ("h3>", "govuk-heading-s"),
        ("ul>", "govuk-list govuk-list--bullet"), ("ol>", "govuk-list govuk-list--number"),
        ("a ", "govuk-link"), ("table>", "govuk-table"), ("th>", "govuk-table__header"),
        ("td>", "govuk-table__cell"), ("tr>", "govuk-table__row"),
    )
)  # fmt: skip
