"""A twin as a chip of a project: made together, found again by the chip's id."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core.chips.ids import coupling_of
from qdash_core.chips.topology import topology_from_couplings
from qdash_fake.physics.reset import Repetition
from qdash_fake.truth import TrueParameters, settings_after, true_parameters
from qdash_fake.twin import create_twin, load_twin, twin_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.application import QDash
    from qdash_core.chips.service import Chip
    from qdash_fake.devices import DeviceTable

_FIDELITY = "average_readout_fidelity"


def create_twin_chip(
    qdash: QDash,
    project_id: str,
    chip_id: str,
    table: DeviceTable,
    *,
    seed: int,
    username: str,
    options: Mapping[str, object] | None = None,
) -> Chip:
    """Make a twin and the chip under which it is calibrated, with backend `fake`.

    Raises
    ------
    InvalidInputError, ConflictError
        If the id is not one or is taken, or an option is impossible. Nothing is left behind then.
    """
    qdash.chips.check_new(project_id, chip_id)
    folder = twin_folder(qdash.settings.home, project_id=project_id, chip_id=chip_id)
    folder.parent.mkdir(parents=True, exist_ok=True)
    controls: dict[str, str] = {}
    for row in table.couplings:
        controls.setdefault(coupling_of(row.control, row.target), row.control)
    # Of several who make the same chip at once the store lets one through; only that one puts its twin in place.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as made:
        create_twin(Path(made) / "twin", table, seed, options)
        chip = qdash.chips.create(
            project_id,
            chip_id,
            topology_from_couplings(table.device, [row.qid for row in table.qubits], list(controls)),
            username=username,
            backend="fake",
            controls=controls,
        )
        if folder.exists():
            shutil.rmtree(folder)  # what a deleted chip left behind
        (Path(made) / "twin").rename(folder)
    return chip


def truth_of_chip(qdash: QDash, project_id: str, chip_id: str) -> TrueParameters:
    """Return the truth about a chip, at the settings that its accepted values imply.

    The readout fidelities are those of the reset that was recorded with the accepted ones.

    Raises
    ------
    NotFoundError
        If there is no such chip, or it has no twin.
    """
    values = qdash.metrics.values(project_id, chip_id)
    truth = load_twin(twin_folder(qdash.settings.home, project_id=project_id, chip_id=chip_id)).truth()
    calibrated = {
        qid: {name: known.parameter.value for name, known in parameters.items()}
        for qid, parameters in values.qubits.items()
    }
    repeated = {
        qid: _repetition_of(qdash, project_id, parameters[_FIDELITY].parameter.task_id)
        for qid, parameters in values.qubits.items()
        if _FIDELITY in parameters
    }
    return true_parameters(truth, settings_after(truth, calibrated), readout_repetition=repeated)


def _repetition_of(qdash: QDash, project_id: str, task_id: str) -> Repetition:
    """Read reset and interval from the record of a task; active where it says nothing."""
    result = qdash.repositories.results.find(project_id, task_id)
    if result is None or "reset" not in result.run_parameters:
        return Repetition()
    recorded = {name: result.run_parameters[name].value for name in ("reset", "interval")}
    return Repetition(recorded["reset"], float(recorded["interval"]) * 1e-3)
