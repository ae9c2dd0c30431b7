"""View models of `qdash doctor` and `qdash store verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.health_findings import HealthFinding


class CheckDocument(Document):
    """The outcome of one check."""

    name: str
    status: Literal["ok", "warning", "failed"]
    detail: str
    advice: str


class DoctorDocument(Document):
    """The outcomes of all checks."""

    checks: list[CheckDocument]

    @classmethod
    def from_findings(cls, findings: Iterable[HealthFinding]) -> Self:
        """Return the view model of findings."""
        return cls(checks=[CheckDocument.from_record(finding) for finding in findings])

    @property
    def failed(self) -> bool:
        """True if a check failed; a warning is not a failure."""
        return any(check.status == "failed" for check in self.checks)
