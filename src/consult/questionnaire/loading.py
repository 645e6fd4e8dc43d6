"""A survey's files, or one being designed, as a survey; or every problem at once, with its line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from consult.questionnaire import bank
from consult.questionnaire.checks import check
from consult.questionnaire.document import Document
from consult.questionnaire.model import Block, Definition, Include, Words
from consult.questionnaire.problems import Problem, SurveyError
from consult.questionnaire.reading import Source, plain_copy, read, typed
from consult.questionnaire.survey import Survey


@dataclass(frozen=True)
class Examined:
    """What could be read of a survey, and every problem found; it is sound if there is none."""

    survey: Survey | None
    problems: Sequence[Problem]


def load(folder: Path) -> Survey:
    """The survey in ``folder`` (or of its survey.yaml). Raises SurveyError, with every problem."""
    if folder.name == "survey.yaml" and folder.is_file():
        folder = folder.parent
    problems: list[Problem] = []
    sources = {"": read(folder / "survey.yaml", problems)}
    if sources[""] is None:
        raise SurveyError(problems)
    for path in sorted(folder.glob("[a-z][a-z].yaml")):
        sources[path.stem] = read(path, problems)
    population = _population(folder, problems)
    found = {name: source for name, source in sources.items() if source is not None}
    missing = set(sources) - set(found)
    name = folder.resolve().name
    shelves = (folder.resolve().parent / "bank", *bank.SHELVES)
    survey = _examine(found, population, str(folder), name, shelves, problems, missing)
    if problems or survey is None:
        raise SurveyError(problems)
    return survey


def examine(document: Document, slug: str, shelves: Sequence[Path] = bank.SHELVES) -> Examined:
    """What is wrong with a questionnaire being designed, and what can be shown of it."""
    sources = {"": Source("survey.yaml", plain_copy(document.definition))}
    sources |= {
        language: Source(f"{language}.yaml", plain_copy(words))
        for language, words in document.words.items()
    }
    problems: list[Problem] = []
    survey = _examine(sources, document.population, "", slug, shelves, problems, set())
    return Examined(survey, Problem.each_once(problems))


def _examine(
    sources: Mapping[str, Source],
    population: str,
    folder: str,
    name: str,
    shelves: Sequence[Path],
    problems: list[Problem],
    missing: Collection[str],
) -> Survey | None:
    """The survey of ``sources`` ("" is survey.yaml); adds what is wrong to ``problems``.

    ``missing`` are languages whose files are there and cannot be read: that has been said.
    """
    known = [language for language in sources if language] or ["en"]
    stand_ins = {"survey": name, "body": "?", "languages": known}
    definition, left_out = typed(Definition, sources[""], problems, stand_ins)
    words, lost = {}, {"": left_out}
    for language in definition.languages if definition else known:
        source = sources.get(language)
        if source is None:
            file = f"{language}.yaml"
            if language not in missing:
                problems.append(Problem(_in(folder, file), 1, "file-missing", {"file": file}))
            continue
        stand_ins = {"title": "?", "summary": "?"}
        said, lost[language] = typed(Words, source, problems, stand_ins)
        if said is not None:
            words[language] = said
    if definition is None or not words:
        return None
    # A language whose file cannot be read does not keep the others from being checked.
    readable = tuple(language for language in definition.languages if language in words)
    definition = definition.model_copy(update={"languages": readable})
    blocks = _blocks(definition, sources[""], shelves, problems)
    survey = Survey(definition, words, population, blocks)
    for finding in check(survey, name):
        if any(part.explains(finding) for part in lost.values()):
            continue
        if finding.file == "population":
            line = int(finding.location[0]) if finding.location else 1
            file = _in(folder, "population.csv")
            problems.append(Problem(file, line, finding.code, finding.params))
        else:
            place = lost[finding.file].place(finding.location)
            problems.append(sources[finding.file].problem(finding.code, place, **finding.params))
    return survey


def _in(folder: str, file: str) -> str:
    return str(Path(folder, file)) if folder else file


def _blocks(
    definition: Definition, source: Source, shelves: Sequence[Path], problems: list[Problem]
) -> dict[str, Block]:
    """The blocks that a survey includes."""
    found: dict[str, Block] = {}
    for number, entry in enumerate(definition.pages):
        if not isinstance(entry, Include) or entry.include in found:
            continue
        try:
            block = bank.find(entry.include, shelves)
        except SurveyError as error:
            problems += error.problems
            continue
        if block is None:
            listed = ", ".join(bank.references(shelves)) or "none"
            params = {"name": entry.include, "known": listed}
            problems.append(source.problem("unknown-block", ("pages", number, "include"), **params))
        else:
            found[entry.include] = block
    return found


def _population(folder: Path, problems: list[Problem]) -> str:
    file = folder / "population.csv"
    try:
        return file.read_text(encoding="utf-8-sig") if file.exists() else ""
    except UnicodeDecodeError:
        problems.append(Problem(str(file), 1, "file-unreadable"))
        return ""
