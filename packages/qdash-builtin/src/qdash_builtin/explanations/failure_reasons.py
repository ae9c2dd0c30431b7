"""Kind of a failure, from the record of a result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from qdash_core.models.task import TaskResultModel

_EXCEPTION = re.compile(
    r"(attempt \d+ of \d+: )?(preprocess|run|run_group|postprocess|accepted): [A-Z]\w*(:|\b)"
)
"""Messages of `describe_failure`: the stage, then the type of an error that is none of QDash."""
_SKIPPED = re.compile(r"\S+ of (?P<target>\S+) is not available: (?P<task>\S+) ")
"""Messages of `ValueAvailability.find_skip_reason`."""


def classify_failure(result: TaskResultModel) -> frozenset[str]:
    """Return the kinds of `REASONS` (`qdash_builtin.task_pages.feature_names`) that a result has; none for a completed one."""
    match result.status:
        case TaskStatus.SKIPPED:
            return frozenset({"upstream"})
        case TaskStatus.CANCELLED:
            return frozenset({"cancelled"})
        case TaskStatus.FAILED:
            return frozenset(_classify(result))
        case _:
            return frozenset()


def _classify(result: TaskResultModel) -> set[str]:
    message = result.message
    if result.verdict is Verdict.REJECTED:
        return {"rejected"}
    if message == "interrupted":
        return {"interrupted"}
    if "took longer than its timeout of" in message:
        return {"timeout"}
    if "which has no accepted value" in message:
        return {"missing_input"}
    found = {"exception"} if _EXCEPTION.match(message) else set()
    if result.measurement_complete:
        return found | {"analysis"}
    # An error of QDash outside the analysis is one of the laboratory. Older records do not say whether the measurement was complete.
    return found or ({"backend"} if result.measurement_complete is False else set())


def find_missing_result(result: TaskResultModel) -> tuple[str, str] | None:
    """Return the task and target of the result that did not deliver an input of a skipped result, or None if unknown."""
    found = _SKIPPED.match(result.message) if result.status is TaskStatus.SKIPPED else None
    return None if found is None else (found["task"], found["target"])
