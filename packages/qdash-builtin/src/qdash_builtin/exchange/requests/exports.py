"""Queries for the export of a chip, and for the import of a file."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from qdash_builtin.exchange.device_request import DeviceRequest
from qdash_builtin.metrics.selection import MARK_CHOICES
from qdash_core.operations.bodies import Filter

_Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=2000)]
_Text = Annotated[str, Field(min_length=1, max_length=100)]
_Fidelity = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class ExportQuery(Filter):
    """Query parameters of an export. All but `format` are for formats of devices: `device-topology`, `device`."""

    format: str = Field(
        default="json",
        min_length=1,
        max_length=64,
        description="json, yaml, csv, topology, design, zip, device-topology, device or the format of a plugin. topology and design are "
        "files from which another chip can be created; zip contains all before it. device-topology and device are the usable part of "
        "the chip, the second with the reasons for what was left out. A format of several files is sent as a ZIP archive.",
    )
    device_name: _Text | None = Field(default=None, description="Name of the device; absent: the chip's.")
    device_id: _Text | None = Field(default=None, description="Id of the device; absent: the chip's.")
    qubits: _Names = Field(default=[], description="Only these qubits and ranges such as `0-3`; absent: all.")
    exclude: _Names = Field(
        default=[], description="Qubits, ranges such as `0..3`, and couplings that are left out."
    )
    min_qubit_fidelity: _Fidelity | None = Field(default=None, description="Lowest X90 fidelity.")
    min_readout_fidelity: _Fidelity | None = Field(default=None, description="Lowest mean readout fidelity.")
    min_coupling_fidelity: _Fidelity | None = Field(default=None, description="Lowest ZX90 fidelity.")
    max_age: str | None = Field(
        default=None, max_length=32, description="Highest age of measured values, such as `24h`."
    )
    without_marks: _Names = Field(
        default=[],
        description=f"Marks whose values do not count: {MARK_CHOICES}.",
    )
    largest_part: bool = Field(default=False, description="True: only the largest connected part.")
    with_unfit: bool = Field(
        default=False,
        description="True: with unfit targets that have the values. Also for the formats of qubex.",
    )

    @classmethod
    def from_request(cls, format_name: str, request: DeviceRequest) -> Self:
        """Return the query for a format and a device."""
        age = request.max_age
        return cls(
            format=format_name,
            device_name=request.name,
            device_id=request.device_id,
            qubits=[*request.qubits],
            exclude=[*request.exclude],
            min_qubit_fidelity=request.min_qubit_fidelity,
            min_readout_fidelity=request.min_readout_fidelity,
            min_coupling_fidelity=request.min_coupling_fidelity,
            max_age=None if age is None else f"{age.total_seconds():f}s",
            without_marks=[*request.marks],
            largest_part=request.largest_part,
            with_unfit=request.with_unfit,
        )

    def make_request(self) -> DeviceRequest:
        """Return the request for a device; raise InvalidInputError if the query is invalid."""
        return DeviceRequest.parse(
            name=self.device_name,
            qubits=self.qubits or None,
            **self.model_dump(exclude={"format", "device_name", "qubits"}),
        )


class ImportQuery(Filter):
    """Query parameters of the import of a file, whose contents are the body."""

    name: str = Field(
        min_length=1,
        max_length=255,
        description="Name of the file, by which its format is detected. A folder is sent as a ZIP archive, with a name that ends in "
        "`.zip`.",
    )
    source: str | None = Field(
        default=None,
        min_length=1,
        max_length=4096,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="Place of the file, which the answer and the record name; absent: its name.",
    )
    chip_id: _Text | None = Field(
        default=None,
        description="Chip to change; it is created if it does not exist. Absent: the chip in the file, which is new.",
    )
    new_id: _Text | None = Field(default=None, description="Id of a new chip, instead of `chip_id`.")
    backend: _Text | None = Field(
        default=None, description="Backend of a new chip; absent: that in the file."
    )
    format: _Text | None = Field(
        default=None, description="Format of the file; absent: the format is detected."
    )
    only: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=2000)] = Field(
        default=[],
        description="Parameters, targets or kinds (values, design, wiring) to import; absent: all.",
    )
    older: bool = Field(
        default=False, description="True: include values that were measured before those of the chip."
    )
