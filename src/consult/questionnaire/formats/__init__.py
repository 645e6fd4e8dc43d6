"""Questionnaires of other tools, in and out: XLSForm, SurveyJS, LimeSurvey, DDI, a dictionary."""
