"""Qiskit `Target` of a calibrated chip: circuits are transpiled to its gates, in their calibrated directions."""

from __future__ import annotations

import math
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import qdash
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.exchange.device_request import WHOLE_CHIP, DeviceRequest
from qdash_builtin.exchange.device_selection import describe_device
from qdash_core import InvalidInputError, NotFoundError, open_qdash
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.settings import load_settings

from ..access import ADMIN
from ..calibrated_chips import make_calibrated_chip, set_device_values, set_value
from ..lazy_modules import LazyModule

if TYPE_CHECKING:
    from pathlib import Path

    from qiskit.transpiler import Target

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.usable_device import UsableDevice

    from .command_line import CommandLine

qiskit, quantum_info = LazyModule("qiskit"), LazyModule("qiskit.quantum_info")
library = LazyModule("qiskit.circuit.library")

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
RING = ("0-1", "1-2", "2-3", "3-4", "0-4")
LEVELS = range(4)
"""Optimization levels of the transpiler."""


@pytest.fixture
def chip() -> Chip:
    """Chip of five qubits in a ring, with couplings in both directions; two of its qubits have a calibrated X180."""
    chip = make_calibrated_chip(RING, n_qubits=5, at=NOW)
    for coupling in ("1-2", "3-4"):
        chip.couplings[coupling].control = coupling.split("-")[1]
    for qid in ("0", "3"):
        set_value(chip, qid, "x180_gate_fidelity", 0.998, at=NOW)
    return chip


def describe(chip: Chip, request: DeviceRequest = WHOLE_CHIP) -> UsableDevice:
    return describe_device(chip, request, now=NOW)


def make_ghz(size: int) -> qiskit.QuantumCircuit:
    circuit = qiskit.QuantumCircuit(size)
    circuit.h(0)
    for qubit in range(1, size):
        circuit.cx(0, qubit)
    return circuit


def make_qft(size: int) -> qiskit.QuantumCircuit:
    circuit = qiskit.QuantumCircuit(size)
    circuit.append(library.QFTGate(size), range(size))
    return circuit


def make_mixed(size: int) -> qiskit.QuantumCircuit:
    """Return gates that the Target lacks, or has in the other direction only."""
    circuit = qiskit.QuantumCircuit(size)
    circuit.x(0)
    circuit.swap(0, 2)
    circuit.ccx(0, 1, 2)
    circuit.rzx(0.3, 0, 1)
    circuit.ecr(1, 0)
    circuit.cp(0.7, 0, size - 1)
    return circuit


CIRCUITS = {"ghz": lambda: make_ghz(5), "qft": lambda: make_qft(4), "mixed": lambda: make_mixed(4)}


def require_native(circuit: qiskit.QuantumCircuit, target: Target, device: UsableDevice) -> None:
    """Require that every instruction is in the Target, and every gate of two qubits is a coupling in its direction."""
    n_gates = 0
    for instruction in circuit.data:
        qubits = tuple(circuit.find_bit(one).index for one in instruction.qubits)
        operation = instruction.operation
        if operation.name == "barrier":
            continue
        assert target.instruction_supported(operation.name, qubits, parameters=operation.params), (
            operation,
            qubits,
        )
        if len(qubits) == 2:
            n_gates += 1
            assert operation.name == "ecr"
            assert qubits in device.pairs
    assert n_gates > 0


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", CIRCUITS)
def test_circuits_become_calibrated_gates_of_the_same_effect(chip: Chip, kind: str, level: int) -> None:
    device, circuit = describe(chip), CIRCUITS[kind]()
    target = qdash.qiskit_target(device)
    found = qiskit.transpile(circuit, target=target, optimization_level=level, seed_transpiler=level)
    require_native(found, target, device)
    whole = qiskit.QuantumCircuit(5).compose(circuit, range(circuit.num_qubits))
    assert quantum_info.Operator.from_circuit(found).equiv(quantum_info.Operator(whole))


def test_qubits_and_gates_have_their_calibrated_properties_in_si_units(chip: Chip) -> None:
    chip.qubits["0"].design = {"readout_length": 500.0}
    target = qdash.qiskit_target(describe(chip), dt_ns=2.0)
    assert target.num_qubits == 5
    assert target.dt == pytest.approx(2e-9)
    qubit = target.qubit_properties[0]
    assert (qubit.t1, qubit.t2, qubit.frequency) == pytest.approx((80e-6, 100e-6, 5e9))

    def get(name: str, *qubits: int) -> tuple[float | None, float | None]:
        properties = target[name][qubits]
        return properties.duration, properties.error

    assert get("rz", 0) == (0.0, 0.0)
    assert get("sx", 0) == pytest.approx((32e-9, 1 - 0.999))
    assert get("x", 0) == pytest.approx((40e-9, 1 - 0.998))
    assert get("measure", 0) == pytest.approx((500e-9, (0.02 + 0.04) / 2))
    assert get("measure", 1) == (None, pytest.approx(0.03))
    assert get("ecr", 2, 1) == pytest.approx((240e-9, 1 - 0.99))
    assert {*target["ecr"]} == {(0, 1), (2, 1), (2, 3), (4, 3), (0, 4)}


