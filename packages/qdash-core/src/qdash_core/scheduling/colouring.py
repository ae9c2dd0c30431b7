"""Colourings of conflicts, and the interface of scheduling strategies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from qdash_core.errors import InvalidInputError
from qdash_core.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.layout import Layout


@dataclass(frozen=True)
class Colouring:
    """Groups of simultaneous targets, with a lower bound on their number.

    Parameters
    ----------
    groups : tuple of tuple of str
        Every target in exactly one group, in the order in which they are to be measured.
    lower_bound : int
        Lower bound on the number of groups.
    limited_by : str
        Reason of the bound as text.
    strategy : str
        Name of the strategy.
    """

    groups: tuple[tuple[str, ...], ...]
    lower_bound: int
    limited_by: str
    strategy: str

    @property
    def proved_optimal(self) -> bool:
        """True if no schedule can have fewer groups."""
        return len(self.groups) <= self.lower_bound


class Scheduler(Protocol):
    """Scheduling strategy, which sorts targets into groups for simultaneous measurement.

    Equal conflicts and layouts give equal groups, on every machine.
    """

    @property
    def name(self) -> str:
        """Name of the strategy; unique among those of its kind."""

    @property
    def kind(self) -> Literal["qubit", "coupling"]:
        """Kind of the targets."""

    def colour(self, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        """Return every target in exactly one group.

        Parameters
        ----------
        conflicts : Conflicts
            Conflicts of targets, and the maximum number of simultaneous targets.
        layout : Layout or None
            Positions and wiring of the chip, for orderings, or None to use the conflicts alone.
        """


def get_strategy(strategy: str | Scheduler, known: Mapping[str, Scheduler], of: str) -> Scheduler:
    """Return the strategy with a name, or the strategy itself.

    Raises
    ------
    InvalidInputError
        If there is none. The message names its purpose `of` and the known strategies.
    """
    if not isinstance(strategy, str):
        return strategy
    if strategy not in known:
        names = ", ".join(sorted(known))
        raise InvalidInputError(
            f"there is no strategy {strategy!r} for {of}{suggest(strategy, known)} (there are: {names})"
        )
    return known[strategy]
