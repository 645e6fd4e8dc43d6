"""A LimeSurvey survey as one of ours: each of its question types, relevance, languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats import limesurvey_logic, limesurvey_tsv, limesurvey_xml
from consult.questionnaire.formats.assemble import assemble
from consult.questionnaire.formats.expression import NotUnderstood, Tree
from consult.questionnaire.formats.limesurvey_attributes import (
    HARMLESS,
    apply,
    harmless,
    setting_matters,
    text_matters,
)
from consult.questionnaire.formats.limesurvey_model import (
    Answer,
    LimeGroup,
    LimeQuestion,
    LimeSurvey,
)
from consult.questionnaire.formats.outcome import Imported, Notebook
from consult.questionnaire.formats.sketch import (
    Alias,
    Asked,
    Choosable,
    Form,
    Heading,
    Sheet,
    Texts,
    on_each,
    piped,
)

_PIPE = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)(?:\.(?:shown|NAOK|value|code|question))?\}")
_INSERT = re.compile(r"\{INSERTANS:(\w+)\}")
_FORMULA = re.compile(r"\{(?=[^{}]*[ (+*=\"'])[^{}\n]+\}")
_OTHER = "-oth-"
_NOTHING_LIKE_IT = {
    "*": "an equation", "|": "an upload of files", "I": "a switch of language",
    ";": "a table of texts", ":": "a table of numbers", "Z": "a list of pictures",
}  # fmt: skip
_YES, _NO = {"en": "Yes", "cy": "Ydw"}, {"en": "No", "cy": "Nac ydw"}


def read_xml(name: str, data: bytes) -> Imported:
    """The survey in an .lss file. Raises FormatError."""
    return _Reader(name, limesurvey_xml.read(name, data)).form()


def read_tsv(name: str, data: bytes) -> Imported:
    """The survey in a .txt file. Raises FormatError."""
    return _Reader(name, limesurvey_tsv.read(name, data)).form()


class _Reader:
    def __init__(self, file: str, survey: LimeSurvey) -> None:
        self.file, self.survey, self.notebook = file, survey, Notebook()
        self.languages = survey.languages or [""]
        self.lost: dict[str, list[str]] = {}

    def form(self) -> Imported:
        texts = self.survey.texts
        form = Form(
            PurePath(self.file).stem,
            self.languages,
            self._piped(texts.get("surveyls_title", {})),
            self._together(texts, "surveyls_description", "surveyls_welcometext"),
            self._piped(texts.get("surveyls_endtext", {})),
            opens=_moment(self.survey.settings.get("startdate", "")),
            closes=_moment(self.survey.settings.get("expires", "")),
        )
        self._settings()
        by_question = self.survey.settings.get("format", "G").upper() == "S"
        for group in self.survey.groups:
            self._group(form, group, by_question)
        for why, names in self.lost.items():
            self.notebook.add(self.file, f"not carried over: {', '.join(names)}", why)
        for part in self.survey.unread:
            self.notebook.add(
                self.file,
                f"'{part}' is not carried over",
                "There is nothing like it here, or it is set elsewhere.",
            )
        return assemble(form, self.file, self.notebook)

    def _together(self, texts: dict[str, Texts], *keys: str) -> Texts:
        made: Texts = {}
        for key in keys:
            for language, text in self._piped(texts.get(key, {})).items():
                made[language] = f"{made[language]}\n\n{text}" if made.get(language) else text
        return made

    def _settings(self) -> None:
        for key, value in self.survey.settings.items():
            if value.strip() and setting_matters(key, value.strip()):
                self.notebook.add(
                    self.file,
                    f"the setting '{key}' is not carried over",
                    f"It says '{value[:80]}'.",
                )
        for key, texts in self.survey.texts.items():
            if text_matters(key) and any(text.strip() for text in texts.values()):
                self.notebook.add(
                    self.file,
                    f"the text '{key}' is not carried over",
                    "There is no place for it here.",
                )

    # -- groups ------------------------------------------------------------------------------------

    def _group(self, form: Form, group: LimeGroup, by_question: bool) -> None:
        name = f"group_{group.id}" if group.id[:1].isdigit() or not group.id else group.id
        heading = self._piped(group.name)
        condition = self._condition(group.relevance, group.place, f"the group '{name}'")
        asked: list[Asked] = []
        if any(text.strip() for text in group.description.values()):
            asked.append(
                Asked(group.place, f"{name}_text", "statement", body=self._piped(group.description))
            )
        for question in group.questions:
            asked += self._question(question)
        if group.random.strip():
            self.notebook.add(
                group.place,
                "groups in an order of chance are not carried over",
                "Name sections in 'shuffle_sections'.",
            )
        if by_question:
            form.sections.append(Heading(name, heading))
            for each in asked:
                sheet = Sheet(each.place, each.name, when=condition, section=name, questions=[each])
                form.sheets.append(sheet)
        elif asked:
            form.sheets.append(Sheet(group.place, name, heading, condition, questions=asked))

    def _condition(self, relevance: str, place: str, whose: str) -> Tree | None:
        if relevance.strip() in {"", "1"}:
            return None
        try:
            return limesurvey_logic.read(relevance)
        except NotUnderstood as error:
            self.notebook.add(
                place,
                f"the condition of {whose} was not carried over: {error}",
                f"It is asked of everybody now; write 'when' yourself. It said: {relevance[:200]}",
            )
            return None

    def _piped(self, texts: Texts) -> Texts:
        return on_each(texts, self._pipe)

    def _pipe(self, text: str) -> str:
        text = piped(piped(text, _INSERT), _PIPE)
        for found in _FORMULA.findall(text):
            self.notebook.add(
                self.file,
                f"the formula {found[:80]} in a wording is not carried over",
                "'…' stands in its place; reword it.",
            )
        return _FORMULA.sub("…", text)

    # -- questions ---------------------------------------------------------------------------------

    def _question(self, of: LimeQuestion) -> list[Asked]:
        if of.attribute("hidden") == "1":
            self._lose("They are hidden from respondents.", of.code)
            return []
        if of.type in _NOTHING_LIKE_IT:
            self._lose(f"There is no question type like {_NOTHING_LIKE_IT[of.type]}.", of.code)
            return []
        if of.type not in _TYPES:
            self._lose(f"The question type '{of.type}' is not known here.", of.code)
            return []
        made = _TYPES[of.type](self, of)
        for asked in made:
            own = asked.when
            condition = self._condition(of.relevance, of.place, f"'{of.code}'")
            met = [each for each in (condition, own) if each is not None]
            asked.when = tree.All(tuple(met)) if len(met) > 1 else (met[0] if met else None)
            self._mandatory(of, asked)
        self._common(of, made)
        return made

    def _lose(self, why: str, name: str) -> None:
        self.lost.setdefault(why, []).append(name)

    def _mandatory(self, of: LimeQuestion, asked: Asked) -> None:
        if asked.type == "statement" or asked.keys.get("required") is False:
            asked.keys.pop("required", None)
        elif of.mandatory == "Y":
            asked.keys["required"] = True
        elif of.mandatory == "S":
            self.notebook.add(
                of.place, "it is softly mandatory", "It can be left out here: nobody is nagged."
            )

    def _common(self, of: LimeQuestion, made: list[Asked]) -> None:
        """Attributes and what else hangs on every type."""
        for name, texts in of.attributes.items():
            value = of.attribute(name)
            if name in HARMLESS or harmless(name, value):
                continue
            if not apply(name, value, self._piped(texts), made):
                self.notebook.add(
                    of.place, f"'{name}' is not carried over", f"It says '{value[:120]}'."
                )
        if of.validation.strip():
            self.notebook.add(
                of.place, "its validation is not carried over", f"It says '{of.validation[:120]}'."
            )
        if of.default.strip():
            self.notebook.add(
                of.place,
                "its default answer is not carried over",
                "Nobody's answer is given for them here.",
            )
        for part in of.subquestions:
            if part.relevance.strip() not in {"", "1"}:
                self.notebook.add(
                    of.place,
                    f"the condition of its part '{part.code}' is not carried over",
                    f"It says '{part.relevance[:120]}'.",
                )

    # -- by type -----------------------------------------------------------------------------------

    def _asked(self, of: LimeQuestion, kind: str, **keys: Any) -> Asked:
        asked = Asked(of.place, of.code, kind, dict(keys))
        asked.ask, asked.hint = self._piped(of.ask), self._piped(of.help)
        asked.aliases = [Alias(name) for name in of.aliases]
        return asked

    def _option(self, answer: Answer) -> Choosable:
        return Choosable(answer.code, self._piped(answer.label))

    def _everywhere(self, text: str | dict[str, str]) -> Texts:
        if isinstance(text, str):
            return dict.fromkeys(self.languages, text)
        return {language: text[language] for language in self.languages if language in text}

    def _other(self, of: LimeQuestion, asked: Asked) -> None:
        if not of.other:
            return
        label = self._piped(of.attributes.get("other_replace_text", {}))
        label = {k or self.languages[0]: v for k, v in label.items()} or self._everywhere(
            {"en": "Other", "cy": "Arall"}
        )
        name = "other" if all(o.name != "other" for o in asked.options) else _OTHER
        asked.options.append(Choosable(name, label, words={}))
        asked.aliases.append(Alias(f"{of.code}_other", words=name))

    def choice(self, of: LimeQuestion) -> list[Asked]:
        asked = self._asked(of, "choice")
        asked.options = [self._option(answer) for answer in of.answers]
        self._other(of, asked)
        if of.type == "!":
            asked.keys["autocomplete"] = True
        if of.type != "O":
            return [asked]
        comment = Asked(of.place, f"{of.code}_comment", "long_text", {"required": False})
        comment.ask = self._everywhere({"en": "Please comment", "cy": "Rhowch sylw"})
        return [asked, comment]

    def choices(self, of: LimeQuestion) -> list[Asked]:
        asked = self._asked(of, "choices")
        asked.options = [self._option(part) for part in of.subquestions]
        asked.aliases += [
            Alias(f"{name}{sign}{part.code}", option=part.code)
            for name, sign in ((of.code, "_"), *((alias, "") for alias in of.aliases))
            for part in of.subquestions
        ]
        self._other(of, asked)
        if of.type == "P":
            self._lose(
                "A comment beside each option cannot be asked for.", f"comments of {of.code}"
            )
        return [asked]

    def fixed(self, of: LimeQuestion) -> list[Asked]:
        kind = "scale" if of.type == "5" else "choice"
        asked = self._asked(of, kind)
        if of.type == "Y":
            asked.options = [
                Choosable("Y", self._everywhere(_YES)),
                Choosable("N", self._everywhere(_NO)),
            ]
        elif of.type == "G":
            labels = ({"en": "Female", "cy": "Benyw"}, {"en": "Male", "cy": "Gwryw"})
            asked.options = [
                Choosable(c, self._everywhere(t)) for c, t in zip("FM", labels, strict=True)
            ]
        else:
            asked.options = [Choosable(str(n), self._everywhere(str(n))) for n in range(1, 6)]
        return [asked]

    def grid(self, of: LimeQuestion) -> list[Asked]:
        if of.type == "1":
            return [self._grid(of, scale) for scale in ("0", "1")]
        return [self._grid(of, None)]

    def _grid(self, of: LimeQuestion, scale: str | None) -> Asked:
        asked = self._asked(of, "grid")
        if scale is not None:
            asked.name = f"{of.code}_{int(scale) + 1}"
        options = [a for a in of.answers if scale is None or a.scale == scale]
        asked.options = [self._option(answer) for answer in options] or self._array_options(of.type)
        asked.rows = [self._option(part) for part in of.subquestions]
        for row in asked.rows:
            # "left|right" are the two ends of a semantic differential.
            row.label = on_each(row.label, lambda text: text.replace("|", " – "))
        ending = "" if scale is None else f"_{scale}"
        asked.aliases += [
            Alias(f"{name}{sign}{part.code}{ending}", row=part.code)
            for name, sign in ((of.code, "_"), *((alias, "") for alias in of.aliases))
            for part in of.subquestions
        ]
        return asked

    def _array_options(self, kind: str) -> list[Choosable]:
        if kind in "AB":
            return [
                Choosable(str(n), self._everywhere(str(n)))
                for n in range(1, 6 if kind == "A" else 11)
            ]
        words = {
            "C": [("Y", _YES), ("U", {"en": "Uncertain", "cy": "Ansicr"}), ("N", _NO)],
            "E": [
                ("I", {"en": "Increase", "cy": "Cynyddu"}),
                ("S", {"en": "Same", "cy": "Yr un fath"}),
                ("D", {"en": "Decrease", "cy": "Lleihau"}),
            ],
        }.get(kind, [])
        return [Choosable(code, self._everywhere(texts)) for code, texts in words]

    def number(self, of: LimeQuestion) -> list[Asked]:
        asked = self._asked(of, "number")
        if of.attribute("num_value_int_only") != "1":
            asked.keys["decimals"] = 2
            self.notebook.add(
                of.place, "numbers may have two decimals here", "Set 'decimals' to what is meant."
            )
        return [asked]

    def text(self, of: LimeQuestion) -> list[Asked]:
        return [self._asked(of, "short_text" if of.type == "S" else "long_text")]

    def several(self, of: LimeQuestion) -> list[Asked]:
        kind, keys = ("number", {"decimals": 2}) if of.type == "K" else ("short_text", {})
        made = []
        for index, part in enumerate(of.subquestions):
            asked = Asked(of.place, f"{of.code}_{part.code}", kind, dict(keys))
            asked.ask = self._piped(part.label)
            if index == 0:
                asked.body = self._piped(of.ask)
                asked.hint = self._piped(of.help)
            made.append(asked)
        return made

    def date(self, of: LimeQuestion) -> list[Asked]:
        if re.search(r"[Hh]|MM:|M:", of.attribute("date_format")):
            self.notebook.add(of.place, "the time of day is not asked for", "A date here is a day.")
        return [self._asked(of, "date")]

    def statement(self, of: LimeQuestion) -> list[Asked]:
        asked = self._asked(of, "statement")
        asked.body, asked.ask = asked.ask, {}
        return [asked]

    def ranking(self, of: LimeQuestion) -> list[Asked]:
        asked = self._asked(of, "ranking")
        asked.options = [self._option(answer) for answer in of.answers or of.subquestions]
        return [asked]


_TYPES: dict[str, Callable[[_Reader, LimeQuestion], list[Asked]]] = {
    **dict.fromkeys("L!O", _Reader.choice),
    **dict.fromkeys("MP", _Reader.choices),
    **dict.fromkeys("YG5", _Reader.fixed),
    **dict.fromkeys("ABCEFH1", _Reader.grid),
    "N": _Reader.number,
    **dict.fromkeys("STU", _Reader.text),
    **dict.fromkeys("KQ", _Reader.several),
    "D": _Reader.date,
    "X": _Reader.statement,
    "R": _Reader.ranking,
}


def _moment(text: str) -> str | None:
    """A time of LimeSurvey's as one of ours."""
    found = re.match(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)", text.strip())
    return f"{found[1]}T{found[2]}" if found and not found[1].startswith("0000") else None