@pytest.mark.parametrize("dt_ns", [None, 2.0])
def test_a_circuit_may_wait(chip: Chip, dt_ns: float | None) -> None:
    target = qdash.qiskit_target(describe(chip), dt_ns=dt_ns)
    echo = qiskit.QuantumCircuit(1)
    echo.h(0)
    echo.delay(500, 0, unit="ns")
    echo.h(0)
    found = qiskit.transpile(echo, target=target, optimization_level=1)
    assert found.count_ops()["delay"] == 1
    padded = qiskit.transpile(make_ghz(3), target=target, scheduling_method="alap", optimization_level=1)
    assert padded.count_ops()["delay"] > 0


def test_x_exists_only_where_its_fidelity_is_known(chip: Chip) -> None:
    assert {*qdash.qiskit_target(describe(chip))["x"]} == {(0,), (3,)}
    without = describe(chip, DeviceRequest(exclude=("0", "3")))
    assert "x" not in qdash.qiskit_target(without).operation_names


def test_the_description_states_the_numbering(chip: Chip) -> None:
    device = describe(chip, DeviceRequest(exclude=("0", "2")))
    target = qdash.qiskit_target(device)
    assert device.numbering == ("1", "3", "4")
    assert target.description.endswith("qubits of the chip by index: 0: 1, 1: 3, 2: 4")
    assert {*target["ecr"]} == {(2, 1)}


def test_a_chip_without_couplings_has_no_gate_of_two_qubits(chip: Chip) -> None:
    device = describe(chip, DeviceRequest(exclude=RING))
    assert "ecr" not in qdash.qiskit_target(device).operation_names


def test_ecr_is_the_calibrated_gate_without_its_last_half_turn_of_the_control() -> None:
    calibrated = qiskit.QuantumCircuit(2)
    calibrated.append(library.ECRGate(), (0, 1))
    calibrated.append(library.XGate(), (0,))
    assert quantum_info.Operator(calibrated) == quantum_info.Operator(library.RZXGate(math.pi / 2))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Home with a chip of 16 qubits in a line, with every value."""
    with open_qdash(load_settings(home=tmp_path / "home")) as opened:
        opened.get(CHIPS).create(ADMIN, "lab", get_builtin_topology("linear-16"), backend="fake")
        set_device_values(opened, "default", "lab")
    return tmp_path / "home"


def test_a_chip_of_a_home_is_a_target(home: Path) -> None:
    target = qdash.qiskit_target(
        "lab", home=home, qubits="0-7", exclude="3-4", largest_part=True, max_age="1h"
    )
    assert target.description.endswith("0: 0, 1: 1, 2: 2, 3: 3")
    device = qdash.usable_device("lab", home=home, without_marks="any", min_qubit_fidelity=0.9)
    assert len(device.qubits) == 16
    assert qdash.qiskit_target(device).num_qubits == 16


def test_qubits_may_be_numbers(home: Path) -> None:
    device = qdash.usable_device("lab", home=home, qubits=range(4), exclude=1)
    assert device.numbering == ("0", "2", "3")
    assert qdash.usable_device("lab", home=home, qubits=0).numbering == ("0",)


def test_unusable_arguments_are_refused(home: Path, tmp_path: Path) -> None:
    device = qdash.usable_device("lab", home=home)
    with pytest.raises(InvalidInputError, match="the device has its limits already: leave out largest_part"):
        qdash.qiskit_target(device, largest_part=True)
    with pytest.raises(InvalidInputError, match="dt_ns is 0: give the sampling period in ns"):
        qdash.qiskit_target(device, dt_ns=0)
    with pytest.raises(InvalidInputError, match="the list of qubits is empty"):
        qdash.usable_device("lab", home=home, qubits=[])
    with pytest.raises(NotFoundError, match="there is no chip 'lob'"):
        qdash.qiskit_target("lob", home=home)
    with pytest.raises(NotFoundError, match="there is no folder"):
        qdash.usable_device("lab", home=tmp_path / "mistyped")
    assert not (tmp_path / "mistyped").exists()


def test_without_qiskit_the_message_names_the_extra(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = qdash.usable_device("lab", home=home)
    monkeypatch.setitem(sys.modules, "qiskit.transpiler", None)
    with pytest.raises(InvalidInputError, match=r"install `qdash\[qiskit\]`"):
        qdash.qiskit_target(device)


@pytest.fixture
def command_line(request: pytest.FixtureRequest) -> CommandLine:
    """The fixture `qdash`, whose name is that of the package here."""
    found: CommandLine = request.getfixturevalue("qdash")
    return found


@pytest.mark.release
def test_circuits_are_transpiled_for_a_twin_after_its_calibration(command_line: CommandLine) -> None:
    document: Any = command_line.read_json("demo", "--device", "square-lattice-mux-16", "--flow", "full")
    device = qdash.usable_device(
        document["chip"], home=command_line.home, min_coupling_fidelity=0.98, largest_part=True
    )
    with open_qdash(load_settings(home=command_line.home)) as opened:
        chip = opened.get(CHIPS).show(ADMIN, document["chip"])
    assert 8 <= len(device.qubits) <= 16
    for coupling in device.couplings:
        assert chip.couplings[coupling.qid].control == coupling.control
    target = qdash.qiskit_target(device)
    for circuit in (make_ghz(8), make_qft(8)):
        circuit.measure_all()
        for level in LEVELS:
            found = qiskit.transpile(circuit, target=target, optimization_level=level, seed_transpiler=level)
            require_native(found, target, device)
    small = qiskit.transpile(make_qft(4), target=target, optimization_level=3, seed_transpiler=0)
    require_native(small, target, device)
