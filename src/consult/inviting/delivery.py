"""Handing a message to a mail server or to GOV.UK Notify. Everything here waits: call it aside.

No address, code or text of a message is logged, and an error keeps a kind alone: what a server
says can quote the address.
"""

from __future__ import annotations

import base64
import hmac
import json
import smtplib
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from http.client import HTTPException
from typing import Any

from consult.inviting.model import Channel, Problem
from consult.inviting.wording import Said
from consult.settings import Delivery

#: Seconds that a server may take.
PATIENCE = 10


class NotDelivered(Exception):
    """A message that was not taken. ``lasting``: it is no use trying again."""

    def __init__(self, problem: Problem, *, lasting: bool = False) -> None:
        super().__init__(problem)
        self.problem, self.lasting = problem, lasting


@dataclass
class Carrier:
    """What messages are handed to, for as long as there are some: keeps a mail server's line."""

    settings: Delivery
    _line: smtplib.SMTP | None = field(default=None, repr=False)

    def send(
        self, channel: Channel, to: str, said: Said, reference: str, *, tried: bool = False
    ) -> None:
        """Hand over one message. Raises NotDelivered.

        ``reference`` is the message's own, the same each time it is sent; ``tried`` says that it
        may have been handed over before.
        """
        notify = self.settings.notify_key
        if channel == "text" or (notify and self.settings.notify_email):
            _Notify(self.settings).send(channel, to, said, reference, tried=tried)
        else:
            self._by_mail(to, said, reference)

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._line.quit()
            self._line = None

    # -- a mail server -----------------------------------------------------------------------------

    def _by_mail(self, to: str, said: Said, reference: str) -> None:
        message = EmailMessage()
        sender = parseaddr(self.settings.mail_from)[1]
        try:
            message["From"] = self.settings.mail_from
            message["To"] = to
            message["Subject"] = said.subject
            message["Date"] = formatdate()
            # The same each time: most mailboxes show a message sent twice once.
            message["Message-ID"] = f"<{reference}@{sender.rpartition('@')[2]}>"
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(said.body)
        except ValueError:
            raise NotDelivered("address", lasting=True) from None
        try:
            self._open().send_message(message, sender, [to])
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()), (550, b""))[0]
            raise NotDelivered("address", lasting=code >= 500) from None
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused):
            self.close()
            raise NotDelivered("setting") from None
        except (smtplib.SMTPNotSupportedError, ValueError):  # letters that it cannot carry
            raise NotDelivered("address", lasting=True) from None
        except smtplib.SMTPResponseException as error:
            self.close()
            raise NotDelivered("refused", lasting=error.smtp_code >= 500) from None
        except (smtplib.SMTPException, OSError):
            self.close()
            raise NotDelivered("unreachable") from None

    def _open(self) -> smtplib.SMTP:
        if self._line is not None:
            return self._line
        url = urllib.parse.urlsplit(self.settings.smtp_url)
        host, secure = url.hostname or "localhost", ssl.create_default_context()
        if url.scheme == "smtps":
            self._line = smtplib.SMTP_SSL(host, url.port or 465, timeout=PATIENCE, context=secure)
        else:
            self._line = smtplib.SMTP(host, url.port or 25, timeout=PATIENCE)
            self._line.ehlo()
            if self._line.has_extn("starttls"):
                self._line.starttls(context=secure)
                self._line.ehlo()
        if url.username:
            password = urllib.parse.unquote(url.password or "")
            self._line.login(urllib.parse.unquote(url.username), password)
        return self._line


# -- GOV.UK Notify ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Notify:
    settings: Delivery

    def send(self, channel: Channel, to: str, said: Said, reference: str, *, tried: bool) -> None:
        """Hand over one message, unless it has been: Notify is asked before a second time."""
        if tried:
            asked = urllib.parse.urlencode({"reference": reference})
            if self._call(f"/v2/notifications?{asked}").get("notifications"):
                return
        email = channel == "email"
        template = self.settings.notify_email if email else self.settings.notify_text
        filled = {"message": said.body} | ({"subject": said.subject} if email else {})
        kind, who = ("email", "email_address") if email else ("sms", "phone_number")
        body = {who: to, "template_id": template, "personalisation": filled, "reference": reference}
        self._call(f"/v2/notifications/{kind}", body)

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  an address of the installation's own
            self.settings.notify_url.rstrip("/") + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "authorization": f"Bearer {token(self.settings.notify_key, int(time.time()))}",
                "content-type": "application/json",
                "user-agent": "consult",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            with error, suppress(OSError, HTTPException):  # what it says can break off too
                raise _judged(error.code, error.read(10_000)) from None
            raise NotDelivered("unreachable") from None
        except (OSError, ValueError, RecursionError, HTTPException):  # nobody, or no answer
            raise NotDelivered("unreachable") from None
        if not isinstance(said, dict):
            raise NotDelivered("unreachable")
        return said


def _judged(status: int, said: bytes) -> NotDelivered:
    if status == 400:
        # Of 400 it is either the address or how the service or its template is set up.
        about_address = b"email_address" in said or b"phone_number" in said
        return NotDelivered("address" if about_address else "setting", lasting=about_address)
    if status in (401, 403, 404):
        return NotDelivered("setting")
    return NotDelivered("refused" if 400 <= status < 500 and status != 429 else "unreachable")


def token(key: str, issued: int) -> str:
    """The JSON Web Token (HS256) that an API key of the form name-service-secret makes.

    Service and secret are UUIDs of 36 characters, so the name may hold hyphens.
    """
    service, secret = key[-73:-37], key[-36:]
    parts = [{"typ": "JWT", "alg": "HS256"}, {"iss": service, "iat": issued}]
    said = b".".join(_url64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    signed = hmac.digest(secret.encode(), said, "sha256")
    return (said + b"." + _url64(signed)).decode()


def _url64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
