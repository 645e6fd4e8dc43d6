"""Options of a question and rows of a grid: adding, pasting, renaming, and what follows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from consult.designing import tree
from consult.designing.condition import option_renamed
from consult.designing.edits import Edit, spoken, with_word
from consult.designing.tree import Data
from consult.errors import ConsultError
from consult.questionnaire import maxdiff
from consult.questionnaire.answers.choice import CODE
from consult.questionnaire.document import Document

#: Options that could be meant by a question: more is a slip of the clipboard.
MOST = 2_000
MOST_SETS = 100
#: Lists of a question whose entries are options, with what an entry is called.
LISTS = {"options": "option", "rows": "row"}


def add(document: Document, qid: str, key: str, label: str, language: str) -> Edit:
    """One more option at the end; before those that stand apart or alone."""
    return paste(document, qid, key, label, language)


def paste(
    document: Document, qid: str, key: str, text: str, language: str, *, anew: bool = False
) -> Edit:
    """Options from a spreadsheet: a line each, or code, label and hint between tabs.

    ``anew`` replaces those there are; one whose code or label is the same keeps its settings.
    """
    question = tree.question_of(document, qid)
    before = tree.options_of(question, key)
    labels: Data = tree.get(document.words.get(language, {}), ("questions", qid, key)) or {}
    known = {str(label): code for code, label in labels.items()}
    by_code = {str(option["code"]): option for option in before}
    options = [] if anew else list(before)
    taken = {str(option["code"]) for option in options}
    made = document
    lines = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
    if len(lines) + len(options) > MOST:
        raise ConsultError(f"That would be more than {MOST:,} options.")
    for line in lines:
        code, label, hint = _cells(line)
        code = code or (known.get(label, "") if known.get(label) not in taken else "")
        code = code or tree.name_from(label, taken, "option", letter=False)
        if not re.fullmatch(CODE, code):
            raise ConsultError(
                f"‘{code}’ cannot be a code. Use small letters, digits, _ and - in column one."
            )
        if code in taken:
            raise ConsultError(f"The code ‘{code}’ stands twice. Give each option its own.")
        taken.add(code)
        options.append(by_code.get(code, {"code": code}))
        made = with_word(made, language, ("questions", qid, key, code), label or code)
        if hint:
            made = with_word(made, language, ("questions", qid, "hints", code), hint)
    if anew:
        for code in set(by_code) - taken:
            made = _without(made, qid, key, code)
    made = _with(made, qid, key, options)
    many = (
        f"{len(lines)} {LISTS[key]}s" if len(lines) != 1 else f"{LISTS[key]} ‘{lines[0].strip()}’"
    )
    return Edit(made, f"{many} added to {spoken(document, qid)}", qid)


def _cells(line: str) -> tuple[str, str, str]:
    """Code, label and hint of a pasted line; one without tabs or bars is a label."""
    # In a form the tab key leads on, so whoever types writes bars.
    cells = [cell.strip() for cell in line.split("\t" if "\t" in line else " | ")]
    if len(cells) == 1:
        return "", cells[0], ""
    return cells[0], cells[1] or cells[0], cells[2] if len(cells) > 2 else ""


def _with(document: Document, qid: str, key: str, options: list[Data]) -> Document:
    question = tree.question_of(document, qid)
    return tree.with_question(document, qid, {**question, key: tree.short(options)})


def _without(document: Document, qid: str, key: str, code: str) -> Document:
    """Without an option: its wording, and its place among those apart and in nets."""
    question = dict(tree.question_of(document, qid))
    options = [o for o in tree.options_of(question, key) if o["code"] != code]
    made = _with(document, qid, key, options)
    if key == "options":
        made = tree.with_question(made, qid, _codes(tree.question_of(made, qid), code, None))
    groups = ("options", "hints", "words") if key == "options" else ("rows",)

    def change(words: Data) -> Data:
        for group in groups:
            if tree.get(words, ("questions", qid, group, code)) is not None:
                words = tree.put(words, ("questions", qid, group, code), None)
        return words

    return tree.with_words(made, change)


def _codes(question: Data, old: str, new: str | None) -> Data:
    """A question whose lists of codes say ``new`` for ``old``, or nothing."""
    made = dict(question)

    def changed(codes: Any) -> list[Any]:
        return [new if code == old else code for code in codes if code != old or new is not None]

    if isinstance(made.get("apart"), list):
        made["apart"] = changed(made["apart"])
        if not made["apart"]:
            del made["apart"]
    if isinstance(made.get("nets"), dict):
        nets = made["nets"].items()
        made["nets"] = {n: changed(c) if isinstance(c, list) else c for n, c in nets}
    if isinstance(made.get("design"), list):
        made["design"] = [changed(c) if isinstance(c, list) else c for c in made["design"]]
    return made


def remove(document: Document, qid: str, key: str, code: str) -> Edit:
    """Without an option."""
    said = _label(document, qid, key, code)
    summary = f"{LISTS[key].capitalize()} ‘{said}’ of {spoken(document, qid)} removed"
    return Edit(_without(document, qid, key, code), summary, qid)


def move(document: Document, qid: str, key: str, code: str, by: int) -> Edit:
    """An option moved up (-1) or down (+1)."""
    options = tree.options_of(tree.question_of(document, qid), key)
    place = next((n for n, o in enumerate(options) if o["code"] == code), None)
    if place is not None:
        to = min(max(place + by, 0), len(options) - 1)
        options.insert(to, options.pop(place))
    said = _label(document, qid, key, code)
    summary = f"{LISTS[key].capitalize()} ‘{said}’ of {spoken(document, qid)} moved"
    return Edit(_with(document, qid, key, options), summary, qid)


def rename(document: Document, qid: str, key: str, old: str, new: str) -> Edit:
    """An option under another code; wording, nets, conditions and population follow."""
    question = tree.question_of(document, qid)
    options = tree.options_of(question, key)
    if not re.fullmatch(CODE, new):
        raise ConsultError(f"‘{new}’ cannot be a code. Use small letters, digits, _ and -.")
    if any(option["code"] == new for option in options):
        raise ConsultError(f"There is an option ‘{new}’ already. Give each its own code.")
    options = [{**option, "code": new} if option["code"] == old else option for option in options]
    made = _with(document, qid, key, options)
    groups = ("options", "hints", "words") if key == "options" else ("rows",)

    def change(words: Data) -> Data:
        for group in groups:
            held = tree.get(words, ("questions", qid, group))
            if isinstance(held, dict) and old in held:
                held = {new if code == old else code: text for code, text in held.items()}
                words = tree.put(words, ("questions", qid, group), held)
        return words

    made = tree.with_words(made, change)
    if key == "options":
        made = tree.with_question(made, qid, _codes(tree.question_of(made, qid), old, new))
        made = tree.with_pages(made, [_conditions(e, qid, old, new) for e in tree.entries(made)])
        made = replace(made, population=_category(made.population, qid, old, new))
    return Edit(made, f"Code ‘{old}’ of {spoken(document, qid)} is now ‘{new}’", qid)


def _conditions(data: Data, qid: str, old: str, new: str) -> Data:
    made = dict(data)
    if isinstance(made.get("when"), str):
        made["when"] = option_renamed(made["when"], qid, old, new)
    if isinstance(made.get("questions"), list):
        made["questions"] = [_conditions(q, qid, old, new) for q in tree.inner(made)]
    return made


def _category(population: str, qid: str, old: str, new: str) -> str:
    lines = population.split("\n")
    for number, line in enumerate(lines):
        cells = line.split(",")
        names = cells[0].split("*")
        if len(cells) > 1 and qid in names:
            codes = cells[1].split("*")
            if len(codes) == len(names) and codes[names.index(qid)] == old:
                codes[names.index(qid)] = new
                lines[number] = ",".join([cells[0], "*".join(codes), *cells[2:]])
    return "\n".join(lines)


def _label(document: Document, qid: str, key: str, code: str) -> str:
    for language in document.languages:
        said = tree.get(document.words.get(language, {}), ("questions", qid, key, code))
        if said:
            return str(said)
    return code


def make_sets(document: Document, qid: str) -> Edit:
    """A balanced design for best and worst of a few at a time. Raises ConsultError."""
    question = tree.question_of(document, qid)
    codes = [str(option["code"]) for option in tree.options_of(question)]
    size = question.get("size", 4)
    if not isinstance(size, int) or not 2 <= size <= len(codes):
        raise ConsultError("There must be at least as many options as a set holds.")
    sets = question.get("sets") or maxdiff.wanted_sets(len(codes), size)
    if not isinstance(sets, int) or sets > MOST_SETS or len(codes) > MOST_SETS:
        raise ConsultError(f"That would be more than {MOST_SETS} sets: too many to ask of anybody.")
    try:
        design = maxdiff.design(codes, size, sets)
    except ValueError as error:
        raise ConsultError(f"The sets cannot be made: {error}.") from None
    made = tree.with_question(document, qid, {**question, "design": design})
    return Edit(made, f"{len(design)} sets made for {spoken(document, qid)}", qid)


def add_net(document: Document, qid: str, label: str, language: str) -> Edit:
    """A net without codes yet; ``label`` may begin with its name and a bar."""
    name, _, said = label.rpartition(" | ")
    label = said.strip()
    question = tree.question_of(document, qid)
    nets = question.get("nets")
    taken = set(nets) if isinstance(nets, dict) else set()
    net = tree.name_from(name or label, taken, "net")
    made = tree.with_question(document, qid, {**question, "nets": {**(nets or {}), net: []}})
    made = with_word(made, language, ("questions", qid, "nets", net), label)
    return Edit(made, f"Net ‘{label}’ added to {spoken(document, qid)}", qid)


def remove_net(document: Document, qid: str, net: str) -> Edit:
    """Without a net."""
    question = tree.put(tree.question_of(document, qid), ("nets", net), None)
    made = tree.with_question(document, qid, question)

    def change(words: Data) -> Data:
        if tree.get(words, ("questions", qid, "nets", net)) is None:
            return words
        changed: Data = tree.put(words, ("questions", qid, "nets", net), None)
        return changed

    return Edit(tree.with_words(made, change), f"Net ‘{net}’ removed", qid)
