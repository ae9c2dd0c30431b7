"""Base class of the schedulers of qubits and couplings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.scheduling.chip_source import read_chip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.chips.chip import Chip
    from qdash_core.repositories.chips import ChipRepository
    from qdash_core.scheduling.colouring import Scheduler


@dataclass
class ChipScheduler:
    """Scheduler of targets of a chip.

    Parameters
    ----------
    username, chip_id : str
        The chip; if several projects have it, that of the user's default project.
    chip_repo : ChipRepository
        Repository of chips.
    project_id : str or None
        Project, or None to find it by user and chip.
    strategies : mapping of str to Scheduler
        Strategies by name.
    """

    username: str
    chip_id: str
    chip_repo: ChipRepository
    project_id: str | None = None
    strategies: Mapping[str, Scheduler] = field(default_factory=dict)

    def chip(self) -> Chip:
        """Return the chip as it stands; NotFoundError if there is none."""
        return read_chip(self.chip_repo, self.username, self.chip_id, self.project_id)
