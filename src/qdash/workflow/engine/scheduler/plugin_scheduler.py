"""Base class of schedulers that use the store of the current settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from qdash.repository.settings_store import MongoChipRepository
from qdash.workflow.engine.scheduler.chip_source import read_chip
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.manager import load_plugins
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.repositories.chips import ChipRepository
    from qdash_core.scheduling.colouring import Scheduler


class PluginScheduler:
    """Base class of schedulers with the strategies of every plugin, on the store of the current settings.

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
        self.username = username
        self.chip_id = chip_id
        self.chip_repo = chip_repo or MongoChipRepository()
        self.project_id = project_id
        self.strategies = load_plugins().schedulers(self.kind)

    def get_strategy(self, strategy: str | Scheduler) -> Scheduler:
        """Return the strategy with a name, or the strategy itself; InvalidInputError with the known ones if there is none."""
        if not isinstance(strategy, str):
            return strategy
        if strategy not in self.strategies:
            names = ", ".join(sorted(self.strategies))
            raise InvalidInputError(
                f"there is no strategy {strategy!r} for {self.kind}s{suggest(strategy, self.strategies)} (there are: {names})"
            )
        return self.strategies[strategy]

    def chip(self) -> Chip:
        """Return the chip as it stands; NotFoundError if there is none."""
        return read_chip(self.chip_repo, self.username, self.chip_id, self.project_id)
