"""SurveyJS (.json) read: pages, panels, its question types, its conditions and languages."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats import limits, surveyjs_keys, surveyjs_logic
from consult.questionnaire.formats.assemble import assemble
from consult.questionnaire.formats.expression import NotUnderstood, Tree
from consult.questionnaire.formats.outcome import FormatError, Imported
from consult.questionnaire.formats.plaintext import decoded
from consult.questionnaire.formats.sketch import (
    Asked,
    Form,
    Sheet,
    Texts,
    as_words,
)
from consult.questionnaire.formats.surveyjs_types import TYPES, Json, Types

#: An element of ours that holds what stands above a question.
BODY = "consult_body_"


def read(name: str, data: bytes) -> Imported:
    """The SurveyJS form in ``data``. Raises FormatError."""
    limits.file_size(name, data)
    text = decoded(name, data)
    try:
        root = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"{name}, line {error.lineno}", f"this is not JSON ({error.msg})", "Export it again."
        ) from None
    except RecursionError:
        raise FormatError(name, "it is nested too deeply", "Take some levels out.") from None
    limits.nesting(name, root)
    if not isinstance(root, dict) or not any(k in root for k in ("pages", "elements", "questions")):
        raise FormatError(
            f"{name}, $", "there are no 'pages' and no 'elements'", "Use SurveyJS's own JSON."
        )
    return _Reader(name, root).form()


def languages(root: Json) -> list[str]:
    """The languages of a form, its own first; ``default`` is the one that its ``locale`` says."""
    found: dict[str, None] = {}

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif isinstance(node, dict):
            if isinstance(node.get("default"), str):
                found.update(dict.fromkeys(k for k, v in node.items() if isinstance(v, str)))
            for each in node.values():
                walk(each)

    walk(root)
    own = str(root.get("locale") or "default")
    return [own, *(code for code in found if code not in {"default", own})]


class _Reader(Types):
    def __init__(self, file: str, root: Json) -> None:
        super().__init__(file, languages(root))
        self.root = root
        self.lost: dict[str, list[str]] = {}
        self.names: dict[str, str] = {}
        self.bodies: dict[str, Texts] = {}
        self.before: Asked | None = None

    def form(self) -> Imported:
        form = Form(
            PurePath(self.file).stem,
            self.languages,
            self.texts(self.root.get("title")),
            self.texts(self.root.get("description")),
            self.texts(self.root.get("completedHtml")),
        )
        self._unmapped("$", self.root, surveyjs_keys.HARMLESS_SURVEY)
        pages = self.root.get("pages")
        whole: Json = {k: self.root[k] for k in ("elements", "questions") if k in self.root}
        single = str(self.root.get("questionsOnPageMode", "")) in {
            "questionPerPage",
            "questionOnPage",
            "inputPerPage",
        }
        for index, page in enumerate(
            self._list("$.pages", pages) if pages is not None else [whole]
        ):
            form.sheets += self._page(f"$.pages[{index}]", page, index, single)
        for why, names in self.lost.items():
            self.notebook.add("$", f"not carried over: {', '.join(names)}", why)
        return assemble(form, self.file, self.notebook)

    # -- shapes ------------------------------------------------------------------------------------

    def condition(self, place: str, value: Any, whose: str) -> Tree | None:
        """A ``visibleIf``."""
        if not isinstance(value, str) or not value.strip():
            return None
        try:
            return surveyjs_logic.read(value)
        except NotUnderstood as error:
            self.notebook.add(
                f"{place}.visibleIf",
                f"the condition of {whose} was not carried over: {error}",
                f"It is asked of everybody now; write 'when' yourself. It said: {value[:200]}",
            )
            return None

    # -- pages and panels --------------------------------------------------------------------------

    def _page(self, place: str, page: Json, index: int, single: bool) -> list[Sheet]:
        name = str(page.get("name") or f"page{index + 1}")
        self._unmapped(
            place,
            page,
            surveyjs_keys.HARMLESS
            | {"navigationButtonsVisibility", "visible", "questionsOrder", "id"},
        )
        if page.get("visible") is False:
            self.lost.setdefault("They are not shown to respondents.", []).append(name)
            return []
        sheet = Sheet(place, name, self.texts(page.get("title")))
        sheet.when = self.condition(place, page.get("visibleIf"), f"the page '{name}'")
        sheet.shuffle = page.get("questionsOrder") == "random"
        if intro := self.texts(page.get("description")):
            sheet.questions.append(Asked(place, f"{name}_text", "statement", body=intro))
        sheet.questions += self._elements(place, page)
        if not single:
            return [sheet]
        return [Sheet(a.place, a.name, when=sheet.when, questions=[a]) for a in sheet.questions]

    def _elements(self, place: str, holder: Json) -> list[Asked]:
        key = "elements" if "elements" in holder else "questions"
        made = []
        for index, element in enumerate(self._list(f"{place}.{key}", holder.get(key) or [])):
            made += self._element(f"{place}.{key}[{index}]", element)
        return made

    def _element(self, place: str, of: Json) -> list[Asked]:
        kind, name = str(of.get("type", "text")), str(of.get("name", ""))
        if kind == "panel":
            return self._panel(place, of)
        if not name and kind == "html":
            name = f"text{len(self.names) + 1}"
            of = {**of, "name": name}
        if not name:
            raise FormatError(f"{self.file}, {place}", "the question has no name", "Add 'name'.")
        if name in self.names:
            raise FormatError(
                f"{self.file}, {place}",
                f"there are two questions called '{name}' (the other is {self.names[name]})",
                "Give each its own name.",
            )
        self.names[name] = place
        if of.get("visible") is False and not of.get("visibleIf"):
            self.lost.setdefault("They are not shown to respondents.", []).append(name)
            return []
        if kind in surveyjs_keys.NOTHING_LIKE_IT or kind not in TYPES:
            what = surveyjs_keys.NOTHING_LIKE_IT.get(kind, f"'{kind}'")
            self.lost.setdefault(f"There is no question type like {what}.", []).append(name)
            return []
        return self._question(place, of, kind)

    def _panel(self, place: str, of: Json) -> list[Asked]:
        asked = self._elements(place, of)
        self._unmapped(place, of, surveyjs_keys.HARMLESS | {"visible"})
        if of.get("visible") is False and not of.get("visibleIf"):
            self.lost.setdefault("They are not shown to respondents.", []).extend(
                a.name for a in asked
            )
            return []
        condition = self.condition(place, of.get("visibleIf"), f"the panel '{of.get('name', '')}'")
        if condition is not None:
            for each in asked:
                each.when = condition if each.when is None else tree.All((condition, each.when))
        heading, intro = self.texts(of.get("title")), self.texts(of.get("description"))
        if asked and (heading or intro):
            first = asked[0]
            for language in {**heading, **intro}:
                above = f"## {heading[language]}" if heading.get(language) else ""
                parts = (above, intro.get(language, ""), first.body.get(language, ""))
                first.body[language] = "\n\n".join(part for part in parts if part)
        return asked

    # -- questions ---------------------------------------------------------------------------------

    def _question(self, place: str, of: Json, kind: str) -> list[Asked]:
        ours, make, keys = TYPES[kind]
        asked = Asked(place, str(of["name"]), ours)
        asked.ask, asked.hint = self.texts(of.get("title")), self.texts(of.get("description"))
        if not asked.ask and ours != "statement":
            asked.ask = {self.languages[0]: asked.name}
        if of.get("isRequired") is True and ours != "statement":
            asked.keys["required"] = True
        asked.when = self.condition(place, of.get("visibleIf"), f"'{asked.name}'")
        if kind == "html" and asked.name.startswith(BODY):
            self.bodies[asked.name.removeprefix(BODY)] = self.texts(of.get("html"))
            return []
        if kind == "text" and as_words(asked, self.before):
            return []
        made = make(self, place, of, asked)
        self.before = made[-1] if made else None
        if asked.name in self.bodies:
            made[0].body = self.bodies[asked.name]
        self._unmapped(place, of, surveyjs_keys.HARMLESS | keys | {"visible", "validators"})
        self._validators(place, of, asked)
        return made

    # -- by type -----------------------------------------------------------------------------------
