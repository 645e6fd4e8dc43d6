"""A form as it was read, made into a survey of ours: names, conditions, pages and wording."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from consult.questionnaire.answers.choice import CODE
from consult.questionnaire.formats import cel, limits, markup, naming, tongues
from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats import meaning as m
from consult.questionnaire.formats.expression import NotUnderstood, Tree
from consult.questionnaire.formats.meaning import Kind, Target
from consult.questionnaire.formats.outcome import FormatError, Imported, Notebook
from consult.questionnaire.formats.sketch import (
    PIPED,
    Asked,
    Choosable,
    Form,
    Sheet,
    Texts,
)
from consult.questionnaire.wording import PIPE

#: Stands in place of an answer that is taken into a wording and was not given.
UNANSWERED = "…"
LINE = 2_000
PROSE = 50_000
PAGE = 100
_KINDS: dict[str, Kind] = {
    "choice": "one", "scale": "one", "consent": "one", "tax_band": "one", "postcode": "one",
    "choices": "several", "ranking": "several", "points": "several",
    "date": "date", "short_text": "text", "long_text": "text", "money": "double",
}  # fmt: skip
#: Types that take several pages, and share none of them.
_ALONE = frozenset({"grid", "best_worst"})
_OPTIONED = frozenset({"choice", "choices", "scale", "ranking", "points", "best_worst", "grid"})
_UNANSWERABLE = frozenset({"statement", "grid", "best_worst"})


@dataclass
class _Placed:
    """A question under its new name, and the page it stands on (from 0)."""

    asked: Asked
    id: str
    codes: dict[str, str]
    rows: dict[str, str]
    page: int = -1
    when: str | None = None


def assemble(form: Form, file: str, notebook: Notebook) -> Imported:
    """``form`` in our own file format."""
    return _Assembly(form, file, notebook).done()


@dataclass
class _Assembly:
    form: Form
    file: str
    notebook: Notebook
    targets: dict[str, Target | None] = field(default_factory=dict)
    placed: dict[int, _Placed] = field(default_factory=dict)
    pages: list[dict[str, Any]] = field(default_factory=list)
    page_of: dict[str, int] = field(default_factory=dict)
    taken_in: dict[str, None] = field(default_factory=dict)
    page_ids: naming.Identifiers = field(default_factory=naming.Identifiers)

    def done(self) -> Imported:
        sheets = [sheet for sheet in self.form.sheets if sheet.questions]
        count = sum(len(sheet.questions) for sheet in sheets)
        if not count:
            why = "".join(f" {note.what}. {note.why}" for note in self.notebook.notes[:3])
            raise FormatError(
                self.file,
                "no question in it can be carried over",
                why.strip() or "Look whether it is the right file.",
            )
        limits.how_many(self.file, "questions", count, limits.QUESTIONS)
        options = sum(len(a.options) + len(a.rows) for s in sheets for a in s.questions)
        limits.how_many(self.file, "options in all", options, limits.OPTIONS_IN_ALL)
        self.languages = tongues.codes(self.file, self.form.languages, self.notebook)
        self.words: dict[str, dict[str, Any]] = {
            code: {"title": "", "summary": "", "questions": {}} for code in self.languages.values()
        }
        self.sections = self._sections()
        self._name(sheets)
        for sheet in sheets:
            self._page(sheet)
        self._whole_survey()
        self._unanswered()
        return Imported(self._definition(), self.words, self.notebook.notes)

    # -- names -------------------------------------------------------------------------------------

    def _name(self, sheets: list[Sheet]) -> None:
        ids, renamed = naming.Identifiers(), []
        for sheet in sheets:
            for asked in sheet.questions:
                # Codes of rows become a part of a question's id, which has no hyphen.
                rows = naming.codes([row.name for row in asked.rows])
                rows = naming.codes([code.replace("-", "_") for code in rows.values()]) and {
                    name: code.replace("-", "_") for name, code in rows.items()
                }
                codes = naming.codes([option.name for option in asked.options])
                wordy = tuple(
                    codes[option.name] for option in asked.options if option.words is not None
                )
                qid = ids.new(asked.name, (*wordy, *rows.values()))
                placed = _Placed(asked, qid, codes, rows)
                self.placed[id(asked)] = placed
                if qid != asked.name:
                    renamed.append(f"{asked.name} is {qid}")
                self._renamed_options(placed)
                self._add_targets(placed)
        if renamed:
            self.notebook.add(
                self.file,
                "questions have new names: " + ", ".join(renamed),
                "Names here are small letters, digits and _; conditions were changed with them.",
            )

    def _renamed_options(self, placed: _Placed) -> None:
        both = {**placed.codes, **placed.rows}
        changed = [f"{name} is {code}" for name, code in both.items() if name != code]
        if changed:
            shown = ", ".join(changed[:20]) + (" …" if len(changed) > 20 else "")
            self.notebook.add(
                placed.asked.place,
                f"options of '{placed.id}' have new codes: {shown}",
                "Codes here are small letters, digits, _ and -.",
            )

    def _add_targets(self, placed: _Placed) -> None:
        asked = placed.asked
        if asked.type not in _UNANSWERABLE:
            kind = _KINDS.get(asked.type) or ("double" if asked.keys.get("decimals") else "int")
            codes = placed.codes or ({"yes": "yes"} if asked.type == "consent" else {})
            for name in (asked.name, *(a.name for a in asked.aliases if a.whole)):
                self._target(name, Target(placed.id, kind, codes))
        for alias in asked.aliases:
            if alias.option is not None:
                code = placed.codes[alias.option]
                self._target(alias.name, Target(placed.id, "several", placed.codes, code))
            elif alias.row is not None:
                row = f"{placed.id}_{placed.rows[alias.row]}"[: naming.LONGEST]
                self._target(alias.name, Target(row, "one", placed.codes))
            elif alias.words is not None:
                code = placed.codes[alias.words].replace("-", "_")
                words = f"{placed.id}_{code}"[: naming.LONGEST]
                self._target(alias.name, Target(words, "text"))

    def _target(self, name: str, target: Target) -> None:
        # Two of one name: a condition that speaks of it could mean either.
        self.targets[name] = None if name in self.targets else target

    def _scope(self, name: str) -> Target:
        target = self.targets.get(name)
        if target is None:
            twice = name in self.targets
            raise NotUnderstood(
                f"there are two questions called '{name}'"
                if twice
                else f"it speaks of '{name}', which was not carried over or does not exist"
            )
        return target

    # -- pages and conditions ----------------------------------------------------------------------

    def _page(self, sheet: Sheet) -> None:
        """The questions of a sheet, on as many pages as their conditions need."""
        together: list[_Placed] = []
        for asked in sheet.questions:
            placed = self.placed[id(asked)]
            here = {each.id for each in together}
            apart = asked.type in _ALONE or (together and together[-1].asked.type in _ALONE)
            if together and (apart or self._looks_at(asked, here) or len(together) >= PAGE):
                self._close(sheet, together)
                together = []
                if not apart:
                    self.notebook.add(
                        asked.place,
                        f"'{placed.id}' begins a page of its own",
                        "It hangs on an answer of the same page, or the page had become too long.",
                    )
            together.append(placed)
            self._condition(sheet, placed)
            self.page_of[placed.id] = len(self.pages)
            placed.page = len(self.pages)
        self._close(sheet, together)

    def _looks_at(self, asked: Asked, here: set[str]) -> bool:
        """Whether a question hangs on, or takes in, an answer to one of ``here``."""
        spoken = set(tree.names(asked.when)) if asked.when is not None else set()
        for texts in (asked.ask, asked.hint, asked.body, *(o.label for o in asked.options)):
            for text in texts.values():
                spoken.update(PIPED.findall(text))
        ids = {target.id for name in spoken if (target := self.targets.get(name))}
        return any(self._question(one) in here for one in ids)

    def _question(self, target: str) -> str:
        """The written question that a target is a part of."""
        if not hasattr(self, "_owners"):
            self._owners: dict[str, str] = {}
            for placed in self.placed.values():
                self._owners[placed.id] = placed.id
                parts = [*placed.rows.values(), *placed.codes.values()]
                for part in parts:
                    beside = f"{placed.id}_{part.replace('-', '_')}"[: naming.LONGEST]
                    self._owners.setdefault(beside, placed.id)
        return self._owners.get(target, target)

    def _condition(self, sheet: Sheet, placed: _Placed) -> None:
        asked = placed.asked
        own = self._translated(asked.when, asked.place, f"'{placed.id}'")
        common = self._translated(sheet.when, sheet.place, f"the group '{sheet.name}'")
        met = [each for each in (common, own) if each is not None]
        whole = m.simple(m.Whole(True, tuple(met)))
        placed.when = None if whole == m.ALWAYS else cel.write(whole)

    def _translated(self, condition: Tree | None, place: str, whose: str) -> m.Meaning | None:
        if condition is None:
            return None
        try:
            meaning = m.understood(condition, self._before)
        except NotUnderstood as error:
            self.notebook.add(
                place,
                f"the condition of {whose} was not carried over: {error}",
                "It is asked of everybody now; write 'when' yourself.",
            )
            return None
        return meaning

    def _before(self, name: str) -> Target:
        target = self._scope(name)
        page = self.page_of.get(self._question(target.id))
        if page is None or page >= len(self.pages):
            raise NotUnderstood(f"'{name}' is asked on the same page or later")
        return target

    def _close(self, sheet: Sheet, together: list[_Placed]) -> None:
        if not together:
            return
        entries = [self._entry(placed) for placed in together]
        grid = together[0].asked.type in _ALONE
        alone = grid or (len(together) == 1 and not any(sheet.heading.values()))
        if grid and sheet.questions[0] is together[0].asked:
            self._heading_above(sheet, together[0])
        page: dict[str, Any]
        if alone:
            page = {"id": self.page_ids.new(together[0].id), **entries[0]}
            page["id"] = entries[0]["id"]
            self.page_ids.given.add(page["id"])
        else:
            page = {"id": self.page_ids.new(sheet.name)}
            common = {entry.get("when") for entry in entries}
            if len(common) == 1 and None not in common:
                page["when"] = common.pop()
                for entry in entries:
                    del entry["when"]
            if sheet.shuffle:
                page["shuffle"] = True
            page["questions"] = entries
            self._heading(page["id"], sheet, together)
        if sheet.section in self.sections:
            page = {"id": page["id"], "section": self.sections[sheet.section], **page}
        self.pages.append(page)

    def _heading_above(self, sheet: Sheet, placed: _Placed) -> None:
        """A page's heading above its grid: the rows of a grid are pages with the grid's wording."""
        for language, code in self.languages.items():
            text = self._line(sheet.heading.get(language, ""), sheet.place, pipes=False)
            labels = self.words[code]["questions"].setdefault(placed.id, {})
            if text and text != labels.get("ask"):
                labels["body"] = "\n\n".join(t for t in (f"## {text}", labels.get("body")) if t)

    def _heading(self, page: str, sheet: Sheet, together: list[_Placed]) -> None:
        for language, code in self.languages.items():
            text = self._line(sheet.heading.get(language, ""), sheet.place, pipes=False)
            if not text and code == next(iter(self.languages.values())):
                text = self._line(together[0].asked.ask.get(language, ""), sheet.place, pipes=False)
                self.notebook.add(
                    sheet.place,
                    f"the page '{page}' had no heading",
                    "It was given its first question's wording; write a better one.",
                )
                text = text or sheet.name
            if text:
                self.words[code].setdefault("pages", {})[page] = text

    def _sections(self) -> dict[str, str]:
        ids, made = naming.Identifiers(), {}
        used = {sheet.section for sheet in self.form.sheets if sheet.questions}
        for heading in self.form.sections:
            if heading.name not in used:
                continue
            made[heading.name] = ids.new(heading.name)
            for language, code in self.languages.items():
                text = self._line(heading.label.get(language, ""), self.file, pipes=False)
                if text:
                    self.words[code].setdefault("sections", {})[made[heading.name]] = text
        return made

    # -- a question --------------------------------------------------------------------------------

    def _entry(self, placed: _Placed) -> dict[str, Any]:
        asked = placed.asked
        entry: dict[str, Any] = {"id": placed.id, "type": asked.type}
        if asked.keys.get("required"):
            entry["required"] = True
        if placed.when is not None:
            entry["when"] = placed.when
        entry |= {key: value for key, value in asked.keys.items() if key != "required"}
        if asked.rows:
            entry["rows"] = [_option(row, placed.rows) for row in asked.rows]
        if asked.type in _OPTIONED:
            entry["options"] = [_option(option, placed.codes) for option in asked.options]
            apart = [placed.codes[option.name] for option in asked.options if option.apart]
            if apart and asked.type in {"scale", "grid"}:
                entry["apart"] = apart
        self._word(placed)
        return entry

    def _word(self, placed: _Placed) -> None:
        first = True
        for language, code in self.languages.items():
            labels = self._labels(placed, language, first)
            first = False
            if labels:
                self.words[code]["questions"][placed.id] = labels

    def _labels(self, placed: _Placed, language: str, first: bool) -> dict[str, Any]:
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
            texts = {
                codes[o.name]: self._line(o.label.get(language, ""), place, page=page)
                for o in listed
            }
            if first:
                texts = {
                    codes[o.name]: texts[codes[o.name]] or o.name.strip() or codes[o.name]
                    for o in listed
                }
            if any(texts.values()):
                labels[key] = {name: text for name, text in texts.items() if text}
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

    def _unlabelled(self, asked: Asked) -> str:
        self.notebook.add(
            asked.place, f"'{asked.name}' had no wording", "Its name stands in its place; word it."
        )
        return asked.name

    # -- texts -------------------------------------------------------------------------------------

    def _line(self, text: str, place: str, pipes: bool = True, page: int | None = None) -> str:
        made, lost = markup.plain(text)
        self._lost(place, lost)
        return self._filled(made, place, page if pipes else -1)[:LINE]

    def _prose(self, text: str, place: str, page: int | None) -> str:
        made, lost = markup.markdown(text)
        self._lost(place, lost)
        return self._filled(made, place, page)[:PROSE]

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

    def _unanswered(self) -> None:
        """Other formats take in nothing for an answer not given; here something stands for it."""
        owners = {self._question(one) for one in self.taken_in}
        for words in self.words.values():
            for owner in owners:
                words["questions"].setdefault(owner, {})["unanswered"] = UNANSWERED
        self.notebook.gathered(
            f"their answers are taken into wordings; where there is none, '{UNANSWERED}' is said",
            "Say what fits better, as 'unanswered' of each.",
            sorted(owners),
        )

    # -- the whole ---------------------------------------------------------------------------------

    def _whole_survey(self) -> None:
        form, first = self.form, True
        for language, code in self.languages.items():
            words = self.words[code]
            words["title"] = self._line(form.title.get(language, ""), self.file, pipes=False)
            words["summary"] = self._prose(form.summary.get(language, ""), self.file, -1)
            for key, texts in (("thanks", form.thanks), ("contact", form.contact)):
                if text := self._prose(texts.get(language, ""), self.file, -1):
                    words[key] = text
            if not words["title"]:
                words["title"] = form.name
                if first:
                    self.notebook.add(
                        self.file, "the form has no title", f"It is called '{form.name}' now."
                    )
            first = False

    def _definition(self) -> dict[str, Any]:
        form = self.form
        made: dict[str, Any] = {
            "survey": naming.slug(form.name),
            "languages": list(self.languages.values()),
        }
        made |= {
            key: time for key, time in (("opens", form.opens), ("closes", form.closes)) if time
        }
        asked_for = ["body (who consults)"] + ([] if form.closes else ["closes (day and hour)"])
        self.notebook.add(
            self.file,
            f"the form does not say: {', '.join(asked_for)}",
            "Nobody but you knows, so nothing was made up: add it to survey.yaml.",
        )
        if self.sections:
            made["sections"] = [{"id": one} for one in self.sections.values()]
        return made | {"pages": self.pages}


_AGREE = {"en": "I agree", "cy": "Rwy’n cytuno"}
_SAY = {"en": "Please say", "cy": "Dywedwch beth"}


def _option(option: Choosable, codes: dict[str, str]) -> Any:
    keys = {
        key: True
        for key, on in (
            ("exclusive", option.exclusive),
            ("words", option.words is not None),
            ("fixed", option.fixed),
        )
        if on
    }
    return {"code": codes[option.name], **keys} if keys else codes[option.name]


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


__all__ = ["CODE", "Texts", "assemble"]
