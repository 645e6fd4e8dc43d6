"""The lifecycle of a consultation: one table, from which the diagram is drawn too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from consult.errors import ConsultError
from consult.questionnaire.survey import Survey, Window

Stage = Literal["draft", "published", "closed"]
Action = Literal["publish", "close", "reopen", "unpublish"]
#: What a respondent meets: the stage, and for a published one the hour.
State = Stage | Window

#: (stage, action) → next stage. Whatever is not here cannot be done.
TRANSITIONS: Mapping[tuple[Stage, Action], Stage] = {
    ("draft", "publish"): "published",
    ("published", "publish"): "published",
    ("published", "close"): "closed",
    ("published", "unpublish"): "draft",
    ("closed", "reopen"): "published",
    ("closed", "unpublish"): "draft",
}


def after(stage: Stage, action: Action) -> Stage:
    """The stage that ``action`` leads to. Raises ConsultError."""
    try:
        return TRANSITIONS[stage, action]
    except KeyError:
        possible = ", ".join(a for s, a in TRANSITIONS if s == stage) or "nothing"
        raise ConsultError(f"A {stage} consultation cannot {action}; it can {possible}.") from None


def state(stage: Stage, survey: Survey, now: datetime, begun: datetime | None = None) -> State:
    """What a respondent meets at ``now``; ``begun`` is when their draft was begun."""
    return survey.window(now, begun) if stage == "published" else stage


def diagram() -> str:
    """The table as text, for ARCHITECTURE.md."""
    return "\n".join(f"{s:<10} --{a}--> {t}" for (s, a), t in TRANSITIONS.items())
