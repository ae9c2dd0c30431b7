"""View models of `qdash twin` and `qdash demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import ConfigDict, Field

from qdash_core.documents.base import Column, Document, ExplicitDocument
from qdash_core.models.base import UtcDatetime
from qdash_core.models.fault_limit import ENTRY, FewFaults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.config import JsonDict, JsonValue

    from qdash_builtin.timetables.simulated_time import TimeStep
    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.execution import EventModel
    from qdash_fake.options import TwinOptions
    from qdash_fake.truth import TrueParameters, Value
    from qdash_fake.twin import Twin

_ENDS = frozenset({"completed", "failed", "cancelled", "interrupted"})
_UNDONE = frozenset({"failed", "missed", "skipped"})

Options = dict[str, bool | float | str | dict[str, float]]
"""Faults of a twin: its non-default options by name."""

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
    "backend": "fake",
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
    """View model of a twin, without its hidden truth."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TWIN]})

    chip_id: str
    backend: str
    """Backend of the chip; not `fake` if the twin only simulates it (`--backend fake`)."""
    device: str
    seed: int
    options: Options
    n_qubits: int
    sessions: int
    """Number of measurement sessions."""
    clock_s: float
    """Laboratory time in s."""

    @classmethod
    def from_twin(cls, chip: ChipModel, twin: Twin) -> Self:
        """Return the view model of the twin of a chip."""
        return cls.from_record(
            twin,
            chip_id=chip.chip_id,
            backend=chip.backend,
            device=twin.table.device,
            options=twin.options.model_dump(exclude_defaults=True),
            n_qubits=twin.table.n_qubits,
        )


class TwinsDocument(Document):
    """View model of a project's twins, and of the devices that twins can be made from."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"twins": [_TWIN], "devices": ["brisbane", "jakarta"]}]}
    )

    twins: list[TwinDocument]
    devices: list[str]


class DevicesDocument(Document):
    """View model of the devices that twins can be made from, besides built-in topologies."""

    text_columns = (Column("devices", "devices"),)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"devices": ["brisbane", "jakarta"], "n_qubits": {"brisbane": 127, "jakarta": 7}}]
        }
    )

    devices: list[str]
    n_qubits: dict[str, int]
    """Number of qubits of each device."""


class TwinRequest(FewFaults, Document):
    """Request for a twin and its chip."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"chip_id": "jakarta", "device": "jakarta", "seed": 0, "options": {"tls": 1.0}}]
        },
    )

    chip_id: str = Field(min_length=1, max_length=128)
    device: str = Field(min_length=1, max_length=128)
    """Device, or built-in topology for which all parameters are drawn at random; not a file."""
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    """Seed for the parameters that are not in the table."""
    options: dict[Annotated[str, Field(max_length=64), ENTRY], Annotated[_Option, ENTRY]] = Field(
        default={}, max_length=64
    )
    """Faults of the twin, by the names of `qdash twin create`."""


class NewTwinDocument(Document):
    """View model of a new twin and its chip."""

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
    backend: str
    n_qubits: int
    n_couplings: int

    @classmethod
    def from_chip(cls, chip: Chip, device: str, *, seed: int, options: TwinOptions) -> Self:
        """Return the view model of a chip created with its twin."""
        return cls.from_record(
            chip.header,
            device=device,
            seed=seed,
            options=options.model_dump(exclude_defaults=True),
            n_qubits=len(chip.qubits),
            n_couplings=len(chip.couplings),
        )


class TrueValueDocument(Document):
    """View model of the true value of one parameter."""

    model_config = ConfigDict(json_schema_extra={"examples": [_T1]})

    value: float
    unit: str


class TruthDocument(Document):
    """View model of the truth of a twin, with remarks."""

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
    """Remarks by qubit, by coupling, and `chip` for the whole."""

    @classmethod
    def from_parameters(cls, true: TrueParameters, remarks: Mapping[str, list[str]]) -> Self:
        """Return the view model of a truth."""
        return cls(
            qubits=_make_values(true["qubits"]),
            couplings=_make_values(true["couplings"]),
            remarks=dict(remarks),
        )


class WaitDocument(Document):
    """View model of the laboratory clock after a wait."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"chip_id": "jakarta", "clock_s": 36_840.5}]})

    chip_id: str
    clock_s: float


_STEPS: list[JsonValue] = [
    {
        "at": "2026-01-06T01:12:40.000120Z",
        "events": ["timetable nightly: started", "execution 20260106-001: completed"],
    },
    {"at": "2026-01-06T08:00:00.000231Z", "events": []},
]


class TimeStepDocument(Document):
    """View model of a step of a simulated clock."""

    model_config = ConfigDict(json_schema_extra={"examples": _STEPS})

    at: UtcDatetime
    """Time of the home when everything that was due was done."""
    events: list[str]
    """Ends of runs and outcomes of timetables in the project since the last step."""

    @classmethod
    def from_step(cls, step: TimeStep) -> Self:
        """Return the view model of a step."""
        return cls(at=step.at, events=list(filter(None, map(_describe_event, step.events))))


def _describe_event(event: EventModel) -> str:
    """Return the end of a run or the outcome of a timetable in words, or an empty text for another event."""
    subject, _, became = event.kind.partition(".")
    if subject == "timetable" and "at" in event.data:
        why = f": {event.data['message']}" if became in _UNDONE and event.data.get("message") else ""
        return f"timetable {event.data['name']}: {became}{why}"
    if subject == "execution" and became in _ENDS:
        return f"execution {event.execution_id}: {became}"
    return ""


class PassedTimeDocument(Document):
    """View model of a wait in a home with a simulated clock."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "now": "2026-01-06T08:00:00.000231Z",
                    "steps": _STEPS,
                    "unattended": False,
                }
            ]
        }
    )

    now: UtcDatetime
    """Time of the home after the wait."""
    steps: list[TimeStepDocument]
    unattended: bool
    """True if something was due or waited, and no worker lived to do it."""


class AccuracyDocument(Document):
    """View model of the statistics of the estimates of one parameter about the truth."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCURACY]})

    n: int
    within_1_sigma: float
    within_2_sigma: float
    """Fractions of `n`."""
    median_relative_error: float


class GatesDocument(ExplicitDocument):
    """View model of the number of couplings with a gate and the quality of the gates."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GATES]})

    n: int
    not_impossible: int
    """Couplings that can have a gate; the next three fields refer to them."""
    calibrated: int
    within_20_percent_of_best: int
    median_error_over_best: float | None
    """Median over the calibrated ones; null if there are none."""


class DemoDocument(ExplicitDocument):
    """View model of the result of a demonstration."""

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
    """Number of results in each state."""
    wall_s: float
    lab_s: float | None
    """Duration in a real laboratory in s; null if no such time was recorded."""
    accuracy: dict[str, AccuracyDocument]
    """Accuracy by parameter."""
    not_calibrated: dict[str, str]
    """Qubits and couplings, each with its first failure."""
    couplings: GatesDocument | None = None
    """Absent if the flow has no task on couplings."""


def _make_values(true: Mapping[str, Mapping[str, Value]]) -> dict[str, dict[str, TrueValueDocument]]:
    return {
        target: {
            name: TrueValueDocument(value=value, unit=unit) for name, (value, unit) in parameters.items()
        }
        for target, parameters in true.items()
    }
