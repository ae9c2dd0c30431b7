"""Device table: a validated published calibration snapshot of a chip."""

from __future__ import annotations

import math
import re
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, ConfigDict, StrictFloat, StrictInt, StrictStr, ValidationError

from qdash_builtin.chips.topology_files import parse_topology
from qdash_core.chips.topology import Topology, make_topology
from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import describe_error
from qdash_core.models.fault_limit import FewFaults
from qdash_core.parsing.json_parser import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL_MUX = 4
"""Qubits of a multiplexer if the table does not say."""


def _check_finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return value


def _check_time(value: float) -> float:
    if _check_finite(value) <= 0:
        raise ValueError(f"{value:g} is not a positive time")
    return value


def _check_amplitude(value: float) -> float:
    if not 0 < _check_finite(value) <= 1:
        raise ValueError(f"{value:g} is not an amplitude between 0 and 1")
    return value


def _check_frequency(value: float) -> float:
    if _check_finite(value) <= 0:
        raise ValueError(f"{value:g} is not a positive frequency")
    return value


def _check_probability(value: float) -> float:
    if not 0 <= _check_finite(value) <= 1:
        raise ValueError(f"{value:g} is not a probability between 0 and 1")
    return value


def _check_qubit_id(value: str) -> str:
    if not re.fullmatch(r"0|[1-9][0-9]*", value, re.ASCII):
        raise ValueError(f"{value!r} is not a decimal qubit id without leading zeros")
    return value


Time = Annotated[StrictFloat, AfterValidator(_check_time)]
Frequency = Annotated[StrictFloat, AfterValidator(_check_frequency)]
Amplitude = Annotated[StrictFloat, AfterValidator(_check_amplitude)]
Finite = Annotated[StrictFloat, AfterValidator(_check_finite)]
Probability = Annotated[StrictFloat, AfterValidator(_check_probability)]
QubitId = Annotated[StrictStr, AfterValidator(_check_qubit_id)]


class _Row(FewFaults):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class QubitRow(_Row):
    """Qubit of the table; None if the source has no value.

    `p_meas0_prep1` is the probability of reading 0 after preparing 1, `t2_us` the coherence time in a Hahn echo,
    `rabi_per_amplitude_mhz` the Rabi frequency at full drive amplitude (1 a.u.), and `readout_amplitude` (a.u.) the
    amplitude at which the readout has the given errors. No published table has the last three.
    """

    qid: QubitId
    frequency_ghz: Frequency | None = None
    anharmonicity_ghz: Finite | None = None
    t1_us: Time | None = None
    t2_us: Time | None = None
    readout_error: Probability | None = None
    p_meas0_prep1: Probability | None = None
    p_meas1_prep0: Probability | None = None
    readout_length_ns: Time | None = None
    sx_error: Probability | None = None
    sx_length_ns: Time | None = None
    resonator_frequency_ghz: Frequency | None = None
    readout_amplitude: Amplitude | None = None
    rabi_per_amplitude_mhz: Frequency | None = None


class CouplingRow(_Row):
    """One direction of a two-qubit gate; an error of 1 marks an uncalibrated gate of the source."""

    control: QubitId
    target: QubitId
    gate: StrictStr | None = None
    error: Probability | None = None
    length_ns: Time | None = None


