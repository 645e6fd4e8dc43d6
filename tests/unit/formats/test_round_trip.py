"""A survey through another format and back is the same survey, for what both can say."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from pyxform.xls2xform import convert

from consult.questionnaire.formats import exports
from consult.questionnaire.formats.carried import Format, carried
from consult.questionnaire.formats.written import Writing
from consult.questionnaire.loading import load
from consult.questionnaire.survey import Survey
from tests.unit.formats.making import problems, read, survey_of
from tests.unit.formats.surveys import surveys

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(
    path.parent
    for part in ("surveys", "tests/surveys")
    for path in (ROOT / part).glob("*/survey.yaml")
)
FORMATS: list[tuple[Format, str]] = [("xlsform", ".xlsx"), ("surveyjs", ".json")]


def back(survey: Survey, ending: str) -> Survey:
    return survey_of(read(f"a{ending}", exports.write(survey, f"a{ending}").content))


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
@pytest.mark.parametrize(("format_", "ending"), FORMATS)
def test_shipped_surveys(folder: Path, format_: Format, ending: str) -> None:
    survey = load(folder)
    exported = exports.write(survey, f"a{ending}")
    imported = read(f"{survey.slug}{ending}", exported.content)
    # What is said beside the box to tick has no place in an XLSForm.
    assert [each for each in problems(imported) if ".options.yes'" not in each] == []
    assert carried(survey_of(imported), format_) == carried(survey, format_)
    assert exports.write(survey, f"a{ending}").content == exported.content


# Making a survey up takes as long as both ways: each goes through both formats.
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(surveys())
def test_any_survey_through_every_format(survey: Survey) -> None:
    for format_, ending in FORMATS:
        assert carried(back(survey, ending), format_) == carried(survey, format_), format_


def xform(data: bytes) -> str:
    """What pyxform makes of an XLSForm: what ODK and KoboToolbox would show."""
    made = convert(io.BytesIO(data), validate=False, file_type=".xlsx")
    assert not made.warnings
    return str(made.xform)


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_pyxform_takes_what_is_exported(folder: Path) -> None:
    survey = load(folder)
    text = xform(exports.write(survey, "a.xlsx").content)
    written = Writing(survey).targets
    assert written
    for name in survey.questions:
        assert (f"/{name}" in text) is (name in written)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(surveys())
def test_pyxform_takes_any_survey(survey: Survey) -> None:
    xform(exports.write(survey, "a.xlsx").content)


def test_what_a_format_cannot_say_is_noted() -> None:
    survey = load(ROOT / "surveys/warwickshire-precept-2025-26")
    for ending, lost in ((".xlsx", "hints"), (".json", "nets")):
        notes = "\n".join(map(str, exports.write(survey, f"a{ending}").notes))
        for part in ("precept", "headline", "role", "not_in_population", "population", lost):
            assert part in notes, part


def test_surveyjs_is_json_with_scripts_only_as_text() -> None:
    survey = load(ROOT / "tests/surveys/everything")
    words = survey.words["en"].model_copy(update={"thanks": "<script>alert(1)</script>"})
    hostile = Survey(survey.definition, {**survey.words, "en": words}, survey.population)
    root = json.loads(exports.write(hostile, "a.json").content)
    assert "<script" not in json.dumps(root)
