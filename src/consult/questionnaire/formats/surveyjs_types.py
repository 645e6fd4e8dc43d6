"""SurveyJS's question types, each as ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from consult.questionnaire.formats import limits, surveyjs_keys
from consult.questionnaire.formats.constraints import number, usable
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.formats.outcome import FormatError, Notebook
from consult.questionnaire.formats.sketch import Alias, Asked, Choosable, Texts, on_each, piped

_PIPE = re.compile(r"\{\s*#?([^{}\s][^{}]*?)\s*\}")
Json = dict[str, Any]


class Shapes:
    """What stands in every element: texts by language, lists of choices."""

    def __init__(self, file: str, languages: list[str]) -> None:
        self.file, self.languages, self.notebook = file, languages, Notebook()

    def _list(self, place: str, value: Any) -> list[Json]:
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise FormatError(f"{self.file}, {place}", "it is no list of objects", "Mend it.")
        return value

    def texts(self, value: Any) -> Texts:
        """A text that may be in several languages."""
        if value is None or value == "":
            return {}
        if isinstance(value, dict):
            said = {str(k): str(v) for k, v in value.items() if isinstance(v, str | int | float)}
            own = self.languages[0]
            if "default" in said and own != "default":
                unsaid = said.pop("default")
                said.setdefault(own, unsaid)
        else:
            said = {self.languages[0]: str(value)}
        for text in said.values():
            limits.text_length(f"{self.file}, a text", text)
        return on_each(said, lambda text: piped(text, _PIPE))

    def everywhere(self, words: dict[str, str]) -> Texts:
        """A wording of ours, in the form's languages."""
        found = {
            name: words[code] for name in self.languages if (code := name.split("-")[0]) in words
        }
        return found or {self.languages[0]: words["en"]}

    def _unmapped(self, place: str, node: Json, known: frozenset[str]) -> None:
        for key, value in node.items():
            if key in known or value in (None, "", False) or value == [] or value == {}:
                continue
            shown = json.dumps(value, ensure_ascii=False)
            self.notebook.add(
                f"{place}.{key}",
                "it is not carried over",
                f"There is nothing like it here. It says {shown[:120]}.",
            )

    def option(self, place: str, value: Any) -> Choosable:
        """A choice: a text, a number, or an object."""
        if isinstance(value, dict):
            self._unmapped(place, value, frozenset({"value", "text", "isExclusive", "icon"}))
            code = _said(value.get("value"))
            return Choosable(
                code,
                self.texts(value.get("text")) or dict.fromkeys(self.languages, code),
                exclusive=value.get("isExclusive") is True,
            )
        return Choosable(_said(value), dict.fromkeys(self.languages, _said(value)))

    def options(self, place: str, values: Any) -> list[Choosable]:
        """A list of choices, each once."""
        if values is not None and not isinstance(values, list):
            raise FormatError(f"{self.file}, {place}", "it is no list", "Mend it.")
        made: dict[str, Choosable] = {}
        limits.how_many(f"{self.file}, {place}", "options", len(values or []), limits.OPTIONS)
        for index, value in enumerate(values or []):
            option = self.option(f"{place}[{index}]", value)
            if option.name in made:
                raise FormatError(
                    f"{self.file}, {place}[{index}]",
                    f"'{option.name}' stands twice",
                    "Give each its own value.",
                )
            made[option.name] = option
        return list(made.values())


