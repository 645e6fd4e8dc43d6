"""A questionnaire as it is edited: data, quickly; and the files it was read from, faithfully."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from consult.questionnaire.problems import Problem, SurveyError
from consult.questionnaire.yaml_edit import written
from consult.questionnaire.yaml_read import data_of, tree_of

DEFINITION = "survey.yaml"
POPULATION = "population.csv"
WORDS = re.compile(r"([a-z]{2,3}(?:-[A-Za-z]{2,4})?)\.yaml")
Data = dict[str, Any]


@dataclass(frozen=True)
class Document:
    """A questionnaire, whether or not it is one that can be used.

    ``definition`` and ``words`` (by language) are what JSON can hold, dates as ISO text;
    ``texts`` are the files as they were last read, by name, and say nothing of later changes.
    """

    definition: Mapping[str, Any]
    words: Mapping[str, Mapping[str, Any]]
    population: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> Self:
        """The questionnaire that files say. Raises SurveyError for what is not YAML."""
        problems: list[Problem] = []
        read: dict[str, Data] = {}
        if DEFINITION not in texts:
            problems.append(Problem(DEFINITION, 1, "file-missing", {"file": DEFINITION}))
        for name in texts:
            if name != DEFINITION and not WORDS.fullmatch(name):
                continue
            try:
                read[name] = _mapping(name, texts[name])
            except SurveyError as error:
                problems += error.problems
        if problems:
            raise SurveyError(problems)
        words = {name.removesuffix(".yaml"): read[name] for name in read if name != DEFINITION}
        kept = {name: texts[name] for name in texts if name in read or name == POPULATION}
        return cls(read[DEFINITION], words, texts.get(POPULATION, ""), kept)

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """The questionnaire in a folder. Raises SurveyError."""
        texts = {}
        names = (DEFINITION, POPULATION, *(path.name for path in sorted(folder.glob("*.yaml"))))
        for name in dict.fromkeys(names):
            if not (folder / name).is_file():
                continue
            try:
                texts[name] = (folder / name).read_text(encoding="utf-8-sig")
            except UnicodeDecodeError:
                raise SurveyError([Problem(name, 1, "file-unreadable")]) from None
        return cls.from_texts(texts)

    def as_texts(self) -> dict[str, str]:
        """The files, with what has been changed since they were read. Slow: a second or more."""
        data = {DEFINITION: self.definition}
        data |= {f"{language}.yaml": words for language, words in self.words.items()}
        made = {name: written(name, self.texts.get(name, ""), held) for name, held in data.items()}
        return made | ({POPULATION: self.population} if self.population else {})

    def as_json(self) -> Data:
        """All of it as JSON; ``from_json`` reads it back."""
        return {
            "definition": self.definition,
            "words": self.words,
            "population": self.population,
            "texts": self.texts,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The document that ``as_json`` wrote."""
        return cls(data["definition"], data["words"], data["population"], data["texts"])

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it says it has, as far as that can be read."""
        said = self.definition.get("languages")
        listed = said if isinstance(said, list) else list(self.words)
        return tuple(language for language in listed if isinstance(language, str))


def _mapping(name: str, text: str) -> Data:
    """A file's keys and values. Raises SurveyError."""
    data = data_of(name, tree_of(name, text))
    if not isinstance(data, dict):
        reason = "it should hold keys and their values"
        params = {"key": "the file", "reason": reason}
        raise SurveyError([Problem(name, 1, "bad-value", params)])
    return data
