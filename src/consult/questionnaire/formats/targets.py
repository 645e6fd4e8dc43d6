"""The names of a form's questions and options here, and what its own names stand for."""

from __future__ import annotations

from dataclasses import dataclass, field

from consult.questionnaire.formats import naming
from consult.questionnaire.formats.expression import NotUnderstood
from consult.questionnaire.formats.meaning import Kind, Target
from consult.questionnaire.formats.outcome import Notebook
from consult.questionnaire.formats.sketch import Asked, Form, Sheet

_KINDS: dict[str, Kind] = {
    "choice": "one", "scale": "one", "consent": "one", "tax_band": "one", "postcode": "one",
    "choices": "several", "ranking": "several", "points": "several",
    "date": "date", "short_text": "text", "long_text": "text", "money": "double",
}  # fmt: skip


_UNANSWERABLE = frozenset({"statement", "grid", "best_worst"})


@dataclass
class Placed:
    """A question under its new name, and the page it stands on (from 0)."""

    asked: Asked
    id: str
    codes: dict[str, str]
    rows: dict[str, str]
    page: int = -1
    when: str | None = None


@dataclass
class Names:
    """What is called what; the first step of making a form one of ours."""

    form: Form
    file: str
    notebook: Notebook
    targets: dict[str, Target | None] = field(default_factory=dict)
    placed: dict[int, Placed] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)

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
                placed = Placed(asked, qid, codes, rows)
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

    def _renamed_options(self, placed: Placed) -> None:
        both = {**placed.codes, **placed.rows}
        changed = [f"{name} is {code}" for name, code in both.items() if name != code]
        if changed:
            shown = ", ".join(changed[:20]) + (" …" if len(changed) > 20 else "")
            self.notebook.add(
                placed.asked.place,
                f"options of '{placed.id}' have new codes: {shown}",
                "Codes here are small letters, digits, _ and -.",
            )

    def _add_targets(self, placed: Placed) -> None:
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

    def _question(self, target: str) -> str:
        """The written question that a target is a part of."""
        if not self._owners:
            for placed in self.placed.values():
                self._owners[placed.id] = placed.id
                parts = [*placed.rows.values(), *placed.codes.values()]
                for part in parts:
                    beside = f"{placed.id}_{part.replace('-', '_')}"[: naming.LONGEST]
                    self._owners.setdefault(beside, placed.id)
        return self._owners.get(target, target)
