"""Operations on the home of this machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from qdash_core.errors import AccessDeniedError, InvalidInputError
from qdash_core.models.pages import USUAL_PAGE, PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.operations.required_role import RequiredRole
from qdash_core.operations.versions import make_version, parse_version
from qdash_core.process.build import read_build

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pydantic import BaseModel

    from qdash_core.features.declarations import HostCounter
    from qdash_core.models.access import Access
    from qdash_core.models.caller import Caller
    from qdash_core.models.token import AccessTokenModel
    from qdash_core.operations.operation import CallOptions, Operation
    from qdash_core.runtime.application import QDash

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """Transport to the opened home of this machine, whose users need no password.

    An unknown user who changes something is enrolled, if no user has a password. `project` is None for the user's
    default project. `trusted_files` tells whether the user may name files of this machine, which its processes then
    read and run; not an assistant.
    """

    qdash: QDash
    username: str
    project: str | None = None
    trusted_files: bool = True

    @property
    def project_id(self) -> str:
        """Id of the project; the property raises the reason if the user has no access to it."""
        return self.qdash.access(self.username, self.project).project_id

    @property
    def role(self) -> ProjectRole:
        """Role of the user in the project; the property raises the reason if there is none."""
        return self.qdash.access(self.username, self.project).role

    @property
    def version(self) -> str:
        """Version of QDash on this machine."""
        return str(read_build())

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of displayed times and days."""
        return self.qdash.zone

    def ask(self, operation: Operation[P, T], /, *given: P.args, **named: P.kwargs) -> T:
        """Perform an operation, and return its answer; raise the errors of the core."""
        return self.ask_versioned(operation, *given, **named)[0]

    def ask_versioned(
        self, operation: Operation[P, T], /, *given: P.args, **named: P.kwargs
    ) -> tuple[T, str]:
        """Perform an operation, and return its answer with the version, empty if there is none."""
        if not operation.reads:
            self.qdash.enroll(self.username, self.project)
        if operation.needs is RequiredRole.ADMINISTRATOR and not self.trusted_files:
            raise AccessDeniedError(f"{operation.name} takes an administrator: an assistant is none")
        call = LocalCall(self, operation.options)
        if operation.needs.role is not None:
            call.require(operation.needs.role)
        return operation(call, *given, **named), call.version


@dataclass(slots=True)
class LocalCall:
    """Call of an operation on the home of this machine: it has no token, no address and no audit log."""

    transport: LocalTransport
    options: CallOptions
    version: str = ""
    _access: Access | None = field(default=None, repr=False)

    def require(self, role: ProjectRole) -> None:
        """Raise the reason if the user has not this role in the project."""
        self._access = self.qdash.access(self.username, self.transport.project, role)

    @property
    def qdash(self) -> QDash:
        """Services."""
        return self.transport.qdash

    @property
    def caller(self) -> Caller:
        """Raise InvalidInputError: nobody has logged in."""
        raise InvalidInputError(
            "this concerns a login at a host, and the home of this machine has none: name a host by `qdash login URL`"
        )

    @property
    def token(self) -> AccessTokenModel | None:
        """None: there is no token."""
        return None

    @property
    def administers(self) -> bool:
        """True for a user who can read all files of the home."""
        return self.transport.trusted_files

    @property
    def trusted_files(self) -> bool:
        """True if the caller may name files of this machine."""
        return self.transport.trusted_files

    @property
    def username(self) -> str:
        """Username of the caller."""
        return self.transport.username

    @property
    def access(self) -> Access:
        """Access to the project; the property raises the reason if there is none."""
        if self._access is None:
            self.require(ProjectRole.VIEWER)
        assert self._access is not None
        return self._access

    @property
    def page(self) -> PageRequest:
        """Requested page of a list."""
        given = self.options
        return PageRequest(USUAL_PAGE if given.limit is None else given.limit, given.after)

    @property
    def address(self) -> str:
        """Empty: the caller is on this machine."""
        return ""

    @property
    def idempotency_key(self) -> str | None:
        """Key of the call."""
        return self.options.key

    @property
    def as_of(self) -> datetime | None:
        """Time of the last change that the caller has seen, or None to change any version."""
        return parse_version(self.options.version)

    @property
    def expected_version(self) -> str | None:
        """Version that the caller has seen, `*` for any, or None."""
        return self.options.version

    def set_changed_at(self, moment: datetime | None, *, seq: int | None = None, ages: bool = False) -> None:  # noqa: ARG002  nothing here is cached
        """Set the version of the answer from the time of the last change."""
        if moment is not None:
            self.version = make_version(moment)

    def set_version(self, text: str) -> None:
        """Set the version of the answer."""
        self.version = text

    def set_version_from(self, document: BaseModel) -> None:
        """Do nothing: no operation on this machine asks for a version of such a document."""

    def set_replayed(self) -> None:
        """Do nothing: the answer is the same."""

    def claim_username(self, username: str) -> None:
        """Do nothing: the audit log keeps requests to hosts."""

    def record_project(self, project_id: str) -> None:
        """Do nothing: the audit log keeps requests to hosts."""

    def record_objects(self, paths: Iterable[str]) -> None:
        """Do nothing: the audit log keeps requests to hosts."""

    def record_drafter(self, drafter: str) -> None:
        """Do nothing: the audit log keeps requests to hosts."""

    def count(self, counter: HostCounter, *labels: str, amount: float = 1) -> None:
        """Do nothing: hosts count."""
