"""What doors show of files that are imported and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.exchange.passing import Arrived, Incoming
    from qdash_core.formats.comparing import Compared, Known

StandingText = Literal["new", "differs", "older", "same", "unknown"]


class ComparedNumber(Document):
    """A number with what is known of it; without a value, of design values only: that there is none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"value": 81.5, "error": 1.3}]})

    value: float | int | None = None
    error: float | None = None
    measured_at: UtcDatetime | None = None

    @classmethod
    def of(cls, known: Known) -> Self:
        """Return the document of a number."""
        return cls(value=known.value, error=known.error, measured_at=known.measured_at)


class ComparedDocument(Document):
    """A number of a file beside that of the chip."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "value",
                    "target": "0",
                    "parameter": "t1",
                    "unit": "us",
                    "standing": "differs",
                    "file": {"value": 81.5, "error": 1.3},
                    "chip": {"value": 80.2, "error": 1.1},
                    "sigmas": 0.76,
                    "place": "params/t1.yaml, data.Q00",
                }
            ]
        }
    )

    kind: Literal["value", "design"]
    target: str
    parameter: str
    unit: str
    standing: StandingText
    file: ComparedNumber
    chip: ComparedNumber | None = None
    """Absent: the chip has none."""
    sigmas: float | None = None
    """How far both lie apart in standard deviations of their difference."""
    place: str
    """Where in the files it stands."""
    why: str | None = None
    """Why it is unknown."""

    @classmethod
    def of(cls, one: Compared) -> Self:
        """Return the document of a number that was compared."""
        return cls(
            kind=one.kind,
            target=one.target,
            parameter=one.parameter,
            unit=one.unit,
            standing=one.standing.value,
            file=ComparedNumber.of(one.brought),
            chip=None if one.had is None else ComparedNumber.of(one.had),
            sigmas=one.sigmas,
            place=one.place,
            why=one.why or None,
        )


class NotUnderstoodDocument(Document):
    """Something of a file that was passed over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"file": "params/skew.yaml", "key": "data", "why": "no parameter of QDash"},
            ]
        }
    )

    file: str
    key: str
    why: str


class ImportDocument(Document):
    """What a file says beside what a chip has, and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "chip_id": "64Qv3",
                    "makes_a_chip": False,
                    "path": "params",
                    "format": "qubex-params",
                    "written": False,
                    "numbers": [],
                    "wiring": "same",
                    "not_understood": [],
                }
            ]
        }
    )

    chip_id: str
    makes_a_chip: bool
    path: str
    format: str
    written: bool
    """Whether it was brought: then all that is new or differs, and what is older where that was asked for."""
    execution_id: str | None = None
    """Under which values are on record."""
    numbers: list[ComparedDocument]
    wiring: StandingText | None = None
    layout: str | None = None
    """Where the files describe other qubits or couplings than the chip has."""
    not_understood: list[NotUnderstoodDocument]

    @classmethod
    def of(cls, incoming: Incoming, arrived: Arrived | None = None) -> Self:
        """Return the document of what would be brought, or was."""
        found = incoming.comparison
        return cls(
            chip_id=incoming.chip_id,
            makes_a_chip=incoming.makes_a_chip,
            path=incoming.source.path,
            format=incoming.source.format,
            written=arrived is not None,
            execution_id=None if arrived is None else arrived.execution_id,
            numbers=[ComparedDocument.of(one) for one in found.numbers],
            wiring=None if found.wiring is None else found.wiring.value,
            layout=found.layout or None,
            not_understood=[
                NotUnderstoodDocument(file=one.file, key=one.key, why=one.why) for one in found.not_understood
            ],
        )


class ExportDocument(Document):
    """Files that a chip was written to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"chip_id": "64Qv3", "format": "qubex-params", "files": ["params/t1.yaml"]}]
        }
    )

    chip_id: str
    format: str
    files: list[str]
