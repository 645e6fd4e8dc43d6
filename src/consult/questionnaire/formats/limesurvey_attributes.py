"""LimeSurvey's attributes and settings: which ones ours can say, which mean nothing here."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from consult.questionnaire.formats.constraints import number
from consult.questionnaire.formats.sketch import Asked, Texts

#: Looks, statistics and storage; or said in another place.
HARMLESS = frozenset(
    {"answer_width", "answer_width_bycolumn", "choice_input_columns", "cssclass", "display_columns"}
    | {"display_rows", "display_type", "dropdown_dates", "dropdown_dates_minute_step", "hidden"}
    | {"dropdown_dates_month_style", "dropdown_prefix", "dropdown_prepostfix", "dropdown_size"}
    | {"dropdown_separators", "hide_tip", "input_boxes", "input_size", "keep_aspect", "page_break"}
    | {"label_input_columns", "printable_help", "public_statistics", "question_template"}
    | {"repeat_headings", "samechoiceheight", "samelistheight", "save_as_default", "scale_export"}
    | {"show_grand_total", "show_title", "showpopups", "statistics_graphtype", "text_input_columns"}
    | {"statistics_showgraph", "statistics_showmap", "subquestion_width", "text_input_width"}
    | {"time_limit_message_style", "time_limit_warning_style", "use_dropdown", "dropdown_prefix"}
    | {"time_limit_countdown_message", "time_limit_timer_style", "clear_default", "image"}
    | {"time_limit_warning_2_style", "reverse", "rank_title", "choice_title", "category_separator"}
    | {
        "num_value_int_only",
        "numbers_only",
        "other_replace_text",
        "date_format",
        "min_num_value_n_",
    }
    | {"parent_order", "random_group", "answer_order", "form_title", "slider_rating", "encrypted"}
    | {"alphasort_", "assessment_value", "scale_export", "location_mapheight", "location_mapwidth"}
    | {"location_mapzoom", "location_mapservice", "location_city", "location_state", "max_filesize"}
    | {"location_postal", "location_country", "max_num_of_files", "min_num_of_files", "nb"}
    | {"location_defaultcoordinates", "location_nodefaultfromip", "allowed_filetypes"}
    | {"question_theme_name", "add_platform_info", "slider_layout", "slider_orientation"}
    | {"slider_handle", "slider_custom_handle", "slider_showminmax", "slider_separator"}
    | {"em_validation_q_tip", "em_validation_sq_tip", "em_validation_sq_tip_", "other_position"}
    | {
        "slider_reset",
        "slider_middlestart",
        "multiflexible_step",
        "show_tick",
        "other_position_code",
    }
    | {
        "crypted_method",
        "fix_height",
        "fix_width",
        "horizontal_scroll",
        "statistics_",
        "same_script",
    }
)
_NO = frozenset({"", "0", "N", "n", "no", "default", "inherit", "I", "-1"})
_LOOKS = re.compile(r"time_limit_.*(message|style|warning|countdown|disable)|location_|slider_")
#: Settings of a survey that change what a respondent sees or who may answer.
_SETTINGS = {
    "autoredirect": "Y", "usecaptcha": "Y", "assessments": "Y", "usetokens": "Y",
    "shownoanswer": None, "allowprev": "N",
}  # fmt: skip
_TEXTS = frozenset(
    {"surveyls_url", "surveyls_urldescription", "surveyls_policy_notice", "surveyls_policy_error"}
    | {"surveyls_policy_notice_label"}
)


def harmless(name: str, value: str) -> bool:
    """Whether an attribute of that value changes nothing here."""
    return value in _NO or bool(_LOOKS.match(name))


def setting_matters(key: str, value: str) -> bool:
    """Whether a survey's setting has a meaning that is lost."""
    return _SETTINGS.get(key) == value


def text_matters(key: str) -> bool:
    """Whether a survey's text is one respondents read; its letters are not carried."""
    return key in _TEXTS


def apply(name: str, value: str, texts: Texts, made: list[Asked]) -> bool:
    """Say an attribute in keys of ours; False where they cannot."""
    if not made:
        return True
    asked = made[0]
    kinds = {each.type for each in made}
    whole = _whole(value)
    match name:
        case "random_order" | "answer_order" if value in {"1", "random"}:
            if not asked.options:
                return False
            for each in made:
                each.keys["shuffle"] = True
        case "max_answers" | "max_subquestions" if whole and kinds <= {"choices", "ranking"}:
            asked.keys["maximum" if asked.type == "choices" else "top"] = whole
        case "min_answers" if whole and asked.type == "choices":
            asked.keys["minimum"] = whole
        case "maximum_chars" if whole and kinds <= {"short_text", "long_text"}:
            for each in made:
                each.keys["maximum"] = min(whole, 1_000 if each.type == "short_text" else 500_000)
        case "exclude_all_others" if asked.type == "choices":
            return _exclude(value, asked)
        case "min_num_value_n" | "max_num_value_n" if kinds == {"number"}:
            return _bound("minimum" if name.startswith("min") else "maximum", value, made)
        case "date_min" | "date_max" if re.match(r"\d{4}-\d\d-\d\d$", value):
            asked.keys["minimum" if name == "date_min" else "maximum"] = value
        case "suffix":
            if kinds != {"number"}:
                return False
            for each in made:
                each.suffix = {k: v for k, v in texts.items() if k} or dict.fromkeys(
                    each.ask, value
                )
        case _:
            return False
    return True


def _whole(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() else 0


def _exclude(value: str, asked: Asked) -> bool:
    codes = {code.strip() for code in value.split(";")}
    if not codes <= {option.name for option in asked.options}:
        return False
    for option in asked.options:
        option.exclusive = option.name in codes
    return True


def _bound(key: str, value: str, made: list[Asked]) -> bool:
    try:
        bound = Decimal(value)
    except InvalidOperation:
        return False
    for asked in made:
        asked.keys[key] = number(bound)
    return bound.is_finite()
