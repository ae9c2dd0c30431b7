"""Creation of chips before their first calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.topology_check import check_topology_name
from qdash_core.chips.chip import Chip
from qdash_core.chips.design import validate_design
from qdash_core.chips.wiring import validate_wiring
from qdash_core.errors import ConflictError
from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel, TargetStatus
from qdash_core.models.value_change import ValueEventKind
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.used_names import BackendRepository
from qdash_core.values.writer import EventOrigin, TargetEdit, write_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.chips.parts import ChipParts
    from qdash_core.chips.topology import Topology
    from qdash_core.models.access import Access
    from qdash_core.models.chip import WiringModel
    from qdash_core.repositories.repositories import Repositories


def make_new_chip(
    access: Access,
    chip_id: str,
    topology: Topology,
    *,
    backend: str,
    controls: Mapping[str, str] | None = None,
    wiring: WiringModel | None = None,
    design: Mapping[str, Mapping[str, float | None]] | None = None,
) -> Chip:
    """Return a chip with all its qubits and couplings uncalibrated.

    Parameters and errors are those of `ChipService.create`.
    """
    check_topology_name(topology)
    if wiring is not None:
        validate_wiring(wiring, topology)
    targets = {*(site.id for site in topology.qubits), *topology.couplings}
    designed = validate_design(design or {}, targets, chip=f"chip {chip_id}")
    shared = {"project_id": access.project_id, "username": access.username, "chip_id": chip_id}
    header = ChipModel(
        **shared,
        size=len(topology.qubits),
        topology_id=topology.name,
        backend=backend,
        wiring=wiring,
        assessed=True,
    )
    qubits = (
        QubitModel(
            **shared,
            qid=site.id,
            row=site.row,
            col=site.col,
            mux=site.mux,
            design=designed.get(site.id, {}),
        )
        for site in topology.qubits
    )
    couplings = (
        CouplingModel(
            **shared,
            qid=coupling,
            control=(controls or {}).get(coupling),
            design=designed.get(coupling, {}),
        )
        for coupling in topology.couplings
    )
    return Chip(header, {one.qid: one for one in qubits}, {one.qid: one for one in couplings})


def make_described_chip(access: Access, chip_id: str, parts: ChipParts, *, backend: str) -> Chip:
    """Return the chip that a file describes, with its values; raise the errors of `ChipService.create`."""
    made = make_new_chip(
        access,
        chip_id,
        parts.topology,
        backend=backend,
        controls=parts.controls,
        wiring=parts.wiring,
        design=parts.design,
    )
    for target, model in {**made.qubits, **made.couplings}.items():
        model.data = dict(parts.values.get(target, {}))
        model.status = parts.status.get(target, TargetStatus.PENDING)
    return made


def add_chip(repositories: Repositories, chip: Chip, *, username: str, today: str, source: str = "") -> None:
    """Add a new chip in the caller's transaction; raise ConflictError if its id is taken.

    Its values, if any, are those of an import from `source`, with today's copies of their targets.
    """
    header = chip.header
    require_free(repositories, header.project_id, header.chip_id)
    repositories.of(ChipRepository).add(header)
    qubits = [one.model_copy(update={"data": {}}) for one in chip.qubits.values()]
    couplings = [one.model_copy(update={"data": {}}) for one in chip.couplings.values()]
    repositories.of(QubitCalibrationRepository).add_all(qubits)
    repositories.of(CouplingCalibrationRepository).add_all(couplings)
    write_event(
        repositories,
        header.project_id,
        header.chip_id,
        EventOrigin(ValueEventKind.IMPORTED, username, source=source),
        [TargetEdit(one.qid, one.data) for one in (*chip.qubits.values(), *chip.couplings.values())],
        today=today,
        cooldown_id=None,
        targets=(*qubits, *couplings),
    )
    repositories.of(BackendRepository).ensure(header.project_id, [header.backend], username=username)
    log_chip(repositories, header.project_id, header.chip_id, "created", username=username)


def require_free(repositories: Repositories, project_id: str, chip_id: str) -> None:
    """Raise ConflictError if there is a chip with this id."""
    if repositories.of(ChipRepository).find(project_id, chip_id) is not None:
        raise ConflictError(f"chip {chip_id} exists already in project {project_id}")
