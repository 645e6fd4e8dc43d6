"""Codes, lists of addresses, messages and how they are signed: the pure rules of invitations."""

import base64
import hmac
import io
import json

import pytest
from pypdf import PdfReader

from consult.errors import ConsultError
from consult.inviting import codes, letters
from consult.inviting.delivery import token
from consult.inviting.model import MOST, reaches
from consult.inviting.wording import invitation, link
from consult.questionnaire.survey import Survey
from consult.settings import Delivery, SettingError, Settings

ROOT = b"r" * 32


def test_a_code_is_read_as_it_was_said_and_leaves_a_mark_of_this_installation() -> None:
    code = codes.new_code()
    assert len(code) == 14
    assert codes.normal(code.lower().replace("-", " ")) == code
    assert codes.normal("OIL0-1111-AAAA") == "0110-1111-AAAA"
    assert codes.normal(code[:-1]) is None
    assert codes.normal("U" * 12) is None
    mark = codes.mark_of_code(ROOT, code)
    assert mark == codes.mark_of_code(ROOT, code)
    assert len(mark) == 32
    assert mark != codes.mark_of_code(b"s" * 32, code)
    assert mark != codes.mark_of_address(ROOT, "tiny", code)
    assert len({made for made, _ in codes.marked(ROOT, 20)}) == 20


def test_a_list_is_read_as_it_was_pasted_or_saved() -> None:
    text = "\ufeffName,Email\nAnn,ann@example.org\n\nBob;Bob@Example.org\nANN@example.org\n"
    assert reaches(text, "email") == ["ann@example.org", "Bob@Example.org"]
    assert reaches("07700 900123\n+44 7700-900456\n", "text") == ["07700900123", "+447700900456"]
    for wrong, channel, said in (
        ("ann@example.org\nnonsense\nBob\n", "email", "in line 2, 3"),
        ("", "email", "Add an email address"),
        ("x" * 2_000_001, "email", "too long"),
        ("12\n", "text", "Add a telephone number"),
        ("a@b.org\nx\r\nBcc: c@d\n", "email", "in line 2, 3"),
        ("\n".join(f"a{n}@example.org" for n in range(MOST + 1)), "email", "several batches"),
    ):
        with pytest.raises(ConsultError, match=said):
            reaches(wrong, channel)  # type: ignore[arg-type]


def test_a_message_carries_code_and_link_and_of_a_sensitive_survey_not_what_it_is_about(
    everything: Survey,
) -> None:
    url, code = "https://survey.example.org", "7Q4M-1XKD-0PZR"
    assert link(url, code) == "https://survey.example.org/i/7Q4M1XKD0PZR"
    said = invitation(everything, "en", "email", url, code, again=False)
    assert said.subject == "An invitation from Test Body"
    for part in (link(url, code), code, f"{url}/s/everything", everything.words["en"].title):
        assert part in said.body
    again = invitation(everything, "cy", "email", url, code, again=True)
    assert again.subject == "Nodyn atgoffa gan Test Body"
    text = invitation(everything, "en", "text", url, code, again=False)
    assert text.subject == ""
    assert link(url, code) in text.body
    hidden = Survey(everything.definition.model_copy(update={"sensitive": True}), everything.words)
    quiet = invitation(hidden, "en", "email", url, code, again=False)
    assert everything.words["en"].title not in quiet.subject + quiet.body


def test_letters_are_a_page_each_that_a_screen_reader_can_read(everything: Survey) -> None:
    said = ["7Q4M-1XKD-0PZR", "AAAA-BBBB-CCCC"]
    made = PdfReader(io.BytesIO(letters.pdf(everything, "en", said, "https://s.example.org")))
    assert len(made.pages) == 2
    for page, code in zip(made.pages, said, strict=True):
        assert code in page.extract_text()
    assert "/MarkInfo" in made.trailer["/Root"]
    rows = letters.table(said, "https://s.example.org").splitlines()
    assert rows == [
        "code,link",
        "7Q4M-1XKD-0PZR,https://s.example.org/i/7Q4M1XKD0PZR",
        "AAAA-BBBB-CCCC,https://s.example.org/i/AAAABBBBCCCC",
    ]


def test_notify_is_signed_in_to_with_the_parts_of_its_key() -> None:
    service = "11111111-2222-3333-4444-555555555555"
    secret = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"  # noqa: S105
    head, body, signed = token(f"my-key-{service}-{secret}", 1_700_000_000).split(".")

    def read(part: str) -> bytes:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

    assert json.loads(read(head)) == {"typ": "JWT", "alg": "HS256"}
    assert json.loads(read(body)) == {"iss": service, "iat": 1_700_000_000}
    assert read(signed) == hmac.digest(secret.encode(), f"{head}.{body}".encode(), "sha256")


def test_settings_of_delivery() -> None:
    environment = {
        "CONSULT_PUBLIC_URL": "https://survey.example.org/",
        "CONSULT_SMTP_URL": "smtp://mail.example.org",
        "CONSULT_MAIL_FROM": "Consultation <views@example.org>",
    }
    made = Settings.from_environment(environment)
    assert made.delivery.public_url == "https://survey.example.org"
    assert (made.delivery.by_email, made.delivery.by_text) == (True, False)
    assert not Delivery().by_email
    secret = Settings(secret="hush", delivery=Delivery(notify_key="hush", smtp_url="hush"))
    assert "hush" not in repr(secret)
    for name, value, said in (
        ("CONSULT_SMTP_URL", "mail.example.org", "smtp://"),
        ("CONSULT_MAIL_FROM", "nobody", "sender"),
        ("CONSULT_PUBLIC_URL", "survey.example.org", "https://"),
        ("CONSULT_TRUSTED_PROXIES", "-1", "from 0"),
    ):
        with pytest.raises(SettingError, match=said):
            Settings.from_environment({**environment, name: value})
