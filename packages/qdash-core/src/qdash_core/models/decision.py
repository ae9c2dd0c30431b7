"""Decision of a user on a parameter of a task result."""

from enum import StrEnum
from typing import Literal

from qdash_core.models.base import UtcDatetime, Value


class Decision(Value):
    """Decision of a user to accept or reject a parameter of a result. It overrides the verdict."""

    verdict: Literal["accepted", "rejected"]
    username: str
    reason: str = ""
    decided_at: UtcDatetime


class ReviewState(StrEnum):
    """State of a flagged result."""

    WAITING = "waiting"
    """It awaits a decision."""
    SUPERSEDED = "superseded"
    """A later result replaced it: all its values have a later value in use, or its task was completed again."""
    EXCLUDED = "excluded"
    """A user has excluded its target, or a qubit of its coupling, or marked it as dead."""
    DECIDED = "decided"
    """A user has decided on all its values."""
