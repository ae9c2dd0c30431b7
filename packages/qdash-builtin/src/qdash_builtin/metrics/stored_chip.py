"""Stored states of a chip, with its judgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_builtin.record_lookup.stored_states import list_targets, make_stored_state
from qdash_core.chips.topology import Site, Topology
from qdash_core.models.chip import TargetStatus
from qdash_core.models.chip_judgement import Judgement
from qdash_core.models.pages import Page
from qdash_core.models.targets import by_number
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.record_lookup.stored_states import StoredState
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.pages import PageRequest
    from qdash_core.runtime.runtime import Runtime


@dataclass(frozen=True, slots=True)
class StoredChip:
    """A chip with the stored states of its qubits and couplings, in order of number, and their judgement if requested."""

    header: ChipModel
    qubits: Sequence[StoredState]
    couplings: Sequence[StoredState]
    judgement: Judgement = field(default_factory=Judgement)

    @property
    def topology(self) -> Topology:
        """Qubits and couplings of the chip with their positions."""
        sites = (Site(one["qid"], one.get("row"), one.get("col"), one.get("mux")) for one in self.qubits)
        return Topology(self.header.topology_id, tuple(sites), tuple(one["qid"] for one in self.couplings))

    def find_failures(self, execution_id: str) -> dict[str, str]:
        """Return the reasons of the targets whose status is failed because of a result of an execution."""
        reasons = {
            one["qid"]: one.get("status_reason")
            for one in (*self.qubits, *self.couplings)
            if one["status"] == TargetStatus.FAILED
        }
        return {
            qid: reason.text
            for qid, reason in reasons.items()
            if reason is not None and reason.execution_id == execution_id
        }

    def get_qubits_page(self, request: PageRequest) -> Page[StoredState]:
        """Return a page of its qubits."""
        return Page.from_all_items(self.qubits, request, _place)

    def get_couplings_page(self, request: PageRequest) -> Page[StoredState]:
        """Return a page of its couplings."""
        return Page.from_all_items(self.couplings, request, _place)


def _place(state: StoredState) -> tuple[int | str, ...]:
    return tuple(part for number in by_number(state["qid"]) for part in number)


def read_judged_states(runtime: Runtime, project_id: str, chip_id: str) -> StoredChip:
    """Return the stored states of a chip without values, with its judgement; NotFoundError if there is no such chip."""
    with runtime.store.read() as snapshot:
        repositories = Repositories(snapshot)
        header = repositories.of(ChipRepository).require(project_id, chip_id)
        qubits = list_targets(repositories.of(QubitCalibrationRepository), project_id, chip_id)
        couplings = list_targets(repositories.of(CouplingCalibrationRepository), project_id, chip_id)
        stored = [*qubits, *couplings]
        judgement = runtime.judge.read_of(repositories, project_id, chip_id, stored, header=header)
    return StoredChip(
        header,
        [show_state(judgement, make_stored_state(one)) for one in qubits],
        [show_state(judgement, make_stored_state(one)) for one in couplings],
        judgement,
    )


def show_state(judgement: Judgement, state: StoredState) -> StoredState:
    """Return the state of a target with the status that it is shown with; as it is if it was not judged."""
    return {**state, **judgement.find_shown_status(state["qid"], state["status"])}  # type: ignore[typeddict-item]
