"""SurveyJS's properties that mean nothing here, and the types of its elements."""

from __future__ import annotations

#: Looks and habits of the page; or said in another place.
HARMLESS = frozenset(
    {"type", "name", "title", "description", "startWithNewLine", "width", "minWidth", "maxWidth"}
    | {"indent", "rightIndent", "innerIndent", "titleLocation", "descriptionLocation", "colCount"}
    | {"hideNumber", "useDisplayValuesInDynamicTexts", "errorLocation", "state", "cssClasses"}
    | {"placeholder", "placeHolder", "optionsCaption", "rows", "autoGrow", "allowResize", "size"}
    | {"showNumber", "questionTitleLocation", "questionsOrder_initial", "elements", "questions"}
    | {"showQuestionNumbers", "valueName_", "cols", "isRequired", "visibleIf", "choices"}
    | {"itemComponent", "allowClear", "showClearButton", "searchEnabled", "searchMode", "renderAs"}
    | {"commentPlaceholder", "inputType", "autocomplete", "autoComplete", "html", "panelCount_"}
    | {"displayMode", "displayRateDescriptionsAsExtremeItems", "rateDisplayMode", "rateType"}
    | {"rateColorMode", "scaleColorMode", "autoGenerate", "rateCount", "columnMinWidth"}
    | {"rowTitleWidth", "alternateRows", "verticalAlign", "showHeader", "hideIfRowsEmpty"}
    | {
        "titleWidth",
        "itemSize",
        "inputSize",
        "requiredErrorText_",
        "dontKnowText_",
        "navigationTitle",
    }
    | {
        "navigationDescription",
        "closeOnSelect",
        "hideSelectedItems",
        "longTap",
        "selectToRankAreasLayout",
    }
    | {"valueTrue", "valueFalse", "labelTrue", "labelFalse", "showTitle", "swapOrder", "cellHint"}
    | {"denyEmptyInput_", "textUpdateMode", "dataList_", "gridLayoutColumns", "gridLayoutEnabled"}
    | {
        "questionTitleWidth",
        "questionErrorLocation",
        "imageHeight_",
        "hideTitle",
        "showCommentAreaRows",
    }
    | {
        "selectToRankEmptyRankedAreaText",
        "selectToRankEmptyUnrankedAreaText",
        "keyDuplicationError_",
    }
)
HARMLESS_SURVEY = frozenset(
    {
        "title",
        "description",
        "pages",
        "elements",
        "questions",
        "locale",
        "completedHtml",
        "showTitle",
    }
    | {"showProgressBar", "progressBarType", "progressBarLocation", "showQuestionNumbers", "width"}
    | {"questionTitleLocation", "questionDescriptionLocation", "questionErrorLocation", "widthMode"}
    | {
        "requiredText",
        "requiredMark",
        "questionStartIndex",
        "showPrevButton",
        "goNextPageAutomatic",
    }
    | {"completeText", "pageNextText", "pagePrevText", "startSurveyText", "showCompletedPage"}
    | {"showPageNumbers", "showPageTitles", "clearInvisibleValues", "focusFirstQuestionAutomatic"}
    | {"autoFocusFirstQuestion", "checkErrorsMode", "validationEnabled", "textUpdateMode", "mode"}
    | {"maxTextLength", "maxOthersLength", "headerView", "fitToContainer", "showTOC", "tocLocation"}
    | {"sendResultOnPageNext", "showNavigationButtons", "navigationButtonsLocation", "themeId"}
    | {"showPreviewBeforeComplete", "previewMode", "previewText", "editText", "questionsOnPageMode"}
    | {"autoAdvanceEnabled", "autoAdvanceAllowComplete", "calculatedValues_", "completeTextLoc"}
    | {"cookieName", "surveyId", "surveyPostId", "sendResultOnPageNext", "focusOnFirstError", "id"}
    | {
        "questionsOrder_initial",
        "showBrandInfo",
        "logoPosition",
        "logoWidth",
        "logoHeight",
        "logoFit",
    }
    | {
        "backgroundOpacity",
        "lazyRenderEnabled",
        "lazyRendering",
        "loadingHtml",
        "progressBarInheritWidthFrom",
    }
    | {
        "progressBarShowPageTitles",
        "progressBarShowPageNumbers",
        "showTimerPanelMode",
        "firstPageIsStarted",
    }
    | {
        "keepIncorrectValues",
        "allowCompleteSurveyAutomatic",
        "completedBeforeHtml",
        "emptySurveyHtml",
    }
)
#: Elements whose answers nothing here can hold.
NOTHING_LIKE_IT = {
    "image": "a picture", "imagepicker": "a choice among pictures", "imagemap": "a map to click on",
    "file": "an upload of files", "signaturepad": "a signature", "expression": "a calculated value",
    "matrixdropdown": "a table of several questions a row", "matrixdynamic": "a table that grows",
    "paneldynamic": "questions asked again and again",
    "custom": "an element of its own", "composite": "an element of its own",
}  # fmt: skip
