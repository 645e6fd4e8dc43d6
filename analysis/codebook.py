"""The codebook: all that this package knows of a survey.

`codebook.json` (format 1) is exported beside the responses. Where there is none, a question is
worked out from its column, and names and values stand in for wording.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.errors import DataError

NUMERIC_DISTINCT = 12
"""A column without a codebook is numeric when all its values are numbers and more than this many
differ; with fewer it is read as a list of codes, such as a five-point scale."""

TABLED = ("choice", "choices", "scale", "number", "money", "ranking", "points", "best_worst")
"""Types a table can be made of."""
TYPES = (
    *TABLED, "long_text", "short_text", "date",
)  # fmt: skip
BREAKDOWN_ROLES = ("area", "age", "sex", "group", "strand", "wave")
PEOPLE_ROLES = (*BREAKDOWN_ROLES, "tax_band", "equality")

NOT_ASKED = "(not asked)"
"""The cell of a question that was not on this respondent's route."""

FLAGS = "flags"
"""The column that lists why a response may be doubted, by codes between spaces."""
FLAGGED = "(flagged)"
"""Made of it: whether there is any. No question's id has brackets, so no column is taken."""

Wording = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen. `not_in_population`: no population figure exists for it.

    Whoever chose one that is `part_of` another, among several, has chosen that too.
    """

    code: str
    label: str
    exclusive: bool = False
    not_in_population: bool = False
    part_of: str | None = None


@dataclass(frozen=True, slots=True)
class Net:
    """Answers counted together under one name, such as “agree or strongly agree”."""

    id: str
    label: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tracked:
    """What is followed from wave to wave, and which way is better: up, down or hold.

    Figures are in percent of a net, else in the question's own unit. `baseline_error` is a standard
    error; `reworded` says that the baseline's question was worded otherwise.
    """

    direction: str
    net: str | None = None
    baseline: float | None = None
    baseline_error: float | None = None
    baseline_when: str = ""
    baseline_channel: str = ""
    reworded: bool = False
    target: float | None = None
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Coded:
    """How the comments on a question (`of`) were coded, whose codes this question's options are.

    `f1` and its 95% interval say how far the machine agrees with people on `checked` comments drawn
    by chance, `alpha` how far people do on `twice` of them (Krippendorff's alpha, MASI distance);
    None where nothing was compared.
    `quotations` are (code, text).
    """

    of: str
    signed_on: str | None
    people: int
    machine: int
    uncoded: int = 0
    f1: tuple[float, float, float] | None = None
    alpha: float | None = None
    checked: int = 0
    twice: int = 0
    quotations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the responses file; `option` is set for one tick-box of many."""

    name: str
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question as the analysis sees it, worded in one language.

    `text_in` is its wording in waves that asked it otherwise, by the wave's code. `over` are the
    questions whose options it has: who gave any of them that answer gave it to this one.
    """

    id: str
    type: str
    text: str
    short: str
    columns: tuple[Column, ...]
    options: tuple[Option, ...] = ()
    nets: tuple[Net, ...] = ()
    role: str | None = None
    required: bool = False
    conditional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    versions: tuple[int, ...] = ()
    tracked: Tracked | None = None
    text_in: tuple[tuple[str, str], ...] = ()
    coded: Coded | None = None
    over: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether it is summarised by mean and median."""
        return self.type in ("number", "money")

    @property
    def column(self) -> str:
        """The name of its first column."""
        return self.columns[0].name

    @property
    def wholes(self) -> dict[str, list[str]]:
        """The answers that others are part of, with these, where several can be chosen."""
        columns = {column.option for column in self.columns}
        found: dict[str, list[str]] = {}
        for option in self.options:
            if option.part_of and {option.code, option.part_of} <= columns:
                found.setdefault(option.part_of, []).append(option.code)
        return found

    def label(self, code: str) -> str:
        """The wording of an option, or the code itself where it has none."""
        return next((o.label for o in self.options if o.code == code), code)


@dataclass(frozen=True, slots=True)
class Drawn:
    """How a sample was drawn, as columns of the file: see `estimates.design`."""

    base_weight: str | None = None
    strata: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    fpc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Codebook:
    """A survey's questions and what a report of it must say about it."""

    questions: tuple[Question, ...] = ()
    title: str = "Consultation"
    slug: str = ""
    body: str = ""
    mode: str = "open"
    fixed_mode: bool = False
    opens: str | None = None
    closes: str | None = None
    survey: str = ""
    version: int | None = None
    content_hash: str = ""
    languages: tuple[str, ...] = ("en",)
    illustrative: tuple[str, ...] = ()
    suppress: int | None = None
    round_to: int | None = None
    headline: str | None = None
    flags: tuple[Option, ...] = ()
    drawn: Drawn = Drawn()

    @property
    def about_flags(self) -> tuple[Question, ...]:
        """Whether a response is flagged, and why, as questions; none where no flags are known."""
        if not self.flags:
            return ()
        any_of = (Option("no", "Not flagged"), Option("yes", "Flagged"))
        why = tuple(Column(flag_column(flag.code), flag.code) for flag in self.flags)
        says = "What was noticed"
        return (
            Question(FLAGGED, "choice", "Flagged", "Flagged", (Column(FLAGGED),), any_of),
            Question("(flags)", "choices", says, says, why, self.flags),
        )

    @property
    def people(self) -> tuple[Question, ...]:
        """The questions about the respondents that have one answer each."""
        return tuple(
            q for q in self.questions if q.role in PEOPLE_ROLES and q.type in ("choice", "scale")
        )

    @property
    def last_version(self) -> int:
        """The newest version that asked anything."""
        return max((v for q in self.questions for v in q.versions), default=0)

    def find(self, question_id: str) -> Question | None:
        """The question of that id, if the codebook has it."""
        known = (*self.questions, *self.about_flags)
        return next((q for q in known if q.id == question_id), None)


def flag_column(code: str) -> str:
    """The column that says whether a response has one flag, made of the column of all."""
    return f"(flag {code})"


def load(path: Path, language: str = "en") -> Codebook:
    """Read `codebook.json`; wording in `language`, else in the first language that is there.

    Raises DataError when the file is not there, is no JSON, or is not of format 1.
    """
    try:
        return parse(path.read_text(encoding="utf-8-sig"), str(path), language)
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file. Give the path of codebook.json.") from None
    except (OSError, UnicodeDecodeError):
        raise DataError(
            f"{path}: not a JSON file (unreadable). Export the codebook again."
        ) from None


def parse(text: str, name: str, language: str = "en") -> Codebook:
    """The codebook in a text; `name` is what messages call it. Raises DataError as `load` does."""
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{name}: not a JSON file (line {error.lineno}). Export the codebook again."
        ) from None
    if not isinstance(raw, dict) or raw.get("format") != 1:
        raise DataError(f'{name}: not a codebook of format 1 ("format": 1 is missing).')
    try:
        return _codebook(raw, language)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__} {error}"
        raise DataError(
            f"{name}: the codebook is not complete ({what}). Export it again."
        ) from None


