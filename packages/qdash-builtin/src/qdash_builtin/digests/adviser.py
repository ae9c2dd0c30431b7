"""Sources of advice: installed runs, laboratory times and likely causes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.digests.run_choice import RunChoice
from qdash_core.errors import QDashError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_builtin.digests.run_choice import MeasuringRun
    from qdash_builtin.explanations.causes import LikelyCause
    from qdash_core.models.access import Access


@dataclass(frozen=True, slots=True)
class Adviser:
    """Answers of other services to a digest. An answer that fails is unknown: a digest has no error because a plugin is missing.

    Parameters
    ----------
    find_runs : callable
        Returns the installed flows and tasks that measure the targets of a chip; takes the access and the chip.
    find_seconds : callable
        Returns the laboratory time of the dry run of a flow or task in seconds; takes the access, the chip, the flow or task, and targets.
    find_cause : callable
        Returns the likely cause of the failure of a result, or None; takes the access and the id of the result.
    """

    find_runs: Callable[[Access, str], Sequence[MeasuringRun]] = lambda _access, _chip_id: ()
    find_seconds: Callable[[Access, str, str, Sequence[str]], float | None] = lambda *_: None
    find_cause: Callable[[Access, str], LikelyCause | None] = lambda *_: None

    def make_run_choice(self, access: Access, chip_id: str, *, estimates: bool) -> RunChoice:
        """Return the choice of runs on a chip, with or without their laboratory times."""
        try:
            runs = self.find_runs(access, chip_id)
        except QDashError:
            return RunChoice()
        return RunChoice(runs, partial(self._estimate_s, access, chip_id)) if estimates else RunChoice(runs)

    def _estimate_s(self, access: Access, chip_id: str, flow: str, targets: Sequence[str]) -> float | None:
        try:
            return self.find_seconds(access, chip_id, flow, targets)
        except QDashError:
            return None

    def explain(self, access: Access, task_id: str) -> LikelyCause | None:
        """Return the likely cause of the failure of a result, or None if it is unknown."""
        try:
            return self.find_cause(access, task_id)
        except QDashError:
            return None
