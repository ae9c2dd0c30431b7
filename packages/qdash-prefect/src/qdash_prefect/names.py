"""What workers of QDash are called at Prefect: their own name there, and the label of what they have asked for."""

from __future__ import annotations

LABEL = "qdash.worker"
"""What each flow run is labelled with that a worker of QDash's has asked for: its presence."""
PREFIX = "worker-"
"""With what the name of each worker of QDash's begins, and that of its work queue."""

TAKEN_BY = "taken by "
"""Beginning of the message of a pending flow run; the name of the worker that takes it follows."""


def name_of(owner: str) -> str:
    """Return under which name a worker of ours is known to Prefect, and its work queue.

    Parameters
    ----------
    owner : str
        Its presence.
    """
    return f"{PREFIX}{owner}"
