"""Schedulers that need no store, and have the strategies of every plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from qdash.repository.of_the_settings import MongoChipRepository
from qdash_core.hooks.manager import load_plugins
from qdash_core.scheduling import cr_scheduler, one_qubit_scheduler
from qdash_core.scheduling.chip_scheduler import ChipScheduler

if TYPE_CHECKING:
    from qdash_core.repositories.chips import ChipRepository


class _OfEveryPlugin(ChipScheduler):
    """A scheduler that needs no store, and has the strategies of every plugin.

    Parameters
    ----------
    username, chip_id : str
        The chip; where several projects have it, that of the user's default project.
    chip_repo : ChipRepository or None
        Where it is kept; None: the store of the current settings.
    project_id : str or None
        None: found by user and chip.
    """

    kind: ClassVar[Literal["qubit", "coupling"]]

    def __init__(
        self,
        username: str,
        chip_id: str,
        chip_repo: ChipRepository | None = None,
        project_id: str | None = None,
    ) -> None:
        strategies = load_plugins().schedulers(self.kind)
        super().__init__(username, chip_id, chip_repo or MongoChipRepository(), project_id, strategies)


class OneQubitScheduler(_OfEveryPlugin, one_qubit_scheduler.OneQubitScheduler):
    """Schedules the qubits of a chip, by the strategies of every plugin."""

    kind = "qubit"


class CRScheduler(_OfEveryPlugin, cr_scheduler.CRScheduler):
    """Schedules the couplings of a chip, by the strategies of every plugin."""

    kind = "coupling"
