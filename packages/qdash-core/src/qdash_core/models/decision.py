"""Decision of a user on a parameter of a task result."""

from typing import Literal

from qdash_core.models.base import UtcDatetime, Value


class Decision(Value):
    """Decision of a user to accept or reject a parameter of a result. It overrides the verdict."""

    verdict: Literal["accepted", "rejected"]
    username: str
    reason: str = ""
    decided_at: UtcDatetime
