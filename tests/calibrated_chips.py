"""Chips with the values that a device needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.new_chip import make_new_chip
from qdash_core.chips.topology import Site, Topology
from qdash_core.models.access import Access
from qdash_core.models.chip import ParameterModel
from qdash_core.models.project import ProjectRole
from qdash_core.models.targets import by_number, split_coupling
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.runtime.application import QDash

QUBIT: Mapping[str, tuple[float, str]] = {
    "x90_gate_fidelity": (0.999, ""),
    "readout_fidelity_0": (0.98, ""),
    "readout_fidelity_1": (0.96, ""),
    "t1": (80.0, "us"),
    "t2_echo": (100.0, "us"),
    "qubit_frequency": (5.0, "GHz"),
    "hpi_length": (32.0, "ns"),
    "pi_length": (40.0, "ns"),
}
COUPLING: Mapping[str, tuple[float, str]] = {
    "zx90_gate_fidelity": (0.99, ""),
    "zx90_gate_time": (240.0, "ns"),
}


def make_calibrated_chip(
    couplings: Iterable[str], *, n_qubits: int, at: datetime, columns: int = 1000
) -> Chip:
    """Return a chip with every value, measured at `at`; its qubits fill rows of `columns`."""
    sites = tuple(Site(str(n), n // columns, n % columns, n // 4) for n in range(n_qubits))
    topology = Topology("sample", sites, tuple(sorted(couplings, key=by_number)))
    author = Access("admin", "default", ProjectRole.OWNER)
    chip = make_new_chip(author, "lab", topology, backend="bench")
    for qid in chip.qubits:
        for name, (value, unit) in QUBIT.items():
            set_value(chip, qid, name, value, unit, at=at)
    for coupling, model in chip.couplings.items():
        model.control = split_coupling(coupling)[0]
        for name, (value, unit) in COUPLING.items():
            set_value(chip, coupling, name, value, unit, at=at)
    return chip


def set_value(
    chip: Chip,
    target: str,
    name: str,
    value: float,
    unit: str = "",
    *,
    error: float | None = None,
    at: datetime,
) -> None:
    """Set a value of a qubit or coupling."""
    models = chip.couplings if "-" in target else chip.qubits
    model = models[target]
    model.data = {**model.data, name: ParameterModel(value=value, error=error, unit=unit, calibrated_at=at)}


def remove_value(chip: Chip, target: str, name: str) -> None:
    """Remove a value of a qubit or coupling."""
    models = chip.couplings if "-" in target else chip.qubits
    model = models[target]
    model.data = {one: value for one, value in model.data.items() if one != name}


def set_device_values(qdash: QDash, project_id: str, chip_id: str) -> None:
    """Write every value that a device needs, for all qubits and couplings of a stored chip."""
    now = utc_now()
    with qdash.store.transaction() as transaction:
        repositories = Repositories(transaction)
        for targets, values in (
            (repositories.of(QubitCalibrationRepository), QUBIT),
            (repositories.of(CouplingCalibrationRepository), COUPLING),
        ):
            data = {
                name: ParameterModel(value=value, unit=unit, calibrated_at=now)
                for name, (value, unit) in values.items()
            }
            for target in targets.list_by_chip(project_id, chip_id):
                targets.update_calib_data(project_id, chip_id, target.qid, data)
