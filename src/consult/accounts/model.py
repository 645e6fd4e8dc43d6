"""Staff, their roles, and who may enter which page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["designer", "analyst", "interviewer", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

#: A route's ``who``: everyone, or the roles that may enter. Every route has one.
Who = frozenset[str]
PUBLIC: Who = frozenset({"public"})
STAFF: Who = frozenset(ROLES)
ANALYSTS: Who = frozenset({"analyst", "admin"})
DESIGNERS: Who = frozenset({"designer", "admin"})


@dataclass(frozen=True)
class Staff:
    """A member of staff who is signed in."""

    id: int
    email: str
    role: Role

    def may(self, who: Who) -> bool:
        """Whether a route that says ``who`` is open to them."""
        return self.role in who
