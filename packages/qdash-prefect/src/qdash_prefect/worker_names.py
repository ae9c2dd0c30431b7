"""Names and labels of QDash's workers in Prefect."""

from __future__ import annotations

LABEL = "qdash.worker"
"""Label of flow runs requested by a QDash worker: the owner of the worker's process registration."""
PREFIX = "worker-"
"""Prefix of the name of each QDash worker, and of its work queue."""

TAKEN_BY = "taken by "
"""Prefix of the message of a pending flow run, followed by the name of the worker that takes it."""


def make_worker_name(owner: str) -> str:
    """Return the name of a worker, and of its work queue, in Prefect from the owner of its registration."""
    return f"{PREFIX}{owner}"
