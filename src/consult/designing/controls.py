"""Fields of the designer's forms: label, value, choices, and what is wrong with each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from consult.designing import fields, labels, merging, tree
from consult.designing.shell import Form, Opened
from consult.designing.tree import Data
from consult.designing.view import identity
from consult.errors import NotFound
from consult.questionnaire.document import Document
from consult.questionnaire.languages import direction
from consult.questionnaire.translation import fingerprint


@dataclass(frozen=True)
class Control:
    """A field ready for its template."""

    name: str
    label: str
    control: str = "text"
    hint: str = ""
    value: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    #: The same text in the first language, for whoever translates.
    original: str = ""
    #: Whether that has changed since it was translated.
    stale: bool = False
    language: str = ""
    direction: str = "ltr"
    size: str = ""

    @property
    def id(self) -> str:
        return identity(self.name)


class Maker:
    """Makes a page's controls from the draft, or from what was typed and could not be kept."""

    def __init__(self, here: Opened, language: str, typed: Form | None = None) -> None:
        self.document: Document = here.draft.document
        self.language = language
        self.first = next(iter(self.document.languages), "en")
        self.typed = typed or {}
        self.errors: dict[str, str] = {}
        for problem in here.problems:
            self.errors.setdefault(problem.field, f"{problem.says}. {problem.mend}")

    def make(
        self,
        name: str,
        label: str,
        control: str = "text",
        hint: str = "",
        choices: Mapping[str, str] | None = None,
        size: str = "",
    ) -> Control:
        """The control for an address."""
        try:
            value = fields.read(self.document, name)
        except NotFound:
            value = ""
        if name in self.typed:
            value = self.typed[name][-1]
        if choices and value not in choices:
            choices = {**choices, value: value}
        return Control(
            name, label, control, hint, value, choices or {}, self.errors.get(name, ""), size=size
        )

    def word(
        self, path: Sequence[str], label: str, control: str = "text", hint: str = "", size: str = ""
    ) -> Control:
        """The control for a wording, with the original beside a translation."""
        made = self.make("/".join(["words", self.language, *path]), label, control, hint, size=size)
        original, stale = "", False
        if self.language != self.first:
            original = str(tree.get(self.document.words.get(self.first, {}), path) or "")
            marks = self.document.words.get(self.language, {}).get("translated")
            mark = tree.get(marks, (".".join(path),))
            stale = bool(made.value and mark and mark != fingerprint(original))
        return replace(
            made,
            original=original,
            stale=stale,
            language=self.language,
            direction=direction(self.language),
        )


# -- a question ------------------------------------------------------------------------------------


def of_question(make: Maker, question: Data) -> dict[str, Any]:
    """The controls of a question's page, in groups."""
    qid, kind = str(question.get("id")), str(question.get("type"))
    word = ("questions", qid)
    wording = []
    if kind == "statement":
        wording = [make.word((*word, "body"), "Text", "lines", "Markdown: **bold**, lists, links")]
    else:
        wording = [
            make.word((*word, "ask"), "Question", "lines", size="2"),
            make.word((*word, "hint"), "Hint", "lines", "A sentence of help below it", "2"),
            make.word((*word, "short"), "Short name", hint="A few words for tables and charts"),
        ]
    return {
        "kind_of_answer": make.make(
            f"question/{qid}/type", "Kind of answer", "select", choices=_kinds()
        ),
        "required": make.make(f"question/{qid}/required", "People must answer this", "checkbox"),
        "wording": wording,
        "more_wording": _more_wording(make, kind, word),
        "own": [_own(make, qid, key) for key in labels.keys_of(kind)],
        "about": _about(make, qid, kind),
        "lists": _lists(make, question, kind),
        "nets": _nets(make, question) if labels.has(kind, "nets") else None,
        "documents": [
            make.word((*word, "documents", str(d.get("id"))), f"Name of document ‘{d.get('id')}’")
            for d in question.get("documents") or []
            if isinstance(d, dict)
        ],
    }


def _kinds() -> dict[str, str]:
    return {kind: name for kind, (name, _) in labels.KINDS.items()}


def _more_wording(make: Maker, kind: str, word: tuple[str, ...]) -> list[Control]:
    if kind == "statement":
        return [make.word((*word, "short"), "Short name")]
    made = [
        make.word((*word, "body"), "Text above the question", "lines", "Markdown"),
        make.word(
            (*word, "unanswered"), "When it is left out",
            hint="Said in place of the answer where another question repeats it",
        ),
    ]  # fmt: skip
    if kind == "number":
        made.append(make.word((*word, "suffix"), "Unit", hint="Shown after the number: miles"))
    if kind == "grid":
        made.append(make.word((*word, "stem"), "Asked of each row", "lines", size="2"))
    return made


def _own(make: Maker, qid: str, key: labels.Key) -> Control:
    return make.make(
        f"question/{qid}/{key.name}", key.label, key.control, key.hint, key.choices, "10"
    )


def _about(make: Maker, qid: str, kind: str) -> list[Control]:
    made = [
        make.make(
            f"question/{qid}/id", "Name", hint="Used in conditions and data. What uses it follows",
            size="20",
        )
    ]  # fmt: skip
    if kind == "statement":
        return made
    directions = {
        "": "Not tracked",
        "up": "Tracked: more is better",
        "down": "Tracked: less is better",
        "hold": "Tracked: it should stay as it is",
    }
    tracked = make.make(
        f"question/{qid}/measure/direction", "From wave to wave", "select",
        "Saved, it asks for baseline and target", choices=directions,
    )  # fmt: skip
    return [
        make.make(
            f"question/{qid}/role", "What it says about the person", "select",
            "Reports break answers down by it", labels.ROLES,
        ),
        tracked,
        *(_measure(make, qid, kind) if tracked.value else []),
        *made,
    ]  # fmt: skip