class DeviceTable(_Row):
    """Device table as published.

    `topology`, in the format of a topology file, holds positions and multiplexers, which no published table
    has.
    """

    device: StrictStr
    snapshot: StrictStr | None = None
    source: StrictStr | None = None
    n_qubits: StrictInt
    qubits: tuple[QubitRow, ...]
    couplings: tuple[CouplingRow, ...]
    topology: dict[str, Any] | None = None

    @cached_property
    def layout(self) -> Topology:
        """Positions, multiplexers and couplings of the qubits."""
        if self.topology is not None:
            return parse_topology(self.topology)
        return make_topology(self.device, self.qids, ["-".join(pair) for pair in self.pairs])

    @cached_property
    def multiplexers(self) -> Mapping[str, tuple[str, ...]]:
        """Qubits of each multiplexer by its number; without known multiplexers, four with successive numbers."""
        if self.layout.muxes:
            return MappingProxyType({str(mux): self.layout.members(mux) for mux in self.layout.muxes})
        firsts = range(0, len(self.qids), _USUAL_MUX)
        return MappingProxyType(
            {str(first // _USUAL_MUX): self.qids[first : first + _USUAL_MUX] for first in firsts}
        )

    @cached_property
    def qids(self) -> tuple[str, ...]:
        """Qubit ids in the order of the table."""
        return tuple(row.qid for row in self.qubits)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Coupled qubits, each pair once for both directions of a gate, the smaller id first, ordered by id."""
        ordered = {tuple(sorted((row.control, row.target), key=int)) for row in self.couplings}
        return tuple(sorted(((a, b) for a, b in ordered), key=lambda pair: (int(pair[0]), int(pair[1]))))


def parse_device(text: str, *, origin: str) -> DeviceTable:
    """Read a table from JSON `text`; `origin` names its source in messages.

    Raises `InvalidInputError`, a line with field and index, if the table breaks the format or holds impossible values.
    """
    try:
        data = parse_json(text)
    except InvalidInputError as error:
        raise InvalidInputError(f"{origin}: {error}") from error
    if not isinstance(data, dict):
        raise InvalidInputError(f"{origin}: a device table is a JSON object, not {_name_type(data)}")
    try:
        table = DeviceTable.model_validate(data)
    except ValidationError as error:
        raise InvalidInputError(f"{origin}: {_find_first_error(error)}") from error
    _check_references(table, origin=origin)
    return table


def _check_references(table: DeviceTable, *, origin: str) -> None:
    if table.n_qubits != len(table.qubits):
        raise InvalidInputError(
            f"{origin}: n_qubits: {table.n_qubits} is not the number of qubits, {len(table.qubits)}"
        )
    if not table.qubits:
        raise InvalidInputError(f"{origin}: qubits: a device has at least one qubit")
    first: dict[str, int] = {}
    for index, qid in enumerate(table.qids):
        if qid in first:
            raise InvalidInputError(
                f"{origin}: qubits[{index}].qid: {qid!r} is already at index {first[qid]}"
            )
        first[qid] = index
    for index, row in enumerate(table.couplings):
        for field, qid in (("control", row.control), ("target", row.target)):
            if qid not in first:
                raise InvalidInputError(
                    f"{origin}: couplings[{index}].{field}: {qid!r} is not a qubit of the table"
                )
        if row.control == row.target:
            raise InvalidInputError(
                f"{origin}: couplings[{index}].target: {row.target!r} is coupled to itself"
            )
    if table.topology is not None:
        _check_topology(table, origin=origin)


def _check_topology(table: DeviceTable, *, origin: str) -> None:
    try:
        layout = table.layout
    except InvalidInputError as error:
        raise InvalidInputError(f"{origin}: topology: {error}") from error
    if set(layout.qids) != set(table.qids):
        raise InvalidInputError(f"{origin}: topology: its qubits are not those of the table")
    if set(layout.couplings) != {"-".join(pair) for pair in table.pairs}:
        raise InvalidInputError(f"{origin}: topology: its couplings are not those of the table")


def _find_first_error(error: ValidationError) -> str:
    complaint = error.errors(include_url=False)[0]
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in complaint["loc"]).lstrip(
        "."
    )
    match complaint["type"]:
        case "value_error":
            return f"{field}: {describe_error(complaint)}"
        case "missing":
            return f"{field}: is missing"
        case "extra_forbidden":
            return f"{field}: is not a field of a device table"
        case _:
            return f"{field}: {describe_error(complaint)}, not {_name_type(complaint['input'])}"


def _name_type(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
