"""Removals of old data by timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qdash_builtin.home.pruning.keep_request import KeepRequest, PrunedKind
from qdash_builtin.timetables.activity import ActivityResult, ThreadedActivity
from qdash_core.errors import InvalidInputError
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Self

    from qdash_builtin.timetables.activity import ActivityServices, Occurrence


class RemovalActivity(ThreadedActivity[KeepRequest]):
    """Removal of old data of the project."""

    field = "keep"
    request_type = KeepRequest
    noun = "removal"
    does = "removes old data"
    busy = "pruning"
    done = "pruned"
    lost = "the process that was removing old data ended; the next occurrence goes on"
    role = ProjectRole.OWNER
    selected_by = "keep"
    options: ClassVar = {"keep": "keep"}

    @classmethod
    def from_options(cls, given: Mapping[str, Any], former: KeepRequest | None = None) -> Self:  # noqa: ARG003
        """Return the removal of options such as `raw=90d`, which replace all former ages."""
        return cls(KeepRequest.parse(_split_ages(given["keep"])))

    def __str__(self) -> str:
        """Return the activity in words."""
        return f"removes data of the project that are older than {self.request}"

    @property
    def by_hand(self) -> str:
        """Advice that names the command which removes old data now."""
        return "remove old data now with `qdash store prune --older-than 90d`"

    def perform(self, services: ActivityServices, occurrence: Occurrence) -> ActivityResult:
        """Remove old data."""
        outcome = services.get_pruner().prune(self.request, project_id=occurrence.timetable.project_id)
        return ActivityResult(not outcome.failures, "; ".join([str(outcome), *outcome.failures[:1]]))


def _split_ages(ages: Sequence[str]) -> Iterator[tuple[PrunedKind, str]]:
    """Yield kind and age of options such as `raw=90d`; raise InvalidInputError for another one."""
    for one in ages:
        kind, found, age = one.partition("=")
        if not found or kind not in [str(known) for known in PrunedKind]:
            raise InvalidInputError(
                f"--keep {one}: write one of {', '.join(PrunedKind)} with an age, such as raw=90d"
            )
        yield PrunedKind(kind), age