CAME_BY = {
    "": "Not known", "web": "On the web", "paper": "On paper", "telephone": "By telephone",
    "kiosk": "At a kiosk", "meeting": "At meetings", "letter": "By letter",
}  # fmt: skip


def _measure(make: Maker, qid: str, kind: str) -> list[Control]:
    """What a success measure is held against; a grid's rows have no figure in common."""
    at = f"question/{qid}/measure"
    nets = labels.has(kind, "nets")
    made = [make.make(f"{at}/net", "Net that is tracked", size="20")] if nets else []
    if kind == "grid":
        return [make.make(f"{at}/net", "Net that is tracked", size="20")]
    if not nets and kind not in ("number", "money", "precept_amount"):
        return []
    unit = "In percent: 62 for 62%" if nets else "In the unit of the answers"
    return [
        *made,
        make.make(f"{at}/baseline", "Baseline", hint=unit, size="4"),
        make.make(f"{at}/baseline_when", "When that was", hint="Such as 2010/11", size="20"),
        make.make(
            f"{at}/baseline_error", "Its standard error", size="4",
            hint="If it is known: a change can then be told from chance, in a sample",
        ),
        make.make(f"{at}/baseline_channel", "How it was asked", "select", choices=CAME_BY),
        make.make(f"{at}/reworded", "It was asked in other words", "checkbox"),
        make.make(f"{at}/target", "Target", hint=unit, size="4"),
        make.make(f"{at}/tolerance", "How far from it is still well", size="4",
                  hint="For a measure that should stay as it is"),
    ]  # fmt: skip


FLAG_LABELS = {
    "exclusive": "Stands alone (“none of these”)",
    "words": "Asks for words (“other, please say”)",
    "apart": "Outside the scale (“don’t know”)",
    "fixed": "Keeps its place when the order is of chance",
    "not_in_population": "No population figure for it",
}


def _flags(kind: str, key: str) -> list[str]:
    flags = []
    if key == "options":
        flags += ["exclusive"] if kind == "choices" else []
        flags += ["apart"] if labels.has(kind, "apart") else []
        flags += ["words"] if kind in ("choice", "choices", "scale") else []
    flags += ["fixed"] if labels.has(kind, "shuffle") else []
    return flags + (["not_in_population"] if kind in ("choice", "scale", "postcode") else [])


def _lists(make: Maker, question: Data, kind: str) -> list[dict[str, Any]]:
    """Options and rows: for each its label, code and settings."""
    made = []
    for key in ("rows", "options"):
        if not labels.has(kind, key):
            continue
        made.append(
            {
                "key": key,
                "title": "Rows" if key == "rows" else "Options",
                "one": "row" if key == "rows" else "option",
                "items": [
                    _item(make, question, kind, key, str(option["code"]), option)
                    for option in tree.options_of(question, key)
                ],
            }
        )
    return made


def _item(make: Maker, question: Data, kind: str, key: str, code: str, option: Data) -> Data:
    qid = str(question.get("id"))
    word = ("questions", qid)
    label = make.word((*word, key, code), "Row" if key == "rows" else "Option")
    flags = [
        make.make(f"option/{qid}/{key}/{code}/{flag}", FLAG_LABELS[flag], "checkbox")
        for flag in _flags(kind, key)
    ]
    more = []
    if key == "options":
        more = [make.word((*word, "hints", code), "Hint")]
        if option.get("words"):
            more.append(make.word((*word, "words", code), "What whoever picks it is asked"))
    return {
        "code": code,
        "said": label.value or code,
        "label": label,
        "code_field": make.make(f"option/{qid}/{key}/{code}/code", "Code", size="10"),
        "flags": flags,
        "more": more,
        "open": any(flag.value for flag in flags) or any(m.value or m.original for m in more),
        "set": [FLAG_LABELS[f.name.rsplit("/", 1)[-1]] for f in flags if f.value],
    }


def _nets(make: Maker, question: Data) -> list[dict[str, Any]]:
    qid = str(question.get("id"))
    codes = [str(option["code"]) for option in tree.options_of(question)]
    nets = question.get("nets")
    made = []
    for net, chosen in (nets if isinstance(nets, dict) else {}).items():
        held = chosen if isinstance(chosen, list) else []
        made.append(
            {
                "net": net,
                "label": make.word(("questions", qid, "nets", net), "Name people read"),
                "field": f"net/{qid}/{net}/codes",
                "codes": [
                    {"value": code, "text": _said(make, qid, code), "checked": code in held}
                    for code in codes
                ],
            }
        )
    return made


def _said(make: Maker, qid: str, code: str) -> str:
    for language in (make.language, make.first):
        said = tree.get(make.document.words.get(language, {}), ("questions", qid, "options", code))
        if said:
            return str(said)
    return code


def earlier(document: Document, key: str) -> list[tuple[str, str]]:
    """Questions asked before a question or page: those a condition may look at."""
    try:
        number = tree.page_number(document, key)
    except NotFound:
        number = tree.spot_of(document, key).page
    before = {str(spot.data.get("id")) for spot in tree.spots(document) if spot.page < number}
    return [(qid, said) for qid, said in merging.names_of(document) if qid in before]