def worded(text: Any, language: str = "en") -> str:
    """One language of a `{"en": …, "cy": …}` wording."""
    if isinstance(text, str):
        return text
    if not text:
        return ""
    return str(text.get(language) or text.get("en") or next(iter(text.values()), ""))


def _codebook(raw: dict[str, Any], language: str) -> Codebook:
    about = raw.get("consultation") or {}
    survey = raw.get("survey") or {}
    control = raw.get("disclosure") or {}
    book = Codebook(
        questions=_questions(raw["questions"], language),
        title=worded(about.get("title"), language) or str(survey.get("slug", "Consultation")),
        slug=str(about.get("slug", "")),
        body=worded(about.get("body"), language),
        mode=str(about.get("mode", "open")),
        fixed_mode="mode" in about,
        opens=about.get("opens"),
        closes=about.get("closes"),
        survey=str(survey.get("slug", "")),
        version=survey.get("version"),
        content_hash=str(survey.get("content_hash", "")),
        languages=tuple(raw.get("languages") or ("en",)),
        illustrative=tuple(worded(s, language) for s in raw.get("illustrative") or ()),
        suppress=control.get("suppress"),
        round_to=control.get("round"),
        headline=raw.get("headline"),
        flags=tuple(
            Option(str(flag["code"]), worded(flag.get("label"), language) or str(flag["code"]))
            for flag in raw.get("flags") or ()
        ),
        drawn=_drawn(raw.get("design") or {}),
    )
    if book.mode not in ("open", "sample"):
        raise ValueError(f"mode “{book.mode}” is neither open nor sample")
    return book