class Types(Shapes):
    """A method for each question type; each returns the questions that one becomes."""

    def choice(self, place: str, of: Json, asked: Asked) -> list[Asked]:
        asked.options = self.options(f"{place}.choices", of.get("choices"))
        if of.get("type") in {"dropdown"}:
            asked.keys["autocomplete"] = True
        for key, ours in (("maxSelectedChoices", "maximum"), ("minSelectedChoices", "minimum")):
            if asked.type == "choices" and isinstance(of.get(key), int) and of[key] > 0:
                asked.keys[ours] = of[key]
        if (
            asked.type == "ranking"
            and of.get("selectToRankEnabled")
            and of.get("maxSelectedChoices")
        ):
            asked.keys["top"] = of["maxSelectedChoices"]
        order = of.get("choicesOrder")
        if order == "random":
            asked.keys["shuffle"] = True
        elif order in {"asc", "desc"}:
            self.notebook.add(
                f"{place}.choicesOrder",
                "options are not sorted",
                "They come in the order they are written.",
            )
        self._special(of, asked)
        return [asked]

    def _special(self, of: Json, asked: Asked) -> None:
        """None, other, don't know, refuse: options that have no entry of their own."""
        taken = {option.name for option in asked.options}
        for keys, code, text, words in _SPECIAL:
            if not any(of.get(key) is True for key in keys) or code in taken:
                continue
            label = self.texts(of.get(text)) or self.everywhere(words)
            option = Choosable(code, label, exclusive=code != "other" and asked.type == "choices")
            if code == "other":
                placeholder = self.texts(of.get("otherPlaceholder") or of.get("otherPlaceHolder"))
                option.words = placeholder
                asked.aliases.append(Alias(f"{asked.name}-Comment", words="other"))
            asked.options.append(option)

    def boolean(self, place: str, of: Json, asked: Asked) -> list[Asked]:
        if of.get("renderAs") == "checkbox":
            asked.type = "consent"
            if label := self.texts(of.get("label")):
                asked.options = [Choosable("yes", label)]
            return [asked]
        for said, code, words in (
            ("True", "true", {"en": "Yes", "cy": "Ie"}),
            ("False", "false", {"en": "No", "cy": "Na"}),
        ):
            key, caption = f"value{said}", f"label{said}"
            name = _said(of[key]) if key in of else code
            asked.options.append(
                Choosable(name, self.texts(of.get(caption)) or self.everywhere(words))
            )
        return [asked]

    def rating(self, place: str, of: Json, asked: Asked) -> list[Asked]:
        values = of.get("rateValues")
        if not values:
            low, high = (
                _number(of.get("rateMin", 1)),
                _number(of.get("rateMax", of.get("rateCount", 5))),
            )
            step = _number(of.get("rateStep", 1))
            if low is None or high is None or not step or not 0 < (high - low) / step <= 100:
                raise FormatError(
                    f"{self.file}, {place}",
                    "its rates are no range",
                    "Mend rateMin, rateMax and rateStep.",
                )
            values = [low + step * n for n in range(int((high - low) / step) + 1)]
        asked.options = self.options(f"{place}.rateValues", values)
        ends = ((0, "minRateDescription"), (-1, "maxRateDescription"))
        for index, key in ends if asked.options else ():
            label = asked.options[index].label
            for language, text in self.texts(of.get(key)).items():
                own = label.get(language, asked.options[index].name)
                label[language] = f"{own} – {text}"
        return [asked]

    def text(self, place: str, of: Json, asked: Asked) -> list[Asked]:
        kind = str(of.get("inputType", "text"))
        if kind in {"number", "range"}:
            asked.type = "number"
            self._numeric(place, of, asked)
        elif kind == "date":
            asked.type = "date"
            self._bounds(place, of, asked, _day)
        elif kind != "text" and asked.type == "short_text":
            self.notebook.add(
                f"{place}.inputType",
                f"'{kind}' is a short text here",
                "Whether it is one is not looked at.",
            )
            self._bounds(place, of, asked, lambda value: None)
        if (
            isinstance(of.get("maxLength"), int)
            and of["maxLength"] > 0
            and asked.type.endswith("text")
        ):
            asked.keys["maximum"] = min(
                of["maxLength"], 1_000 if asked.type == "short_text" else 500_000
            )
        return [asked]

    def _numeric(self, place: str, of: Json, asked: Asked) -> None:
        self._bounds(place, of, asked, _number)
        step = _number(of.get("step"))
        if step is None:
            self.notebook.add(
                f"{place}", "numbers are whole here", "Set 'decimals' if they have any."
            )
        else:
            exponent = Decimal(str(step)).normalize().as_tuple().exponent
            places = max(0, -int(exponent))
            if places:
                asked.keys["decimals"] = min(6, places)
            if Decimal(str(step)) != Decimal(1).scaleb(-places):
                self.notebook.add(
                    f"{place}.step",
                    "it is not carried over",
                    "Any number within the bounds can be given.",
                )

    def _bounds(self, place: str, of: Json, asked: Asked, read_: Callable[[Any], Any]) -> None:
        for key, ours in (("min", "minimum"), ("max", "maximum")):
            if of.get(key) in (None, ""):
                continue
            held = read_(of[key])
            if held is None:
                self.notebook.add(
                    f"{place}.{key}", "it is not carried over", f"It says '{str(of[key])[:80]}'."
                )
            else:
                asked.keys[ours] = held

    def statement(self, place: str, of: Json, asked: Asked) -> list[Asked]:
        asked.body, asked.ask = self.texts(of.get("html")), {}
        return [asked]

    def matrix(self, place: str, of: Json, asked: Asked) -> list[Asked]:
        asked.options = self.options(f"{place}.columns", of.get("columns"))
        asked.rows = self.options(f"{place}.rows", of.get("rows"))
        if not asked.rows:
            asked.type, asked.rows = "scale", []
            return [asked]
        asked.aliases = [Alias(f"{asked.name}.{row.name}", row=row.name) for row in asked.rows]
        if of.get("isAllRowRequired") or of.get("eachRowRequired"):
            asked.keys["required"] = True
        if of.get("rowsOrder") == "random" or of.get("rowOrder") == "random":
            asked.keys["shuffle"] = True
        return [asked]

    def several(self, place: str, of: Json, asked: Asked) -> list[Asked]:
        made = []
        for index, item in enumerate(self._list(f"{place}.items", of.get("items") or [])):
            at = f"{place}.items[{index}]"
            name = str(item.get("name", index + 1))
            part = Asked(at, f"{asked.name}_{name}", "short_text", when=asked.when)
            part.ask = self.texts(item.get("title")) or {self.languages[0]: name}
            part.aliases = [Alias(f"{asked.name}.{name}")]
            if item.get("isRequired") is True or asked.keys.get("required"):
                part.keys["required"] = True
            self.text(at, item, part)
            self._unmapped(at, item, surveyjs_keys.HARMLESS | _TEXT | {"validators"})
            self._validators(at, item, part)
            made.append(part)
        if made:
            made[0].body, made[0].hint = asked.ask, asked.hint
        return made

    def _validators(self, place: str, of: Json, asked: Asked) -> None:
        for index, rule in enumerate(of.get("validators") or []):
            if not isinstance(rule, dict) or not self._validator(rule, asked):
                shown = json.dumps(rule, ensure_ascii=False)[:160]
                self.notebook.add(
                    f"{place}.validators[{index}]",
                    "it is not carried over",
                    f"Any answer of that type is taken. It says {shown}.",
                )

    def _validator(self, rule: Json, asked: Asked) -> bool:
        kind = str(rule.get("type", "")).removesuffix("validator")
        pairs: tuple[tuple[str, Any], ...] = ()
        if kind == "numeric" and asked.type == "number":
            pairs = (("minimum", rule.get("minValue")), ("maximum", rule.get("maxValue")))
        elif kind == "answercount" and asked.type == "choices":
            pairs = (("minimum", rule.get("minCount")), ("maximum", rule.get("maxCount")))
        elif (
            kind == "text"
            and asked.type in {"short_text", "long_text"}
            and not rule.get("minLength")
        ):
            pairs = (("maximum", rule.get("maxLength")),)
        elif kind == "regex" and asked.type == "short_text":
            try:
                asked.keys["pattern"] = usable(str(rule.get("regex", "")))
            except NotUnderstood:
                return False
            return True
        for key, value in pairs:
            if value is not None and (held := _number(value)) is not None:
                asked.keys[key] = held
        return bool(pairs)


