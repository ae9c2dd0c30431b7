"""What `qdash doctor` and `qdash store verify` show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.health.findings import Finding


class CheckDocument(Document):
    """What one check found."""

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

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Return the document of a finding."""
        return cls(name=finding.name, status=finding.status, detail=finding.detail, advice=finding.advice)


class DoctorDocument(Document):
    """What every check found."""

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
    def of(cls, findings: Iterable[Finding]) -> Self:
        """Return the document of findings."""
        return cls(checks=[CheckDocument.of(finding) for finding in findings])

    @property
    def failed(self) -> bool:
        """Whether a check failed; a warning is none."""
        return any(check.status == "failed" for check in self.checks)
