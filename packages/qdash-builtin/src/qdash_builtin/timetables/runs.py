"""Runs of timetables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qdash_builtin.timetables.activity import Activity
from qdash_core.errors import InvalidInputError
from qdash_core.models.request import RunRequest

if TYPE_CHECKING:
    from qdash_builtin.timetables.activity import Planning


class RunActivity(Activity[RunRequest]):
    """Run of a flow or a task. It is submitted in the transaction that handles its occurrence."""

    field = "request"
    request_type = RunRequest
    noun = "run"
    does = "starts runs"
    done = "started"
    selected_by = "flow"
    required = ("chip_id", "flow")
    options: ClassVar = {name: name for name in RunRequest.model_fields if name != "since"}
    """Without `since`, which is the start of a digest."""

    @classmethod
    def _parse(cls, fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "flow_version": None} if "flow" in fields else fields

    @property
    def label(self) -> str:
        """Name of its flow or task."""
        return self.request.flow

    def __str__(self) -> str:
        """Return the activity in words."""
        return f"{self.request.flow} on {self.request.chip_id or 'its chip'}"

    @property
    def by_hand(self) -> str:
        """Empty: `qdash timetable start` does it."""
        return ""

    def refuse_files(self) -> None:
        """Raise InvalidInputError if the flow is a file."""
        from qdash_builtin.runs.request_validation import refuse_file

        refuse_file(self.request)

    def validate(self, planning: Planning) -> RunRequest:
        """Return the request without user and project, checked as for a submission."""
        from qdash_builtin.runs.request_validation import validate_request

        if self.request.since is not None:
            raise InvalidInputError(
                "a timetable starts its run anew: what failed in an execution is run again by `qdash calibrate --only failed`"
            )
        access = planning.access
        validate_request(planning.runtime, access.project_id, self.request.with_access(access), later=True)
        return self.request.model_copy(update={"username": "", "project_id": None})
