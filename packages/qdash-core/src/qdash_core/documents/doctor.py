"""View models of `qdash doctor` and `qdash store verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.health.findings import HealthFinding


class CheckDocument(Document):
    """The outcome of one check."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "artifacts",
                    "status": "failed",
                    "detail": "file:///home/lab/artifacts: of 812 that results name, 1 file (default/bench/...) missing",
                    "advice": "put the files back where they were, or restore a backup (qdash store restore)",
                }
            ]
        }
    )

    name: str
    status: Literal["ok", "warning", "failed"]
    detail: str
    advice: str


class DoctorDocument(Document):
    """The outcomes of all checks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "checks": [
                        {"name": "disk", "status": "ok", "detail": "120.4 GiB free", "advice": ""},
                    ]
                }
            ]
        }
    )

    checks: list[CheckDocument]

    @classmethod
    def from_findings(cls, findings: Iterable[HealthFinding]) -> Self:
        """Return the view model of findings."""
        return cls(checks=[CheckDocument.from_record(finding) for finding in findings])

    @property
    def failed(self) -> bool:
        """True if a check failed; a warning is not a failure."""
        return any(check.status == "failed" for check in self.checks)
