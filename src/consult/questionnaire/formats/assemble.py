"""A form as it was read, made into a survey of ours: names, conditions, pages and wording."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from consult.questionnaire.formats import cel, limits, naming, tongues
from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats import meaning as m
from consult.questionnaire.formats.expression import NotUnderstood, Tree
from consult.questionnaire.formats.meaning import Target
from consult.questionnaire.formats.outcome import FormatError, Imported, Notebook
from consult.questionnaire.formats.sketch import (
    PIPED,
    Asked,
    Choosable,
    Form,
    Sheet,
)
from consult.questionnaire.formats.targets import Placed
from consult.questionnaire.formats.wordings import UNANSWERED, Wordings

PAGE = 100
#: Types that take several pages, and share none of them.
_ALONE = frozenset({"grid", "best_worst"})
_OPTIONED = frozenset({"choice", "choices", "scale", "ranking", "points", "best_worst", "grid"})


def assemble(form: Form, file: str, notebook: Notebook) -> Imported:
    """``form`` in our own file format."""
    return _Assembly(form, file, notebook).done()


@dataclass
class _Assembly(Wordings):
    pages: list[dict[str, Any]] = field(default_factory=list)
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

    # -- pages and conditions ----------------------------------------------------------------------

    def _page(self, sheet: Sheet) -> None:
        """The questions of a sheet, on as many pages as their conditions need."""
        together: list[Placed] = []
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

    def _condition(self, sheet: Sheet, placed: Placed) -> None:
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

    def _close(self, sheet: Sheet, together: list[Placed]) -> None:
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

    def _heading_above(self, sheet: Sheet, placed: Placed) -> None:
        """A page's heading above its grid: the rows of a grid are pages with the grid's wording."""
        for language, code in self.languages.items():
            text = self._line(sheet.heading.get(language, ""), sheet.place, pipes=False)
            labels = self.words[code]["questions"].setdefault(placed.id, {})
            if text and text != labels.get("ask"):
                labels["body"] = "\n\n".join(t for t in (f"## {text}", labels.get("body")) if t)

    def _heading(self, page: str, sheet: Sheet, together: list[Placed]) -> None:
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

    def _entry(self, placed: Placed) -> dict[str, Any]:
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

    def _word(self, placed: Placed) -> None:
        first = True
        for language, code in self.languages.items():
            labels = self._labels(placed, language, first)
            first = False
            if labels:
                self.words[code]["questions"][placed.id] = labels

    # -- texts -------------------------------------------------------------------------------------

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
