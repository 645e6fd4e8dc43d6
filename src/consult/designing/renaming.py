"""A question or page under another name, and everything that speaks of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from consult.designing import tree
from consult.designing.condition import renamed
from consult.designing.edits import Edit
from consult.designing.tree import Data
from consult.errors import ConsultError
from consult.questionnaire.checks import TAKEN
from consult.questionnaire.conditions import RESERVED
from consult.questionnaire.document import Document
from consult.questionnaire.wording import PIPE


def rename(document: Document, old: str, new: str) -> Edit:
    """A question or page under another name; what speaks of it follows."""
    if new == old:
        return Edit(document, "", old)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", new):
        raise ConsultError(
            f"‘{new}’ cannot be a name. Use small letters, digits and _, and begin with a letter."
        )
    if new in TAKEN | RESERVED:
        raise ConsultError(f"‘{new}’ means something else in conditions and data. Choose another.")
    if new in tree.ids(document):
        raise ConsultError(f"There is a ‘{new}’ already. Give each a name of its own.")
    made = tree.with_pages(
        document, [_renamed(entry, old, new) for entry in tree.entries(document)]
    )
    made = tree.with_words(made, lambda words: _words_renamed(words, old, new))
    return Edit(_settings_renamed(made, old, new), f"‘{old}’ renamed ‘{new}’", new)


def _renamed(data: Data, old: str, new: str) -> Data:
    made = dict(data)
    if made.get("id") == old:
        made["id"] = new
    if isinstance(made.get("when"), str):
        made["when"] = renamed(made["when"], old, new)
    if isinstance(made.get("questions"), list):
        made["questions"] = [_renamed(question, old, new) for question in tree.inner(made)]
    return made


def _settings_renamed(document: Document, old: str, new: str) -> Document:
    definition = dict(document.definition)
    if definition.get("headline") == old:
        definition["headline"] = new
    if tree.get(definition, ("precept", "band")) == old:
        definition = tree.put(definition, ("precept", "band"), new)
    quotas = definition.get("quotas")
    if isinstance(quotas, list):
        definition["quotas"] = [_renamed(q, "", "") | _when(q, old, new) for q in quotas]
    lines = document.population.split("\n")
    margins = re.compile(rf"(^|(?<=\*)){re.escape(old)}(?=[*,])")
    lines = [_margin_renamed(margins, line, new) for line in lines]
    return replace(document, definition=definition, population="\n".join(lines))


def _when(quota: Data, old: str, new: str) -> Data:
    return {"when": renamed(str(quota["when"]), old, new)} if "when" in quota else {}


def _margin_renamed(margin: re.Pattern[str], line: str, new: str) -> str:
    name, comma, rest = line.partition(",")
    return margin.sub(new, name + comma) + rest


def _words_renamed(words: Data, old: str, new: str) -> Data:
    for group in ("questions", "pages"):
        held = words.get(group)
        if isinstance(held, dict) and old in held:
            words[group] = {new if name == old else name: v for name, v in held.items()}
        marks = words.get("translated")
        if isinstance(marks, dict):
            before, after = f"{group}.{old}", f"{group}.{new}"
            words["translated"] = {_moved(key, before, after): v for key, v in marks.items()}
    return dict(_texts_changed(words, lambda text: PIPE.sub(lambda m: _pipe(m, old, new), text)))


def _moved(key: str, before: str, after: str) -> str:
    return after + key.removeprefix(before) if f"{key}.".startswith(f"{before}.") else key


def _pipe(match: re.Match[str], old: str, new: str) -> str:
    head, dot, rest = match[1].partition(".")
    return "{" + new + dot + rest + "}" if head == old else match[0]


def _texts_changed(data: Any, change: Callable[[str], str]) -> Any:
    if isinstance(data, dict):
        return {key: _texts_changed(value, change) for key, value in data.items()}
    if isinstance(data, list):
        return [_texts_changed(value, change) for value in data]
    return change(data) if isinstance(data, str) else data
