"""What `qdash twin` and `qdash demo` show."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import ConfigDict, Field

from qdash_core.documents.base import Document, ExplicitDocument
from qdash_core.models.faults import ENTRY, FewFaults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.config import JsonDict

    from qdash_core.chips.chip import Chip
    from qdash_fake.gates_found import GatesSummary
    from qdash_fake.options import TwinOptions
    from qdash_fake.truth import TrueParameters, Value
    from qdash_fake.twin import Twin

Options = dict[str, bool | float | str | dict[str, float]]
"""How a twin misbehaves: what is not as usual, by the names of its options."""

_Option = (
    bool
    | float
    | Annotated[str, Field(max_length=1000)]
    | Annotated[
        dict[Annotated[str, Field(max_length=64), ENTRY], Annotated[float, ENTRY]], Field(max_length=1000)
    ]
)

_TWIN: JsonDict = {
    "chip_id": "jakarta",
    "device": "jakarta",
    "seed": 0,
    "options": {"drift": 1.0, "dead_line": {"3": 12.0}},
    "n_qubits": 7,
    "sessions": 2,
    "clock_s": 840.5,
}
_T1: JsonDict = {"value": 118.2, "unit": "us"}
_ACCURACY: JsonDict = {
    "n": 7,
    "within_1_sigma": 0.714,
    "within_2_sigma": 1.0,
    "median_relative_error": 0.012,
}
_GATES: JsonDict = {
    "n": 6,
    "not_impossible": 5,
    "calibrated": 5,
    "within_20_percent_of_best": 4,
    "median_error_over_best": 1.06,
}


class TwinDocument(Document):
    """A twin, without what is hidden of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TWIN]})

    chip_id: str
    device: str
    seed: int
    options: Options
    n_qubits: int
    sessions: int
    """How often something was measured on it."""
    clock_s: float
    """Laboratory time."""

    @classmethod
    def of(cls, chip_id: str, twin: Twin) -> Self:
        """Return the document of a twin."""
        return cls(
            chip_id=chip_id,
            device=twin.table.device,
            seed=twin.seed,
            options=twin.options.model_dump(exclude_defaults=True),
            n_qubits=twin.table.n_qubits,
            sessions=twin.sessions,
            clock_s=twin.clock_s,
        )


class TwinsDocument(Document):
    """The twins of a project, and what twins can be made from."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"twins": [_TWIN], "devices": ["brisbane", "jakarta"]}]}
    )

    twins: list[TwinDocument]
    devices: list[str]


class DevicesDocument(Document):
    """What twins can be made from, besides built-in topologies."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"devices": ["brisbane", "jakarta"], "n_qubits": {"brisbane": 127, "jakarta": 7}}]
        }
    )

    devices: list[str]
    n_qubits: dict[str, int]
    """How many each has."""


class TwinRequest(FewFaults, Document):
    """A twin that is to be made, and its chip."""

    model_config = ConfigDict(
        defer_build=False,  # FastAPI reads it when the route is made
        json_schema_extra={
            "examples": [{"chip_id": "jakarta", "device": "jakarta", "seed": 0, "options": {"tls": 1.0}}]
        },
    )

    chip_id: str = Field(min_length=1, max_length=128)
    device: str = Field(min_length=1, max_length=128)
    """A device, or a built-in topology on which all else is drawn; no file."""
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    """Draws what the table does not say."""
    options: dict[Annotated[str, Field(max_length=64), ENTRY], Annotated[_Option, ENTRY]] = Field(
        default={}, max_length=32
    )
    """How the twin misbehaves, by the names of `qdash twin create`."""


