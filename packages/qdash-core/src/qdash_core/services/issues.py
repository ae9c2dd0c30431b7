"""Services of issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.issues.service import IssueService


def open_issues(qdash: QDash) -> IssueService:
    """Open the service for laboratory issues."""
    from qdash_core.issues.fields import IssueNames
    from qdash_core.issues.service import IssueService

    def list_parameters() -> set[str]:
        return {*qdash.registry.output_parameters("qubit"), *qdash.registry.output_parameters("coupling")}

    names = IssueNames(qdash.registry.task_name, list_parameters)
    return IssueService(qdash.store, qdash.zone, names, announce=qdash.announce)
