"""View models of `qdash lab`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic.config import JsonDict

    from qdash_tasks.laboratory.recipes import Finding

_VALUE: JsonDict = {
    "name": "fringe at",
    "value": -0.262,
    "error": 0.005,
    "expected": 0.25,
    "unit": "turns",
    "tolerance": 0.2,
}
_FINDING: JsonDict = {
    "recipe": "phase_against_frequency",
    "target": "0",
    "outcome": "not met",
    "values": [_VALUE],
    "reading": "phase mirrored: for the line of qubit 0 `signs` must return phase=-1 instead of phase=1",
}


class ValueDocument(Document):
    """Number measured by a recipe."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VALUE]})

    name: str
    value: float
    error: float
    """Standard error."""
    expected: float | None = None
    """Value of a correct laboratory; absent if any value is correct."""
    unit: str
    tolerance: float = 0.0
    """Allowed deviation beyond noise of a correct laboratory; 0 if none is stated."""


class FindingDocument(Document):
    """Finding of one recipe on one target."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FINDING]})

    recipe: str
    target: str
    outcome: Literal["met", "not met", "not clear", "not possible"]
    values: list[ValueDocument]
    reading: str
    """Meaning of the finding, and the setting to change if it is not met."""


class LaboratoryCheckDocument(Document):
    """Findings of the recipes on a chip."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"chip_id": "bench", "met": False, "findings": [_FINDING]}]}
    )

    chip_id: str
    met: bool
    """True if all recipes that were possible are met."""
    findings: list[FindingDocument]

    @classmethod
    def from_findings(cls, chip_id: str, found: Sequence[Finding]) -> Self:
        """Return the view model of the findings on a chip."""
        return cls(
            chip_id=chip_id,
            met=all(one.passed for one in found),
            findings=[FindingDocument.from_record(one) for one in found],
        )
