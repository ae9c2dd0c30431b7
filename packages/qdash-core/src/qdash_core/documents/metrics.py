"""The values of a chip."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.targets import by_number
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.metrics.values import ChipValues, Failure, KnownValue

_VALUE: dict[str, Any] = {
    "value": 81.5,
    "error": 1.3,
    "unit": "us",
    "calibrated_at": "2026-11-20T08:51:07.104405Z",
    "execution_id": "20261120-003",
    "task_id": "7d4f9a52-0b0e-4a27-9d0f-2f6f2a1f8d11",
}


class FailureDocument(Document):
    """What failed to give a value."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "task": "CheckT1",
                    "task_id": "7d4f9a52-0b0e-4a27-9d0f-2f6f2a1f8d11",
                    "execution_id": "20261120-003",
                    "ended_at": "2026-11-20T08:51:07.104405Z",
                }
            ]
        }
    )

    task: str
    task_id: str
    execution_id: str
    ended_at: datetime

    @classmethod
    def of(cls, failure: Failure) -> Self:
        """Return the document of a failure."""
        return cls(
            task=failure.task,
            task_id=failure.task_id,
            execution_id=failure.execution_id,
            ended_at=failure.ended_at,
        )


class ValueDocument(Document):
    """A value of a target, in the unit in which it is stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VALUE]})

    value: float | int | None = None
    """Absent only beside `failed`: there never was one."""
    error: float | None = None
    """Standard deviation; absent where it is not known."""
    unit: str | None = None
    calibrated_at: datetime | None = None
    """When it was measured; of what was computed from several results, the newest of them."""
    execution_id: str | None = None
    task_id: str | None = None
    """The result that it comes from; absent where it was computed from several."""
    n: int | None = None
    """From how many results it was chosen or computed."""
    std: float | None = None
    """Sample standard deviation of these results."""
    control: str | None = None
    """Of a recorded value of a coupling: the qubit that controlled, in whose direction alone values are chosen or computed."""
    verdict: Verdict | None = None
    reasons: list[str] | None = None
    """Why it is not used."""
    failed: FailureDocument | None = None

    @classmethod
    def of(cls, known: KnownValue | None, failure: Failure | None = None) -> Self:
        """Return the document of a value, of what failed to give one, or of both."""
        failed = None if failure is None else FailureDocument.of(failure)
        if known is None:
            return cls(failed=failed)
        parameter, accepted = known.parameter, known.verdict is Verdict.ACCEPTED
        computed = known.n is not None and not parameter.task_id
        return cls(
            value=parameter.value,
            error=parameter.error,
            unit=parameter.unit,
            calibrated_at=parameter.calibrated_at,
            execution_id=None if computed else parameter.execution_id,
            task_id=None if computed else parameter.task_id,
            n=known.n,
            std=known.std,
            control=known.control,
            verdict=None if accepted else known.verdict,
            reasons=None if accepted else list(known.reasons),
            failed=failed,
        )


class ChipValuesDocument(Document):
    """Values of a chip by target and metric; targets without any are left out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"qubits": {"0": {"t1": _VALUE}}, "couplings": {}}]}
    )

    qubits: dict[str, dict[str, ValueDocument]]
    couplings: dict[str, dict[str, ValueDocument]]

    @classmethod
    def of(cls, values: ChipValues, failures: Mapping[str, Mapping[str, Failure]] | None = None) -> Self:
        """Return the document of values, and of what failed."""
        failed = failures or {}
        of_qubits = {target: failed[target] for target in failed if "-" not in target}
        of_couplings = {target: failed[target] for target in failed if "-" in target}
        return cls.model_validate(
            {
                "qubits": _targets(values.qubits, of_qubits),
                "couplings": _targets(values.couplings, of_couplings),
            }
        )


def _targets(
    values: Mapping[str, Mapping[str, KnownValue]], failures: Mapping[str, Mapping[str, Failure]]
) -> dict[str, dict[str, ValueDocument | dict[str, Any]]]:
    found = {
        target: {
            name: _shown(value, failures.get(target, {}).get(name) if failures else None)
            for name, value in known.items()
        }
        for target, known in values.items()
    }
    for target, failed in failures.items():
        for name, failure in failed.items():
            found.setdefault(target, {}).setdefault(name, ValueDocument.of(None, failure))
    return {target: found[target] for target in sorted(found, key=by_number)}


def _shown(known: KnownValue, failure: Failure | None) -> ValueDocument | dict[str, Any]:
    """Return the document of a value, or what pydantic makes it of: there are thousands, and it makes them all at once."""
    if known.n is not None or failure is not None or known.verdict is not Verdict.ACCEPTED:
        return ValueDocument.of(known, failure)
    parameter = known.parameter
    return {
        "value": parameter.value,
        "error": parameter.error,
        "unit": parameter.unit,
        "calibrated_at": parameter.calibrated_at,
        "execution_id": parameter.execution_id,
        "task_id": parameter.task_id,
    }
