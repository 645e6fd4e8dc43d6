"""Which surveys can be a poll."""

from __future__ import annotations

from consult.questionnaire.survey import Survey


def embeddable(survey: Survey) -> bool:
    """Whether a survey may stand in a frame: hosts are listed, and ``check`` refuses the rest.

    One page, for a frame has no way back and no place to save; open to everybody, for nothing of
    a browser is known in a frame; not sensitive, for nobody can leave a frame in one key.
    """
    definition = survey.definition
    return (
        bool(definition.embed_on)
        and len(survey.pages) == 1
        and definition.access == "open"
        and not definition.sensitive
    )
