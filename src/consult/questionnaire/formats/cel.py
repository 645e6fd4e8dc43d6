"""Our own conditions (CEL) as meanings, and meanings as conditions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from consult.questionnaire.answers import Date, Optioned, Question
from consult.questionnaire.formats import expression as tree
from consult.questionnaire.formats import meaning as m
from consult.questionnaire.formats.expression import NotUnderstood, Tree
from consult.questionnaire.formats.meaning import Kind, Meaning, Target

_TOKENS = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"""|(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?![\w.]))"""
    r"""|(?P<word>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)"""
    r"""|(?P<sign>&&|\|\||==|!=|<=|>=|[<>!()\[\],+*/%?:-])"""
)


def _text(quoted: str) -> str:
    inner = quoted[1:-1]
    if quoted[0] == "'":
        inner = inner.replace("\\'", "'").replace('"', '\\"')
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        raise NotUnderstood(f"the text {quoted} cannot be read") from None


def _word(word: str) -> Tree:
    word = re.sub(r"\s", "", word)
    if word in {"true", "false"}:
        return tree.Truth(word == "true")
    head, _, rest = word.partition(".")
    if head == "answered" and rest:
        return tree.Call("answered", (tree.Name(rest),))
    return tree.Name(word)


def _call(function: str, arguments: tuple[Tree, ...]) -> Tree:
    name, _, method = function.rpartition(".")
    if method == "contains" and name and len(arguments) == 1:
        return tree.Member(arguments[0], tree.Name(name))
    return tree.Call(function, arguments)


_GRAMMAR = tree.Grammar(
    tokens=_TOKENS,
    binary={
        "||": (1, "or"),
        "&&": (2, "and"),
        "in": (3, "in"),
        **{sign: (3, sign) for sign in tree.COMPARISONS},
        **{sign: (4, sign) for sign in "+-"},
        **{sign: (5, sign) for sign in "*/%"},
    },
    prefix={"!": (6, "not"), "-": (6, "-")},
    text=_text,
    word=_word,
    call=_call,
)


def kind_of(question: Question) -> Kind:
    """What a condition can ask of a question's answer."""
    match question.condition_type:
        case "list":
            return "several"
        case "int" | "double":
            return question.condition_type
    if isinstance(question, Optioned):
        return "one"
    return "date" if isinstance(question, Date) else "text"


def targets(questions: Mapping[str, Question]) -> dict[str, Target]:
    """Our questions by id, as conditions name them."""
    return {
        name: Target(
            name,
            kind_of(question),
            {c: c for c in question.codes} if isinstance(question, Optioned) else {},
        )
        for name, question in questions.items()
    }


def scope(of: Mapping[str, Target]) -> Callable[[str], Target]:
    """Targets by name; a name that is none of them is not understood."""

    def find(name: str) -> Target:
        if name not in of:
            raise NotUnderstood(f"no question carried over is called '{name}'")
        return of[name]

    return find


def read(condition: str, known: Mapping[str, Target]) -> Meaning:
    """The meaning of one of our conditions. Raises NotUnderstood."""
    return m.understood(tree.read(condition, _GRAMMAR), scope(known), strict=True)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def figure(value: Decimal) -> str:
    """A number without an exponent."""
    return f"{value.normalize():f}"


def _value(atom: m.Is) -> str:
    return figure(atom.value) if isinstance(atom.value, Decimal) else _quoted(atom.value)


def _atom(atom: Meaning) -> str:
    match atom:
        case m.Answered(target, negated):
            return f"{'!' if negated else ''}answered.{target}"
        case m.Is(target, operator, _, _):
            return f"{target} {operator} {_value(atom)}"
        case m.Has(target, code, negated):
            held = f"{_quoted(code)} in {target}"
            return f"!({held})" if negated else held
        case m.Within(target, text, negated):
            return f"{'!' if negated else ''}{target}.contains({_quoted(text)})"
    raise AssertionError(atom)


def write(meaning: Meaning) -> str:
    """``meaning`` as one of our conditions, where no comparison holds of an unanswered question."""
    meaning = m.simple(meaning)
    if meaning in {m.ALWAYS, m.NEVER}:
        return str(meaning == m.ALWAYS).lower()
    return " || ".join(_alternatives(meaning))


def _alternatives(meaning: Meaning) -> list[str]:
    """Texts one of which must hold."""
    if isinstance(meaning, m.Whole):
        if meaning.every:
            return [" && ".join(_conjuncts(meaning))]
        together = _together(meaning.of)
        texts = [text for part in together for text in _alternatives_of(part)]
        return list(dict.fromkeys(texts))
    target = m.open_to_silence(meaning)
    if target is None or isinstance(meaning, m.Answered):
        return [_atom(meaning)]
    return [f"!answered.{target}", _atom(meaning)]


def _alternatives_of(part: list[m.Is] | Meaning) -> list[str]:
    if isinstance(part, list):
        return [f"{part[0].target} in [{', '.join(map(_value, part))}]"]
    return _alternatives(part)


def _together(parts: tuple[Meaning, ...]) -> list[list[m.Is] | Meaning]:
    """Alternatives, with those that ask whether one answer is this or that taken together."""
    equal: dict[str, list[m.Is]] = {}
    for part in parts:
        if isinstance(part, m.Is) and part.operator == "==" and part.kind != "double":
            equal.setdefault(part.target, []).append(part)
    made: list[list[m.Is] | Meaning] = []
    for part in parts:
        group = equal.get(part.target, []) if isinstance(part, m.Is) else []
        if len(group) < 2 or part not in group:
            made.append(part)
        elif part is group[0]:
            made.append(group)
    return made


def _conjuncts(meaning: m.Whole) -> list[str]:
    """Texts all of which must hold."""
    known = m.shared_answered(meaning.of)
    made = []
    for part in meaning.of:
        if isinstance(part, m.Answered) and not part.negated and part.target in known:
            continue
        if not isinstance(part, m.Whole) and m.open_to_silence(part) in known:
            made.append(_atom(part))
            continue
        alternatives = _alternatives(part)
        made.append(alternatives[0] if len(alternatives) == 1 else f"({' || '.join(alternatives)})")
    return made
