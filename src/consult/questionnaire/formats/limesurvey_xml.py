"""LimeSurvey's .lss: its database's tables in XML."""

from __future__ import annotations

from collections import defaultdict
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from consult.questionnaire.formats import limits
from consult.questionnaire.formats.limesurvey_model import (
    Answer,
    LimeGroup,
    LimeQuestion,
    LimeSurvey,
)
from consult.questionnaire.formats.outcome import FormatError
from consult.questionnaire.formats.sketch import Texts

#: The newest structure whose tables we know: LimeSurvey 6 numbers its own 600 to 699.
NEWEST = 699
OLDEST = 140
ROWS = 200_000
_READ = frozenset(
    {"answers", "answer_l10ns", "groups", "group_l10ns", "questions", "question_l10ns"}
    | {"subquestions", "question_attributes", "surveys", "surveys_languagesettings"}
)
_LOOKS = frozenset({"themes", "themes_inherited", "languages", "plugin_settings"})
Rows = list[dict[str, str]]


def read(name: str, data: bytes) -> LimeSurvey:
    """The survey in an .lss file. Raises FormatError."""
    root = _root(name, data)
    version = (root.findtext("DBVersion") or "").strip()
    if root.findtext("LimeSurveyDocType") not in {"Survey", None} or root.tag != "document":
        raise FormatError(name, "this is no LimeSurvey survey", "Export the whole survey as .lss.")
    major = version.split(".")[0]  # there was a 155.5
    if not major.isdigit() or not OLDEST <= int(major) <= NEWEST:
        raise FormatError(
            name,
            f"its structure has the version '{version}', and {OLDEST} to {NEWEST} are known here",
            "Export it as tab-separated values (.txt) and import that, or ask for an update.",
        )
    tables = {part.tag: _rows(name, part) for part in root if part.find("rows") is not None}
    return _Tables(
        name, tables, [e.text or "" for e in root.iterfind("languages/language")]
    ).survey()


def _root(name: str, data: bytes) -> Element:
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise FormatError(
            name, "it defines entities of its own", "No export of LimeSurvey does; export it again."
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (1, 0))[0]
        raise FormatError(
            f"{name}, line {line}", f"this is not well-formed XML ({error})", "Export it again."
        ) from None
    return root


def _rows(name: str, table: Element) -> Rows:
    rows: Rows = []
    for row in table.iterfind("rows/row"):
        cells = {cell.tag: "".join(cell.itertext()) for cell in row}
        place = f"{name}, <{table.tag}>, row {len(rows) + 1}"
        for cell in cells.values():
            limits.text_length(place, cell)
        rows.append(cells)
        limits.how_many(place, "rows", len(rows), ROWS)
    return rows