_SPECIAL: tuple[tuple[tuple[str, ...], str, str, dict[str, str]], ...] = (
    (("hasOther", "showOtherItem"), "other", "otherText", {"en": "Other", "cy": "Arall"}),
    (
        ("hasNone", "showNoneItem"),
        "none",
        "noneText",
        {"en": "None of these", "cy": "Dim un o’r rhain"},
    ),
    (
        ("showDontKnowItem",),
        "dontknow",
        "dontKnowText",
        {"en": "Don’t know", "cy": "Ddim yn gwybod"},
    ),
    (
        ("showRefuseItem",),
        "refused",
        "refuseText",
        {"en": "Prefer not to say", "cy": "Gwell gen i beidio â dweud"},
    ),
)


_CHOICE = frozenset(
    {key for keys, _, text, _ in _SPECIAL for key in (*keys, text)}
    | {"otherPlaceholder", "otherPlaceHolder", "otherErrorText", "choicesOrder"}
)


_CHOICES = _CHOICE | {"maxSelectedChoices", "minSelectedChoices"}


_TEXT = frozenset({"min", "max", "step", "maxLength"})


_MATRIX = frozenset(
    {"columns", "rows", "isAllRowRequired", "eachRowRequired", "rowsOrder", "rowOrder", "cellType"}
)


_RATING = frozenset(
    {"rateValues", "rateMin", "rateMax", "rateStep", "minRateDescription", "maxRateDescription"}
)


_Make = Callable[[Types, str, Json, Asked], list[Asked]]


TYPES: dict[str, tuple[str, _Make, frozenset[str]]] = {
    "radiogroup": ("choice", Types.choice, _CHOICE),
    "dropdown": ("choice", Types.choice, _CHOICE),
    "checkbox": ("choices", Types.choice, _CHOICES),
    "tagbox": ("choices", Types.choice, _CHOICES),
    "ranking": ("ranking", Types.choice, _CHOICES | {"selectToRankEnabled"}),
    "buttongroup": ("choice", Types.choice, _CHOICE),
    "boolean": ("choice", Types.boolean, frozenset({"label"})),
    "rating": ("scale", Types.rating, _RATING),
    "text": ("short_text", Types.text, _TEXT),
    "comment": ("long_text", Types.text, _TEXT),
    "html": ("statement", Types.statement, frozenset()),
    "matrix": ("grid", Types.matrix, _MATRIX),
    "multipletext": ("several", Types.several, frozenset({"items"})),
}


def _said(value: Any) -> str:
    """A choice's value as a text: 1, true, "a"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        held = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number(held) if held.is_finite() else None


def _day(value: Any) -> str | None:
    found = re.match(r"\d{4}-\d\d-\d\d", str(value))
    return found[0] if found else None
