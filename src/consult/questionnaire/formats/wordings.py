"""The wording of a form: without markup, with the answers it takes in, by our names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from consult.questionnaire.formats import markup
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.formats.sketch import PIPED, Asked, Choosable
from consult.questionnaire.formats.targets import Names, Placed
from consult.questionnaire.wording import PIPE

#: Stands in place of an answer that is taken into a wording and was not given.
UNANSWERED = "…"


LINE = 2_000


PROSE = 50_000

_AGREE = {"en": "I agree", "cy": "Rwy’n cytuno"}


_SAY = {"en": "Please say", "cy": "Dywedwch beth"}


@dataclass
class Wordings(Names):
    """What is read where; the second step of making a form one of ours."""

    #: Our code of each language of the form.
    languages: dict[str, str] = field(default_factory=dict)
    #: The page of each question so far.
    page_of: dict[str, int] = field(default_factory=dict)
    taken_in: dict[str, None] = field(default_factory=dict)

    def _labels(self, placed: Placed, language: str, first: bool) -> dict[str, Any]:
        asked, place = placed.asked, placed.asked.place
        page = placed.page
        body = self._prose(asked.body.get(language, ""), place, page)
        ask = self._prose(asked.ask.get(language, ""), place, page)
        labels: dict[str, Any] = {}
        if asked.type == "statement":
            body = "\n\n".join(text for text in (body, ask) if text)
            if not body and first:
                body = self._unlabelled(asked)
            ask = ""
        else:
            above, ask = question_and_rest(ask)
            body = "\n\n".join(text for text in (body, above) if text)
            if not ask and first:
                ask = self._unlabelled(asked)
        hint = self._line(asked.hint.get(language, ""), place, page=page)
        suffix = self._line(asked.suffix.get(language, ""), place, pipes=False)
        own = {"ask": ask, "hint": hint, "body": body, "suffix": suffix}
        labels |= {key: text for key, text in own.items() if text}
        for key, listed, codes in (
            ("rows", asked.rows, placed.rows),
            ("options", asked.options, placed.codes),
        ):
            if texts := self._names(listed, codes, place, page, language, first):
                labels[key] = texts
        if asked.type == "consent" and not asked.options and self.languages[language] in _AGREE:
            labels["options"] = {"yes": _AGREE[self.languages[language]]}
        words = {
            placed.codes[o.name]: text
            for o in asked.options
            if o.words is not None
            and (
                text := self._line(o.words.get(language, ""), place, page=page)
                or _SAY.get(self.languages[language], "")
            )
        }
        return labels | ({"words": words} if words else {})

    def _names(
        self,
        listed: list[Choosable],
        codes: dict[str, str],
        place: str,
        page: int,
        language: str,
        first: bool,
    ) -> dict[str, str]:
        """What options or rows are called; in the first language by their name, if by nothing."""
        made = {}
        for one in listed:
            text = self._line(one.label.get(language, ""), place, page=page)
            if text or first:
                made[codes[one.name]] = text or one.name.strip() or codes[one.name]
        return made

    def _unlabelled(self, asked: Asked) -> str:
        self.notebook.add(
            asked.place, f"'{asked.name}' had no wording", "Its name stands in its place; word it."
        )
        return asked.name

    def _line(self, text: str, place: str, pipes: bool = True, page: int | None = None) -> str:
        made, lost = markup.plain(text)
        self._lost(place, lost)
        return self._cut(self._filled(made, place, page if pipes else -1), place, LINE)

    def _prose(self, text: str, place: str, page: int | None) -> str:
        made, lost = markup.markdown(text)
        self._lost(place, lost)
        return self._cut(self._filled(made, place, page), place, PROSE)

    def _cut(self, text: str, place: str, most: int) -> str:
        if len(text) > most:
            self.notebook.add(place, f"a wording is cut after {most:,} characters", "Shorten it.")
        return text[:most]

    def _lost(self, place: str, lost: set[str]) -> None:
        for tag in sorted(lost):
            self.notebook.add(
                place, f"<{tag}> in the wording was left out", "Put what it said into words."
            )

    def _filled(self, text: str, place: str, page: int | None) -> str:
        """``text`` with the answers it takes in; ``page`` -1 where none can be."""
        text = PIPE.sub(r"(\1)", text)

        def fill(match: re.Match[str]) -> str:
            try:
                target = self._scope(match[1])
                owner = self._question(target.id)
                asked_on = self.page_of.get(owner)
                if owner != target.id and target.kind == "text":
                    raise NotUnderstood("it is what somebody said who picked 'other'")
                if page == -1:
                    raise NotUnderstood("no answer can be taken in at this place")
                if asked_on is None or (page is not None and asked_on >= page):
                    raise NotUnderstood(f"'{match[1]}' is asked on the same page or later")
            except NotUnderstood as error:
                self.notebook.add(
                    place,
                    f"the answer '{match[1]}' is not taken into the wording: {error}",
                    "'…' stands in its place; reword it.",
                )
                return "…"
            self.taken_in[target.id] = None
            return f"{{{target.id}}}"

        return PIPED.sub(fill, text)


def question_and_rest(text: str) -> tuple[str, str]:
    """A long wording as what stands above the question, and the question itself in one line."""
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    if (len(paragraphs) > 1 and len(text) > 300) or len(text) > LINE:
        at = max(
            (n for n, part in enumerate(paragraphs) if not part.lstrip().startswith(("- ", "#"))),
            default=len(paragraphs) - 1,
        )
        ask = markup.plain(_bare(paragraphs.pop(at)))[0]
        if len(ask) > 500:
            return text, ask[:200].rsplit(" ", 1)[0] + " …"
        return "\n\n".join(paragraphs), ask
    return "", markup.plain(_bare(text))[0]


def _bare(text: str) -> str:
    """Markdown as a line can hold it."""
    text = re.sub(r"\[([^\]]*)\]\((?:https?:|mailto:|tel:|/)[^)]*\)", r"\1", text)
    return re.sub(r"\*\*([^*\n]+)\*\*|^#+ |^- ", lambda f: f[1] or "", text, flags=re.MULTILINE)