class _Tables:
    def __init__(self, name: str, tables: dict[str, Rows], languages: list[str]) -> None:
        self.name, self.tables, self.languages = name, tables, languages

    def rows(self, table: str) -> Rows:
        return self.tables.get(table, [])

    def survey(self) -> LimeSurvey:
        settings = dict(self.rows("surveys")[0]) if self.rows("surveys") else {}
        own = settings.get("language", "")
        listed = [own, *settings.get("additional_languages", "").split(), *self.languages]
        languages = list(dict.fromkeys(code for code in listed if code)) or ["en"]
        survey = LimeSurvey(languages, settings)
        for row in self.rows("surveys_languagesettings"):
            for key, text in row.items():
                if key != "surveyls_language" and text:
                    survey.texts.setdefault(key, {})[row.get("surveyls_language", own)] = text
        survey.groups = self._groups(own or languages[0])
        survey.unread = [
            f"{table} ({len(rows)})"
            for table, rows in self.tables.items()
            if rows and table not in _READ | _LOOKS
        ]
        return survey

    def _worded(
        self, table: str, key: str, texts: str, names: dict[str, str]
    ) -> dict[str, dict[str, Texts]]:
        """Texts by the id of what they word: an older structure keeps them in the same table."""
        made: dict[str, dict[str, Texts]] = defaultdict(lambda: defaultdict(dict))
        for row in (*self.rows(table), *self.rows(texts)):
            if "language" not in row:
                continue
            for column, name in names.items():
                if row.get(column):
                    made[row.get(key, "")][name][row["language"]] = row[column]
        return made

    def _groups(self, own: str) -> list[LimeGroup]:
        names = {"group_name": "name", "description": "description"}
        worded = self._worded("groups", "gid", "group_l10ns", names)
        groups: dict[str, LimeGroup] = {}
        for row in _once(self.rows("groups"), "gid", "group_order"):
            gid = row.get("gid", "")
            texts = worded[gid]
            place = f"group {len(groups) + 1}"
            groups[gid] = LimeGroup(place, gid, texts["name"], texts["description"])
            groups[gid].relevance = row.get("grelevance", "")
            groups[gid].random = row.get("randomization_group", "")
        for question, row in self._questions():
            if row.get("gid", "") in groups:
                groups[row["gid"]].questions.append(question)
        return list(groups.values())

    def _questions(self) -> list[tuple[LimeQuestion, dict[str, str]]]:
        names = {"question": "ask", "help": "help"}
        worded = self._worded("questions", "qid", "question_l10ns", names)
        for qid, texts in self._worded("subquestions", "qid", "question_l10ns", names).items():
            worded[qid] = texts
        answers = self._answers()
        attributes = self._attributes()
        parts: dict[str, list[Answer]] = defaultdict(list)
        for row in _once([*self.rows("subquestions"), *self._children()], "qid", "question_order"):
            ask = worded[row.get("qid", "")]["ask"]
            part = Answer(
                row.get("title", ""), ask, row.get("scale_id", "0"), row.get("relevance", "")
            )
            parts[row.get("parent_qid", "")].append(part)
        made = []
        for row in _once(self.rows("questions"), "qid", "question_order"):
            if row.get("parent_qid", "0") not in {"0", ""}:
                continue
            qid = row.get("qid", "")
            question = LimeQuestion(
                f"question {row.get('title', '')}", row.get("title", ""), row.get("type", "")
            )
            question.ask, question.help = worded[qid]["ask"], worded[qid]["help"]
            question.mandatory, question.other = row.get("mandatory", ""), row.get("other") == "Y"
            question.relevance, question.validation = row.get("relevance", ""), row.get("preg", "")
            question.subquestions, question.answers = parts[qid], answers[qid]
            question.attributes = attributes[qid]
            question.aliases = [f"{row.get('sid', '')}X{row.get('gid', '')}X{qid}"]
            made.append((question, row))
        return made

    def _children(self) -> Rows:
        return [
            row for row in self.rows("questions") if row.get("parent_qid", "0") not in {"0", ""}
        ]

    def _answers(self) -> dict[str, list[Answer]]:
        new = self._worded("none", "aid", "answer_l10ns", {"answer": "label"})
        made: dict[str, dict[tuple[str, str], Answer]] = defaultdict(dict)
        for row in sorted(self.rows("answers"), key=lambda row: _number(row.get("sortorder", "0"))):
            key = (row.get("scale_id", "0"), row.get("code", ""))
            answer = made[row.get("qid", "")].setdefault(key, Answer(key[1], scale=key[0]))
            if "language" in row:
                answer.label[row["language"]] = row.get("answer", "")
            else:
                answer.label = new[row.get("aid", "")]["label"]
        return defaultdict(list, {qid: list(each.values()) for qid, each in made.items()})

    def _attributes(self) -> dict[str, dict[str, Texts]]:
        made: dict[str, dict[str, Texts]] = defaultdict(dict)
        for row in self.rows("question_attributes"):
            if row.get("value", "").strip():
                of = made[row.get("qid", "")].setdefault(row.get("attribute", ""), {})
                of[row.get("language", "")] = row["value"]
        return made


def _once(rows: Rows, key: str, order: str) -> Rows:
    """Rows by their order, each thing once: the older structure repeats it for each language."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.get(key, ""), row)
    return sorted(found.values(), key=lambda row: _number(row.get(order, "0")))


def _number(text: str) -> int:
    return int(text) if text.strip().lstrip("-").isdigit() else 0
