from typing import Literal

Outcome = Literal[
    "accepted", "cancelled", "completed", "failed", "flagged", "pending", "running", "scheduled", "skipped"
]

OUTCOME_VALUES: set[Outcome] = {
    "accepted",
    "cancelled",
    "completed",
    "failed",
    "flagged",
    "pending",
    "running",
    "scheduled",
    "skipped",
}


def check_outcome(value: str) -> Outcome:
    if value in OUTCOME_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {OUTCOME_VALUES!r}")
