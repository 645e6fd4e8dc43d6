"""What invitations, reminders and codes for signing in say."""

from __future__ import annotations

from dataclasses import dataclass

from consult import clock
from consult.inviting.model import Channel
from consult.questionnaire.answers.base import N_
from consult.questionnaire.survey import Survey
from consult.web.templating import translations


@dataclass(frozen=True)
class Said:
    """A message; a text message has no subject."""

    subject: str
    body: str


INVITED = N_("You are invited to answer a survey by %(body)s.")
REMINDED = N_("You were invited to answer a survey by %(body)s. There is still time.")
ABOUT = N_("It is about: %(title)s")
LINK = N_("Open this link to answer: %(link)s")
CODE = N_("Or go to %(address)s and enter the code %(code)s")
BY = N_("Answer by %(closes)s.")
ONCE = N_(
    "The link and the code work once and are for you alone. %(body)s can see that they were used, "
    "so that you are not reminded again. It cannot see which answers are yours."
)
ON_PAPER = N_("To answer, go to %(address)s and enter this code:")
ONCE_LETTER = N_("The code works once. Nobody can see from it which answers are yours.")
NOT_WANTED = N_("If you do not want to answer, you need not do anything.")
SUBJECT_INVITED = N_("An invitation from %(body)s")
SUBJECT_REMINDED = N_("A reminder from %(body)s")
TEXT = N_("%(body)s asks for your views. Answer once, by %(closes)s: %(link)s")
SIGN_IN_SUBJECT = N_("Your code: %(code)s")
SIGN_IN = N_(
    "Enter the code %(code)s on the page where you asked for it. It works for 10 minutes. If you "
    "did not ask for it, you can ignore this message."
)


def invitation(
    survey: Survey, language: str, channel: Channel, public_url: str, code: str, *, again: bool
) -> Said:
    """An invitation, or (``again``) a reminder. A sensitive survey's says not what it is about."""
    language = language if language in survey.languages else survey.languages[0]
    say = translations(language).gettext
    fill = {
        "body": survey.definition.body,
        "title": survey.words[language].title,
        "link": link(public_url, code),
        "address": f"{public_url}/s/{survey.slug}",
        "code": code,
        "closes": clock.spoken(survey.closes, language),
    }
    if channel == "text":
        return Said("", say(TEXT) % fill)
    parts = [REMINDED if again else INVITED, ABOUT, LINK, CODE, BY, ONCE, NOT_WANTED]
    if survey.definition.sensitive:
        parts.remove(ABOUT)
    subject = say(SUBJECT_REMINDED if again else SUBJECT_INVITED) % fill
    return Said(subject, "\n\n".join(say(part) % fill for part in parts))


def link(public_url: str, code: str) -> str:
    """The link that carries a code: it sets the code aside and leads on to a page without it."""
    return f"{public_url}/i/{code.replace('-', '')}"


RETURN_SUBJECT = N_("Your code")
RETURN = N_(
    "Open this link to go on with your answers: %(link)s If it asks for a code, enter %(code)s. "
    "Whoever has this message can read and change your answers until you send them. If you did not "
    "ask for it, you can ignore it."
)


def coming_back(slug: str, language: str, public_url: str, code: str) -> Said:
    """The code that leads back to a draft, and nothing of what the survey is about.

    In the link it stands behind the ``#``, which browsers keep to themselves: no server's log and
    no other site sees it.
    """
    say = translations(language).gettext
    link = f"{public_url}/s/{slug}/{language}/return#{code}"
    return Said(say(RETURN_SUBJECT), say(RETURN) % {"link": link, "code": code})


def sign_in(language: str, code: str) -> Said:
    """The code that shows an address is somebody's."""
    say = translations(language).gettext
    return Said(say(SIGN_IN_SUBJECT) % {"code": code}, say(SIGN_IN) % {"code": code})