class NewTwinDocument(Document):
    """A twin that was made, and its chip."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "chip_id": "jakarta",
                    "project_id": "default",
                    "device": "jakarta",
                    "seed": 0,
                    "options": {"tls": 1.0},
                    "backend": "fake",
                    "n_qubits": 7,
                    "n_couplings": 6,
                }
            ]
        }
    )

    chip_id: str
    project_id: str
    device: str
    seed: int
    options: Options
    backend: Literal["fake"] = "fake"
    n_qubits: int
    n_couplings: int

    @classmethod
    def of(cls, chip: Chip, device: str, *, seed: int, options: TwinOptions) -> Self:
        """Return the document of a chip that was made with its twin."""
        return cls(
            chip_id=chip.header.chip_id,
            project_id=chip.header.project_id,
            device=device,
            seed=seed,
            options=options.model_dump(exclude_defaults=True),
            n_qubits=len(chip.qubits),
            n_couplings=len(chip.couplings),
        )


class TrueValueDocument(Document):
    """What is true of one parameter."""

    model_config = ConfigDict(json_schema_extra={"examples": [_T1]})

    value: float
    unit: str


class TruthDocument(Document):
    """What is true of a twin, and what a judge should know of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "qubits": {"0": {"t1": _T1}},
                    "couplings": {"0-1": {"zz_interaction": {"value": 41.7, "unit": "kHz"}}},
                    "remarks": {"0": ["its drive line is dead"]},
                }
            ]
        }
    )

    qubits: dict[str, dict[str, TrueValueDocument]]
    couplings: dict[str, dict[str, TrueValueDocument]]
    remarks: dict[str, list[str]]
    """By qubit, by coupling, and `chip` for the whole."""

    @classmethod
    def of(cls, true: TrueParameters, remarks: Mapping[str, list[str]]) -> Self:
        """Return the document of a truth."""
        return cls(
            qubits=_values(true["qubits"]), couplings=_values(true["couplings"]), remarks=dict(remarks)
        )


class WaitDocument(Document):
    """What the clock of a laboratory shows after it was waited."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"chip_id": "jakarta", "clock_s": 36_840.5}]})

    chip_id: str
    clock_s: float


class AccuracyDocument(Document):
    """How the estimates of one parameter lie about the truth."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCURACY]})

    n: int
    within_1_sigma: float
    within_2_sigma: float
    """Fractions of `n`."""
    median_relative_error: float


class GatesDocument(ExplicitDocument):
    """How many couplings have a gate, and how good."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GATES]})

    n: int
    not_impossible: int
    """Couplings that can have a gate; the next three are of them."""
    calibrated: int
    within_20_percent_of_best: int
    median_error_over_best: float | None
    """Of the calibrated ones; null without any."""

    @classmethod
    def of(cls, counted: GatesSummary) -> Self:
        """Return the document of these counts."""
        return cls(**asdict(counted))


class DemoDocument(ExplicitDocument):
    """What a demonstration made, did and found."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "device": "jakarta",
                    "chip": "jakarta",
                    "home": "/tmp/qdash-demo-x",  # noqa: S108  an example
                    "n_qubits": 7,
                    "n_couplings": 6,
                    "execution_ids": ["20261120-001"],
                    "status": "completed",
                    "tasks": {"completed": 77},
                    "wall_s": 9.412,
                    "lab_s": 1_034.2,
                    "accuracy": {"t1": _ACCURACY},
                    "not_calibrated": {"3": "CheckRabi failed: nothing that oscillates"},
                    "couplings": _GATES,
                }
            ]
        }
    )

    device: str
    chip: str
    home: str
    n_qubits: int
    n_couplings: int
    execution_ids: list[str]
    status: str
    tasks: dict[str, int]
    """How many results there are in each state."""
    wall_s: float
    lab_s: float | None
    """In a laboratory it would have taken so long; null where no such time was kept."""
    accuracy: dict[str, AccuracyDocument]
    """By parameter."""
    not_calibrated: dict[str, str]
    """Qubits and couplings, each with the first thing that went wrong."""
    couplings: GatesDocument | None = None
    """Absent where the flow has no task on couplings."""


def _values(true: Mapping[str, Mapping[str, Value]]) -> dict[str, dict[str, TrueValueDocument]]:
    return {
        target: {
            name: TrueValueDocument(value=value, unit=unit) for name, (value, unit) in parameters.items()
        }
        for target, parameters in true.items()
    }
