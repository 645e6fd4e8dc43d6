"""XLSForm's words: question types, columns, settings, and what of them means nothing here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

#: Rows of ours that hold a survey's own texts, and a question's text above it.
OURS = r"consult_(?:(?P<text>summary|thanks|contact)|body_(?P<body>\w+))"

#: Groups of ours whose own name a question has too.
GROUPS = re.compile(r"consult_(?:page|section)_(?=.)")

HARMLESS_COLUMNS = frozenset({"type", "name", "disabled", "required_message_unused"})
HARMLESS_SHEETS = frozenset({"survey", "choices", "choice", "settings"})
HARMLESS_SETTINGS = frozenset(
    {"form_title", "title", "form_id", "id_string", "version", "default_language", "style"}
    | {"allow_choice_duplicates", "name", "omit_instanceid", "prefix", "delimiter"}
)
METADATA = frozenset(
    {"start", "end", "today", "deviceid", "device_id", "username", "simserial", "subscriberid"}
    | {"phonenumber", "phone_number", "email", "audit", "start-geopoint", "start_geopoint"}
    | {"background-audio", "imei", "sim_id", "subscriber_id", "uri:deviceid"}
)
_COLUMNS = {
    "relevance": "relevant",
    "bind::relevant": "relevant",
    "list name": "list_name",
    "list": "list_name",
    "value": "name",
    "caption": "label",
    "appearance": "appearance",
    "control::appearance": "appearance",
    "command": "type",
    "tag": "name",
    "read_only": "readonly",
    "constraint message": "constraint_message",
    "required message": "required_message",
    "bind::required": "required",
    "bind::constraint": "constraint",
    "choice filter": "choice_filter",
}
_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "integer": ("number", {}),
    "int": ("number", {}),
    "decimal": ("number", {"decimals": 2}),
    "range": ("number", {}),
    "text": ("short_text", {}),
    "string": ("short_text", {}),
    "date": ("date", {}),
    "note": ("statement", {}),
    "acknowledge": ("consent", {}),
    "trigger": ("consent", {}),
}
_ALIASES = {
    "q string": "text", "q text": "text", "add note prompt": "note", "add date prompt": "date",
    "add text prompt": "text", "add integer prompt": "integer", "add decimal prompt": "decimal",
    "q date": "date", "q int": "integer", "q decimal": "decimal",
}  # fmt: skip
_LISTED = re.compile(
    r"(?:add )?(?P<kind>select[_ ]?one|select1|select[_ ]multiple|select[_ ]all[_ ]that[_ ]apply"
    r"|select|rank)(?: prompt)?(?:[_ ](?:from|using))? (?P<list>\S+)"
    r"(?P<other> (?:or[_ ]other|or specify other))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Typed:
    """A cell of the column ``type``: our type, None where there is none like it."""

    word: str
    ours: str | None
    keys: dict[str, Any] = field(default_factory=dict)
    list: str | None = None
    or_other: bool = False


def typed(cell: str) -> Typed:
    """What a cell of the column ``type`` says."""
    found = _LISTED.fullmatch(cell)
    if found and not found["kind"].lower().endswith("file"):
        kind = found["kind"].lower()
        ours = (
            "ranking"
            if kind == "rank"
            else "choice"
            if "one" in kind or kind == "select1"
            else "choices"
        )
        return Typed(kind, ours, {}, found["list"], bool(found["other"]))
    word = _ALIASES.get(cell.lower(), cell.lower())
    ours_, keys = _TYPES.get(word, (None, {}))
    return Typed(word, ours_, dict(keys))


def canonical_column(heading: str) -> str:
    """A column's name as XLSForm's reference has it."""
    name = re.sub(r"\s+", " ", heading).strip().lower()
    return _COLUMNS.get(name, name.replace(" ", "_") if name != "list name" else "list_name")


def parameters(cell: str) -> dict[str, str]:
    """``randomize=true seed=1`` by key; commas and semicolons part them too."""
    found = re.findall(r"([\w-]+)\s*=\s*([^\s,;]+)", cell)
    return {key.lower(): value for key, value in found}
