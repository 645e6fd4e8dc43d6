"""DDI-Codebook 2.5 (.xml): the data dictionary that archives take."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from consult.questionnaire.answers import Labels, Numeric, OneOf, Optioned, Question
from consult.questionnaire.formats.cel import figure
from consult.questionnaire.formats.outcome import Exported, Notebook
from consult.questionnaire.survey import Place, Survey

NAMESPACE = "ddi:codebook:2_5"
_XML = "{http://www.w3.org/XML/1998/namespace}lang"


def write(survey: Survey) -> Exported:
    """``survey`` as a DDI codebook, a variable for each column of its dataset."""
    register_namespace("", NAMESPACE)
    notebook = Notebook()
    root = _element(None, "codeBook", version="2.5", ID=f"survey-{survey.slug}")
    root.set(_XML, survey.languages[0])
    _study(root, survey)
    data = _element(root, "dataDscr")
    for number, (question, column, code) in enumerate(columns(survey), start=1):
        _variable(data, survey, question, column, code, number)
    if survey.definition.quotas:
        notebook.add("survey.yaml", "'quotas' are not carried over", "A codebook describes data.")
    indent(root)
    content = tostring(root, encoding="utf-8", xml_declaration=True)
    return Exported(content + b"\n", notebook.notes)


def columns(survey: Survey) -> Iterator[tuple[Question, str, str | None]]:
    """Every column of the dataset: its question, its name, and the option it is of."""
    for question in survey.questions.values():
        for column, code in question.columns():
            yield question, column, code


def _element(parent: Element | None, tag: str, text: str = "", **attributes: str) -> Element:
    name = f"{{{NAMESPACE}}}{tag}"
    made = Element(name, attributes) if parent is None else SubElement(parent, name, attributes)
    if text:
        made.text = "".join(sign for sign in text if sign in "\t\n" or sign >= " ")
    return made


def _in_each(
    parent: Element, survey: Survey, tag: str, texts: dict[str, str], **attributes: str
) -> None:
    """An element for each language that has the text."""
    for language, text in texts.items():
        if text:
            _element(parent, tag, text, **attributes).set(_XML, language)


def _study(root: Element, survey: Survey) -> None:
    definition, words = survey.definition, survey.words
    study = _element(root, "stdyDscr")
    citation = _element(study, "citation")
    titles = _element(citation, "titlStmt")
    own, *others = survey.languages
    _element(titles, "titl", words[own].title).set(_XML, own)
    for language in others:
        _element(titles, "parTitl", words[language].title).set(_XML, language)
    _element(titles, "IDNo", survey.slug)
    _element(_element(citation, "rspStmt"), "AuthEnty", definition.body)
    _element(_element(citation, "prodStmt"), "producer", definition.body)
    info = _element(study, "stdyInfo")
    _in_each(
        info,
        survey,
        "abstract",
        {language: words[language].summary for language in survey.languages},
    )
    summary = _element(info, "sumDscr")
    for event, moment in (("start", definition.opens), ("end", definition.closes)):
        if moment is not None:
            day = moment.date().isoformat()
            _element(summary, "collDate", day, date=day, event=event)
    _element(summary, "anlyUnit", "Respondent")
    collection = _element(_element(study, "method"), "dataColl")
    sampling = (
        "Probability sample" if definition.mode == "sample" else "Open to everybody; self-selected"
    )
    _element(collection, "sampProc", sampling)
    _element(collection, "collMode", "Self-administered or interviewer-administered questionnaire")


def _variable(
    data: Element, survey: Survey, question: Question, column: str, code: str | None, number: int
) -> None:
    place = survey.place_of[question.id]
    labels = {language: survey.labels(question.id, language) for language in survey.languages}
    numeric = isinstance(question, Numeric)
    coded = isinstance(question, OneOf) or question.type == "choices"
    variable = _element(
        data, "var", ID=f"V{number}", name=column, intrvl="contin" if numeric else "discrete"
    )
    if isinstance(question, Numeric):
        variable.set("dcml", str(question.places))
    _in_each(
        variable,
        survey,
        "labl",
        {lang: _called(each, code) for lang, each in labels.items()},
        level="variable",
    )
    _question(variable, survey, question, place, labels)
    if isinstance(question, Numeric):
        _range(variable, question)
    if place.question.when or place.page.when:
        conditions = [c for c in dict.fromkeys((place.page.when, place.question.when)) if c]
        _element(variable, "universe", " && ".join(conditions), clusion="I")
    if coded:
        _categories(variable, survey, question, code, labels)
    if question.role:
        _element(variable, "concept", question.role, vocab="consult roles")
    _element(variable, "varFormat", type="numeric" if numeric else "character", schema="other")


def _called(labels: Labels, code: str | None) -> str:
    name = labels.short or labels.ask
    return f"{name} – {labels.options.get(code, code)}" if code else name


def _question(
    variable: Element, survey: Survey, question: Question, place: Place, labels: dict[str, Labels]
) -> None:
    asked = _element(
        variable, "qstn", ID=f"Q{variable.get('ID', '')[1:]}", responseDomainType=_domain(question)
    )
    _in_each(asked, survey, "preQTxt", {lang: each.body for lang, each in labels.items()})
    _in_each(asked, survey, "qstnLit", {lang: each.ask for lang, each in labels.items()})
    _in_each(asked, survey, "ivuInstr", {lang: each.hint for lang, each in labels.items()})


def _domain(question: Question) -> str:
    if isinstance(question, Numeric):
        return "numeric"
    if isinstance(question, OneOf):
        return "category"
    if isinstance(question, Optioned):
        return "multiple"
    return "text"


def _range(variable: Element, question: Numeric) -> None:
    bounds = {"min": question.minimum, "max": question.maximum}
    given = {key: figure(value) for key, value in bounds.items() if value is not None}
    if given:
        _element(_element(variable, "valrng"), "range", **given)


def _categories(
    variable: Element,
    survey: Survey,
    question: Question,
    code: str | None,
    labels: dict[str, Labels],
) -> None:
    if code is not None:  # a column of a multiple choice: chosen or not
        for value, said in (("0", "Not chosen"), ("1", "Chosen")):
            category = _element(variable, "catgry")
            _element(category, "catValu", value)
            _element(category, "labl", said, level="category").set(_XML, "en")
        return
    if isinstance(question, Optioned):
        for option in question.options:
            category = _element(variable, "catgry")
            _element(category, "catValu", option.code)
            texts = {lang: each.options.get(option.code, "") for lang, each in labels.items()}
            _in_each(category, survey, "labl", texts, level="category")
