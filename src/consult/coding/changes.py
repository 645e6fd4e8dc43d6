"""What a form of the frame's pages does to a code frame, and how the history tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from consult.coding.frame import Code, Frame
from consult.coding.model import candidate
from consult.errors import ConsultError

Form = Mapping[str, list[str]]
Themes = Sequence[Mapping[str, Any]]
Changed = tuple[Frame, str]
#: What the machine did not make a theme of.
APART = frozenset({"other", "unprocessed"})


def candidates(themes: Themes) -> list[Mapping[str, Any]]:
    """The themes that people may make codes of."""
    return [theme for theme in themes if theme["id"] not in APART]


def changed(frame: Frame, form: Form, themes: Themes) -> Changed:
    """The frame that a form makes of one, and what was done, in words. Raises ConsultError."""
    act = first(form, "act")
    if act not in _ACTS:
        raise ConsultError("Press one of the page's buttons.")
    return _ACTS[act](frame, form, themes)


def started(frame: Frame, codes: Sequence[Code], source: str) -> Changed:
    """The frame with another's codes. Raises ConsultError."""
    made = frame.start(codes)
    return made, f"Started from {source}: {counted(len(made.codes) - len(frame.codes))} added"


def first(form: Form, name: str) -> str:
    """The first text of a field, without spaces around it."""
    return next(iter(form.get(name, [])), "").strip()


def counted(codes: int) -> str:
    """How many codes, in words."""
    return "1 code" if codes == 1 else f"{codes} codes"


def _take(frame: Frame, form: Form, themes: Themes) -> Changed:
    """Candidates as codes, each with its group as the code it is part of, where that is asked."""
    chosen = [t for t in candidates(themes) if t["id"] in form.get("theme", [])]
    if not chosen:
        raise ConsultError("Choose one or more candidates.")
    made = frame.take(
        [
            Code(t["id"], t["label"], described(t), candidates=(candidate(t["reading"], t["id"]),))
            for t in chosen
        ]
    )
    added = len(made.codes) - len(frame.codes)
    if not added:
        raise ConsultError("The frame has codes of these names already.")
    named = ", ".join(f"“{code.name}”" for code in made.codes[-added:][:3])
    more = f" and {added - 3} more" if added > 3 else ""
    return made, f"Took {named}{more} from the candidates"


def described(theme: Mapping[str, Any]) -> str:
    """A candidate's description, from which the machine learns too."""
    words = f"Words: {', '.join(theme['keywords'])}."
    said = str(theme.get("description") or "")
    return said if len(said) > len(words) else words


def _add(frame: Frame, form: Form, themes: Themes) -> Changed:
    parent = first(form, "parent") or None
    made = frame.add(first(form, "name"), first(form, "description"), parent)
    return made, f"Added “{made.codes[-1].name}”"


def _rename(frame: Frame, form: Form, themes: Themes) -> Changed:
    code = frame.find(first(form, "code"))
    made = frame.rename(code.id, first(form, "name"), first(form, "description"))
    now = made.find(code.id)
    if now == code:
        raise ConsultError("Nothing was changed.")
    if now.name == code.name:
        return made, f"Described “{code.name}” anew"
    return made, f"Renamed “{code.name}” to “{now.name}”"


def _move(frame: Frame, form: Form, themes: Themes) -> Changed:
    code, parent = frame.find(first(form, "code")), first(form, "parent") or None
    made = frame.move(code.id, parent)
    where = f"under “{frame.find(parent).name}”" if parent else "to the first level"
    return made, f"Moved “{code.name}” {where}"


def _merge(frame: Frame, form: Form, themes: Themes) -> Changed:
    chosen = [frame.find(code) for code in dict.fromkeys(form.get("code", []))]
    made = frame.merge([code.id for code in chosen], first(form, "name"))
    named = " and ".join(f"“{code.name}”" for code in chosen)
    return made, f"Merged {named} into “{made.find(chosen[0].id).name}”"


def _split(frame: Frame, form: Form, themes: Themes) -> Changed:
    code = frame.find(first(form, "code"))
    made = frame.split(code.id, form.get("parts", [""])[0].splitlines())
    return made, f"Split “{code.name}” into {counted(len(made.codes) - len(frame.codes))}"


def _delete(frame: Frame, form: Form, themes: Themes) -> Changed:
    code = frame.find(first(form, "code"))
    return frame.delete(code.id), f"Deleted “{code.name}”"


_ACTS: dict[str, Callable[[Frame, Form, Themes], Changed]] = {
    "take": _take,
    "add": _add,
    "rename": _rename,
    "move": _move,
    "merge": _merge,
    "split": _split,
    "delete": _delete,
}
