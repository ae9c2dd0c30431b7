"""Base class of the activities of timetables. Each kind is declared by one subclass, which services, commands, routes and pages read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import Self

    from qdash_builtin.digests.delivery import DigestDelivery
    from qdash_builtin.home.pruning.pruner import Pruner
    from qdash_builtin.timetables.models.timetable import Became, Missed, TimetableModel
    from qdash_core.models.access import Access
    from qdash_core.runtime.runtime import Runtime

R = TypeVar("R", bound=BaseModel)


class ActivityResult(NamedTuple):
    """Result of an activity that was performed in a thread; `why` is the result or the failure as text, or empty."""

    succeeded: bool
    why: str


@dataclass(frozen=True, slots=True)
class Planning:
    """Situation in which an activity is planned.

    `trusted_files` says whether it may name a file or folder of this machine.
    """

    runtime: Runtime
    access: Access
    timezone: str
    now: datetime
    trusted_files: bool


@dataclass(frozen=True, slots=True)
class ActivityServices:
    """Services that perform activities."""

    runtime: Runtime
    digests: DigestDelivery
    get_pruner: Callable[[], Pruner]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Occurrence of a timetable whose activity is performed in a thread, and the start (`now`) of its handling."""

    access: Access
    timetable: TimetableModel
    at: datetime
    now: datetime


@dataclass(frozen=True)
class Activity(ABC, Generic[R]):
    """Activity of a timetable.

    Parameters
    ----------
    request : Value
        The request in the field of the timetable.

    Attributes
    ----------
    field
        Field of `ActivityFields` that has the request.
    noun, does
        Its name, and what the timetable does.
    done
        Outcome of an occurrence after success.
    role
        Role in the project that it needs.
    needs_notifier
        Whether notifiers have to be configured.
    selected_by, options
        Option of the command line that selects it, and the options that it takes, each with its field of the request or None.
    required
        Options that cannot be left out.
    """

    request: R

    field: ClassVar[str]
    request_type: ClassVar[type[BaseModel]]
    noun: ClassVar[str]
    does: ClassVar[str]
    done: ClassVar[Became]
    role: ClassVar[ProjectRole] = ProjectRole.EDITOR
    needs_notifier: ClassVar[bool] = False
    selected_by: ClassVar[str]
    options: ClassVar[Mapping[str, str | None]]
    required: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def from_options(cls, given: Mapping[str, Any], former: R | None = None) -> Self:
        """Return the activity of options of the command line, given by name, each one of `options`.

        The other fields of the former request stay; None for a new activity.

        Raises
        ------
        InvalidInputError
            If a value is invalid.
        """
        fields = {field: value for option, value in given.items() if (field := cls.options[option])}
        try:
            return cls(cls.request_type.model_validate({**dict(former or ()), **cls._parse(fields)}))  # type: ignore[arg-type]
        except ValidationError as error:
            raise InvalidInputError(": ".join(filter(None, find_first_error(error)))) from None

    @classmethod
    def _parse(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """Return fields of the request from values of options; raise InvalidInputError if one is invalid."""
        return fields

    @property
    def label(self) -> str:
        """Name in lists of timetables."""
        return self.noun

    @abstractmethod
    def __str__(self) -> str:
        """Return the activity in words."""

    @property
    @abstractmethod
    def by_hand(self) -> str:
        """Advice that names the command which does it now; empty if `qdash timetable start` does."""

    def describe_missed(self, missed: Missed) -> str:
        """Return what is done for missed times."""
        return f"one {self.noun} for all missed times" if missed == "once" else f"no {self.noun}"

    def require_access(self, access: Access) -> None:
        """Raise AccessDeniedError or InvalidInputError unless a user may plan it."""
        access.require(self.role)

    def refuse_files(self) -> None:
        """Raise InvalidInputError if it runs a file of this machine."""

    def validate(self, planning: Planning) -> R:  # noqa: ARG002
        """Return the request in its stored form, checked as if it were performed now.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If it cannot be performed.
        """
        return self.request


class ThreadedActivity(Activity[R]):
    """Activity that is performed in a thread of the worker, unlike a run, which has a process.

    Attributes
    ----------
    busy
        Outcome of an occurrence while it is performed.
    lost
        Reason of the failure if the process that performed it ended.
    """

    busy: ClassVar[Became]
    lost: ClassVar[str]

    @abstractmethod
    def perform(self, services: ActivityServices, occurrence: Occurrence) -> ActivityResult:
        """Perform the activity and return its result; any error is a failure."""
