"""What differs between two documents, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from consult.designing import labels, tree
from consult.designing.edits import spoken
from consult.designing.merging import CALLED
from consult.questionnaire.document import Document
from consult.questionnaire.languages import name as language_name

MOST = 200


def differences(before: Document, after: Document) -> list[str]:
    """What changed, a sentence each."""
    found: list[str] = []
    for sentence in _all(before, after):
        if len(found) == MOST:
            return [*found, "… and more"]
        found.append(sentence)
    return found


def _all(before: Document, after: Document) -> Iterator[str]:
    old = {str(s.data.get("id")): s.data for s in tree.spots(before)}
    new = {str(s.data.get("id")): s.data for s in tree.spots(after)}
    yield from (f"Question {spoken(before, qid)} deleted" for qid in old if qid not in new)
    yield from (f"Question {spoken(after, qid)} added" for qid in new if qid not in old)
    kept = [qid for qid in new if qid in old]
    if kept != [qid for qid in old if qid in new]:
        yield "Questions are in another order"
    for qid in kept:
        yield from _question(after, old[qid], new[qid], qid)
    yield from _pages(before, after)
    for key in sorted({*before.definition, *after.definition} - {"pages"}):
        if before.definition.get(key) != after.definition.get(key):
            yield f"Setting ‘{CALLED.get(key, key.replace('_', ' '))}’ changed"
    for language in before.words:
        if language not in after.words:
            yield f"{language_name(language)} taken away"
    for language in after.words:
        if language not in before.words:
            yield f"{language_name(language)} added"
        else:
            yield from _words(before, after, language, set(kept))
    if before.population != after.population:
        yield "Population figures changed"


def _question(after: Document, old: tree.Data, new: tree.Data, qid: str) -> Iterator[str]:
    said = spoken(after, qid)
    for key in ("options", "rows"):
        one = {str(o["code"]): o for o in tree.options_of(old, key)}
        other = {str(o["code"]): o for o in tree.options_of(new, key)}
        what = "Option" if key == "options" else "Row"
        yield from (f"{what} ‘{c}’ of {said} removed" for c in one if c not in other)
        yield from (f"{what} ‘{c}’ added to {said}" for c in other if c not in one)
        common = [code for code in one if code in other]
        if common != [code for code in other if code in one]:
            yield f"The {key} of {said} are in another order"
        yield from (
            f"{what} ‘{c}’ of {said} has other settings" for c in common if one[c] != other[c]
        )
    for key in sorted({*old, *new} - {"id", "options", "rows"}):
        if old.get(key) != new.get(key):
            was, now = _told(key, old.get(key)), _told(key, new.get(key))
            yield f"{said}: {CALLED.get(key, key.replace('_', ' '))} {now} (was {was})"


def _told(key: str, value: Any) -> str:
    if value in (None, False, ""):
        return "not set"
    if key == "type":
        return labels.KINDS.get(str(value), (str(value), ""))[0].lower()
    return "set" if value is True else f"‘{value}’"


def _pages(before: Document, after: Document) -> Iterator[str]:
    def several(document: Document) -> dict[str, tree.Data]:
        entries = tree.entries(document)
        return {tree.key_of(entry): entry for entry in entries if not tree.alone(entry)}

    old, new = several(before), several(after)
    yield from (
        f"Page {spoken(before, key)} taken apart or deleted" for key in old if key not in new
    )
    yield from (f"Page {spoken(after, key)} added" for key in new if key not in old)
    for key in (k for k in new if k in old):
        for name in sorted({*old[key], *new[key]} - {"questions", "id"}):
            if old[key].get(name) != new[key].get(name):
                yield f"Page {spoken(after, key)}: {CALLED.get(name, name)} changed"


def _words(before: Document, after: Document, language: str, kept: set[str]) -> Iterator[str]:
    old, new = before.words[language], after.words[language]
    where = f" ({language_name(language)})" if len(after.words) > 1 else ""
    for key in sorted({*old, *new} - {"questions", "translated"}):
        if old.get(key) != new.get(key):
            yield f"{CALLED.get(key, key).capitalize()} worded anew{where}"
    for qid in sorted(kept):
        one = tree.get(old, ("questions", qid)) or {}
        other = tree.get(new, ("questions", qid)) or {}
        for key in sorted({*one, *other}):
            if one.get(key) != other.get(key):
                yield f"{spoken(after, qid)}: {CALLED.get(key, key)} worded anew{where}"
