"""What is run on what before it runs: a part of a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.tasks.base import BaseTask


@dataclass(frozen=True, slots=True)
class Stage:
    """Tasks on targets.

    Parameters
    ----------
    step : str
        Kind of the step.
    tasks : tuple of type of BaseTask
        What it runs, in this order; none: it chooses targets.
    targets : tuple of str
        On what, at most: what is measured before may leave fewer. A single empty one is the whole chip.
    plan : Plan or None
        How, as far as it is known; None: nothing is run on qubits or couplings, or it was not planned.
    """

    step: str
    tasks: tuple[type[BaseTask], ...]
    targets: tuple[str, ...]
    plan: Plan | None = None
