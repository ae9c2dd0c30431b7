"""Lookup of the chip for a scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.topology_files import load_topology
from qdash_core.chips.chip import Chip
from qdash_core.errors import NotFoundError
from qdash_core.models.chip import CouplingModel, QubitModel
from qdash_core.models.project import DEFAULT_PROJECT
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.identity import UserRepository

if TYPE_CHECKING:
    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.chips import ChipRepository


def read_chip(chip_repo: ChipRepository, username: str, chip_id: str, project_id: str | None = None) -> Chip:
    """Return a chip with its qubits and couplings.

    Parameters
    ----------
    chip_repo : ChipRepository
        Repository of chips. If it has no qubits, as in tests, each chip gets the qubits of its topology.
    username, chip_id : str
        User and chip.
    project_id : str or None
        Project, or None for the user's default project, otherwise the user's own chip with this name.

    Raises
    ------
    NotFoundError
        If there is no such chip.
    """
    header = _find_header(chip_repo, username, chip_id, project_id)
    where = header.project_id, chip_id
    qubits = chip_repo.make_sibling(QubitCalibrationRepository).list_by_chip(*where)
    if not qubits:
        return _make_chip(header)
    couplings = chip_repo.make_sibling(CouplingCalibrationRepository).list_by_chip(*where)
    return Chip(header, {one.qid: one for one in qubits}, {one.qid: one for one in couplings})


def _find_header(chip_repo: ChipRepository, username: str, chip_id: str, project_id: str | None) -> ChipModel:
    if project_id is not None:
        return chip_repo.require(project_id, chip_id)
    user = chip_repo.make_sibling(UserRepository).find(username)
    own = DEFAULT_PROJECT if user is None or user.default_project_id is None else user.default_project_id
    made = chip_repo.list_by_user(username)
    found = chip_repo.find(own, chip_id) or next((one for one in made if one.chip_id == chip_id), None)
    if found is None:
        known = (
            ", ".join(sorted({one.chip_id for one in (*chip_repo.list_by_project(own), *made)})) or "none yet"
        )
        raise NotFoundError(
            f"there is no chip {chip_id!r} in project {own} or of {username} (known: {known})"
        )
    return found


def _make_chip(header: ChipModel) -> Chip:
    layout = load_topology(header.topology_id)
    shared = {"project_id": header.project_id, "username": header.username, "chip_id": header.chip_id}
    return Chip(
        header,
        {
            site.id: QubitModel(**shared, qid=site.id, row=site.row, col=site.col, mux=site.mux)
            for site in layout.qubits
        },
        {coupling: CouplingModel(**shared, qid=coupling) for coupling in layout.couplings},
    )
