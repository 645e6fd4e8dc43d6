"""The form that builds a condition: from its text to lines to choose in, and back."""

from __future__ import annotations

import re
from typing import Any

from consult.designing import condition, labels, tree
from consult.designing.condition import JOINS, SAYS, Group, Join, Line, Op
from consult.designing.controls import earlier
from consult.designing.merging import names_of
from consult.designing.shell import Form
from consult.designing.view import option_label
from consult.errors import ConsultError, NotFound
from consult.questionnaire.document import Document

_TESTS: tuple[Op, ...] = ("answered", "unanswered")
_NUMBERS: tuple[Op, ...] = ("eq", "ne", "gt", "ge", "lt", "le")
#: What an answer of a kind can be compared by; several ticked options make "is" a list.
OPS: dict[str, tuple[Op, ...]] = {
    "options": ("is", "is_not", *_TESTS),
    "list": ("has", "has_not", *_TESTS),
    "number": (*_NUMBERS, *_TESTS),
    "date": ("is", "before", "after", *_TESTS),
    "text": ("contains", "contains_not", *_TESTS),
}
_KINDS = {
    "choices": "list", "number": "number", "money": "number", "precept_amount": "number",
    "date": "date", "short_text": "text", "long_text": "text", "ranking": "list",
}  # fmt: skip
#: Told in a select without what they compare with.
OP_NAMES: dict[Op, str] = {
    op: said.replace(" {0}", "").replace("{0} ", "") for op, said in SAYS.items()
}
OP_NAMES |= {
    "is": "is",
    "is_not": "is not",
    "ge": "is at least",
    "le": "is at most",
    "eq": "is",
    "ne": "is not",
}


def kind_of(question: dict[str, Any]) -> str:
    """How a question's answers are compared."""
    kind = str(question.get("type"))
    return _KINDS.get(kind, "options" if labels.has(kind, "options") else "text")


def shown(document: Document, key: str, text: str) -> dict[str, Any]:
    """What the builder's template needs; without lines where only the text can show it."""
    group = condition.read(text) if text else Group("all", ())
    items = group.items if group else ()
    return {
        "text": text,
        "lines": group is not None,
        "join": group.join if group else "all",
        "rows": [_item(document, item, str(n)) for n, item in enumerate(items)],
        "joins": JOINS,
        "questions": earlier(document, key),
    }  # fmt: skip


def _item(document: Document, item: Line | Group, number: str) -> dict[str, Any]:
    if isinstance(item, Group):
        inner = [_item(document, one, f"{number}.{n}") for n, one in enumerate(item.items)]
        return {"number": number, "join": item.join, "rows": inner}
    try:
        question = tree.question_of(document, item.question)
        kind = kind_of(question)
    except NotFound:
        question, kind = {}, "text"
    # One value or several are chosen in the same boxes.
    one: dict[Op, Op] = {"one_of": "is", "none_of": "is_not"}
    op = one.get(item.op, item.op)
    ops = OPS[kind] if op in OPS[kind] else (op, *OPS[kind])
    codes = [str(option["code"]) for option in tree.options_of(question)]
    codes += [value for value in item.values if value not in codes and kind in ("options", "list")]
    return {
        "number": number,
        "question": item.question,
        "asked": _asked(document, item.question),
        "op": op,
        "ops": [(name, OP_NAMES[name]) for name in ops],
        "one": kind == "list",
        "options": [
            (code, option_label(document, item.question, code), code in item.values)
            for code in codes
        ]
        if kind in ("options", "list")
        else [],
        "value": " ".join(item.values),
    }


def _asked(document: Document, qid: str) -> str:
    return dict(names_of(document)).get(qid, f"‘{qid}’")


def text_of_form(document: Document, form: Form, before: str) -> str:
    """The condition that the builder's form says; ``before`` where it says the same.

    A button of the form adds a line or a group, or takes one away. Raises ConsultError.
    """
    if "when.text" in form:
        return form["when.text"][0].strip()
    act, _, where = form.get("act", [""])[0].partition(":")
    group = _group(document, form, "", where if act == "when-remove" else None)
    if act == "when-add":
        group = _added(document, form, group, where)
    made = condition.text_of(group)
    old = condition.read(before) if before else Group("all", ())
    return before if old is not None and condition.text_of(old) == made else made


def _group(document: Document, form: Form, prefix: str, removed: str | None) -> Group:
    join = form.get(f"when.{prefix}join", ["all"])[0]
    if join not in JOINS:
        raise ConsultError("Choose how the lines are joined.")
    pattern = re.compile(rf"when\.({re.escape(prefix)}\d+)\.(question|join)")
    numbers = {match[1] for name in form if (match := pattern.fullmatch(name))}
    items: list[Line | Group] = []
    for number in sorted(numbers, key=lambda n: int(n.rsplit(".", 1)[-1])):
        if number == removed:
            continue
        if f"when.{number}.question" in form:
            items.append(_line(document, form, number))
        else:
            inner = _group(document, form, f"{number}.", removed)
            if inner.items:
                items.append(inner)
    return Group(_join(join), tuple(items))


def _join(text: str) -> Join:
    return next(join for join in JOINS if join == text)


def _line(document: Document, form: Form, number: str) -> Line:
    qid = form[f"when.{number}.question"][0]
    op = next((o for o in SAYS if o == form.get(f"when.{number}.op", [""])[0]), None)
    values = tuple(v.strip() for v in form.get(f"when.{number}.value", []) if v.strip())
    if op is None:
        raise ConsultError("Choose how the answer is compared.")
    if op in _TESTS:
        return Line(qid, op)
    if not values:
        raise ConsultError(f"Choose an answer to {_asked(document, qid)}.")
    if op in _NUMBERS:
        if not condition.NUMBER.fullmatch(values[0]) or not values[0].isascii():
            raise ConsultError(f"Write a number to compare {_asked(document, qid)} with.")
        return Line(qid, op, values[:1])
    if op in ("is", "is_not") and len(values) > 1:
        return Line(qid, "one_of" if op == "is" else "none_of", values)
    return Line(qid, op, values[:1])


def _added(document: Document, form: Form, group: Group, where: str) -> Group:
    """A new line with a comparison that can be made at once, or a group that holds one."""
    chooser = "when.new" if where in ("", "group") else f"when.{where}.new"
    qid = form.get(chooser, [""])[0]
    if not qid:
        raise ConsultError("Choose the question that the condition looks at.")
    question = tree.question_of(document, qid)
    kind = kind_of(question)
    codes = [str(option["code"]) for option in tree.options_of(question)]
    line = Line(qid, "answered")
    if kind in ("options", "list") and codes:
        line = Line(qid, OPS[kind][0], (codes[0],))
    if where == "group":
        other: Join = "any" if group.join in ("all", "not_all") else "all"
        return Group(group.join, (*group.items, Group(other, (line, line))))
    if where:
        items = list(group.items)
        if not where.isdigit() or int(where) >= len(items):
            raise ConsultError("That part of the condition is gone. Load the page again.")
        held = items[int(where)]
        if isinstance(held, Group):
            items[int(where)] = Group(held.join, (*held.items, line))
        return Group(group.join, tuple(items))
    return Group(group.join, (*group.items, line))
