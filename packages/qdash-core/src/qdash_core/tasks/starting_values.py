"""Starting values: values near which a search begins in a wider window."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from qdash_core.models.judgement import Trust
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.judgement.judge import Judge
    from qdash_core.models.chip_judgement import ValueJudgement
    from qdash_core.models.task import InputModel
    from qdash_core.repositories.store import Store


class StartingValues:
    """Values of a chip that were not trusted at the first question of a run, or that a user set or imported."""

    def __init__(self, store: Store, judge: Judge, project_id: str, chip_id: str) -> None:
        self._store, self._judge = store, judge
        self._chip = project_id, chip_id

    def contains(self, used: InputModel) -> bool:
        """Return whether an input is a starting value, also one that the user of the run gives."""
        if used.from_user:
            return True
        if used.target is None or used.parameter is None:
            return False
        return self._results.get((used.target, used.parameter)) == used.task_id

    @cached_property
    def _results(self) -> Mapping[tuple[str, str], str]:
        """Result of each starting value, by target and parameter."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            stored = [
                *repositories.of(QubitCalibrationRepository).list_values(*self._chip),
                *repositories.of(CouplingCalibrationRepository).list_values(*self._chip),
            ]
            judgement = self._judge.read_of(repositories, *self._chip, stored)
        return {
            (one["qid"], name): value.get("task_id", "")
            for one in stored
            for name, value in one["data"].items()
            if not value.get("execution_id") or _is_doubtful(judgement.get_values(one["qid"]).get(name))
        }


def _is_doubtful(judged: ValueJudgement | None) -> bool:
    return judged is not None and judged.trust is not Trust.TRUSTED
