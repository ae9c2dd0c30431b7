"""What workers of QDash are called at Prefect: their own name there, and the label of what they have asked for."""

from __future__ import annotations

LABEL = "qdash.worker"
"""What each flow run is labelled with that a worker of QDash's has asked for: its presence."""
PREFIX = "worker-"
"""With what the name of each worker of QDash's begins, and that of its work queue."""


def name_of(owner: str) -> str:
    """Return under which name a worker of ours is known to Prefect, and its work queue.

    Parameters
    ----------
    owner : str
        Its presence.
    """
    return f"{PREFIX}{owner}"