def _drawn(raw: Mapping[str, Any]) -> Drawn:
    """`design`: base_weight, a column; strata, cluster and fpc, a column or one for each stage."""
    unknown = sorted(set(raw) - {"base_weight", "strata", "cluster", "fpc"})
    if unknown:
        raise ValueError(f"design has the unknown entry {unknown[0]}")

    def columns(name: str) -> tuple[str, ...]:
        given = raw.get(name) or ()
        return (given,) if isinstance(given, str) else tuple(map(str, given))

    return Drawn(raw.get("base_weight"), columns("strata"), columns("cluster"), columns("fpc"))


def _questions(raw: list[dict[str, Any]], language: str) -> tuple[Question, ...]:
    """The questions; the sets of a best–worst question are one, under the name they are part of."""
    found: dict[str, Question] = {}
    for entry in raw:
        question = _question(entry, language)
        name = str(entry.get("part_of") or question.id)
        if question.type != "best_worst" or name == question.id:
            found[question.id] = question
            continue
        before = found.get(name)
        if before is None:
            found[name] = replace(question, id=name)
            continue
        known = {option.code for option in before.options}
        more = tuple(option for option in question.options if option.code not in known)
        found[name] = replace(
            before,
            columns=(*before.columns, *question.columns),
            options=(*before.options, *more),
        )
    ids = [str(entry["id"]) for entry in raw]
    if len(ids) != len(set(ids)):
        raise ValueError("two questions have one id")
    return tuple(found.values())


def _question(raw: dict[str, Any], language: str) -> Question:
    text = worded(raw.get("text"), language) or str(raw["id"])
    kind = str(raw["type"])
    if kind not in TYPES:
        raise ValueError(f"question “{raw['id']}” is of unknown type “{kind}”")
    return Question(
        id=str(raw["id"]),
        type=kind,
        text=text,
        short=worded(raw.get("short"), language) or text,
        columns=tuple(Column(str(c["name"]), c.get("option")) for c in raw["columns"]),
        options=tuple(
            Option(
                code=str(o["code"]),
                label=worded(o.get("label"), language) or str(o["code"]),
                exclusive=bool(o.get("exclusive")),
                not_in_population=bool(o.get("not_in_population")),
                part_of=o.get("part_of"),
            )
            for o in raw.get("options") or ()
        ),
        nets=tuple(
            Net(str(n["id"]), worded(n.get("label"), language), tuple(map(str, n["codes"])))
            for n in raw.get("nets") or ()
        ),
        role=raw.get("role"),
        required=bool(raw.get("required")),
        conditional=bool(raw.get("conditional")),
        minimum=raw.get("minimum"),
        maximum=raw.get("maximum"),
        versions=tuple(map(int, raw.get("versions") or ())),
        tracked=_tracked(raw.get("measure")),
        text_in=tuple(
            (str(wave), worded(said, language)) for wave, said in (raw.get("text_in") or {}).items()
        ),
        coded=_coded(raw.get("coded")),
        over=tuple(map(str, raw.get("over") or ())),
    )


def _coded(raw: Mapping[str, Any] | None) -> Coded | None:
    if raw is None:
        return None
    agreement = raw.get("agreement") or {}
    f1, people = agreement.get("micro_f1"), agreement.get("people")
    return Coded(
        of=str(raw["of"]),
        signed_on=raw.get("signed_on"),
        people=int(raw.get("people") or 0),
        machine=int(raw.get("machine") or 0),
        uncoded=int(raw.get("uncoded") or 0),
        f1=(float(f1["value"]), float(f1["low"]), float(f1["high"])) if f1 else None,
        alpha=float(people["alpha"]) if people else None,
        checked=int(agreement.get("coded") or 0),
        twice=int(people["answers"]) if people else 0,
        quotations=tuple((str(q["code"]), str(q["text"])) for q in raw.get("quotations") or ()),
    )


def _tracked(raw: Mapping[str, Any] | None) -> Tracked | None:
    return None if raw is None else Tracked(**{k: v for k, v in raw.items() if v is not None})


def infer(name: str, values: Sequence[str], numeric: bool) -> Question:
    """A question for a column no codebook describes.

    `values` are its distinct answers; `numeric` says that all of them are numbers. Options stand
    in order of number where all are numbers, else of the alphabet.
    """
    if numeric and len(values) > NUMERIC_DISTINCT:
        return Question(name, "number", name, name, (Column(name),))
    ordered = sorted(values, key=float) if numeric else sorted(values)
    options = tuple(Option(value, value) for value in ordered)
    return Question(name, "choice", name, name, (Column(name),), options)
