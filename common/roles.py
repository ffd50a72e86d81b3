"""The caller of a request. The role organises the work and is not an identity: users choose it themselves."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    USER = "user"
    HELPDESK = "helpdesk"

    @property
    def label(self) -> str:
        return self.value.capitalize()


ROLE_CHOICES = [(role.value, role.label) for role in Role]  # of a model's field


@dataclass(frozen=True)
class Caller:
    """Who is calling: a role from the session of the entrance, or a service with a token of one scope.

    session: pseudonym of the session, never its key. browser: SHA-256 of the browser's own cookie, empty
    without one. scope, analysis: service tokens only.
    """

    role: Role
    name: str = ""
    session: str = ""
    browser: str = ""
    scope: str = ""
    analysis: str = ""

    @property
    def is_helpdesk(self) -> bool:
        return self.role == Role.HELPDESK
