"""Reader of the inputs and accepted values of results, which keeps those of the chips that were read last."""

from __future__ import annotations

import time
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from qdash_builtin.metrics.judgement.measured_inputs import list_measured_inputs
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.kept_reads import KEPT_S, KeptReads
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.metrics.judgement.measured_inputs import MeasuredInputs
    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
    from qdash_builtin.metrics.judgement.value_history import ValueHistory
    from qdash_builtin.values.measured_values import MeasuredValues
    from qdash_core.repositories.repositories import Repositories

_MOST_CHIPS = 8
"""Number of chips whose history is kept."""
_MOST_INPUTS = 20_000
"""Number of results whose inputs are kept."""


class _KnownHistory:
    """History of the accepted values of a chip. Its scatter takes over that of a former history."""

    def __init__(self, values: ValueHistory, former: _KnownHistory | None = None) -> None:
        self._values = values
        self._former: _KnownHistory | None = (
            former if former is None or "scatter" in vars(former) else former._former
        )

    @cached_property
    def scatter(self) -> UsualScatter:
        """Usual scatter of the values."""
        former, self._former = self._former, None
        return self._values.make_scatter(None if former is None else (former._values, former.scatter))

    def replace(self, changed: set[str], results: Iterable[MeasuredValues]) -> _KnownHistory:
        """Return the history with the present state of the results that have changed."""
        return _KnownHistory(self._values.replace(changed, results), self)


class ResultReader:
    """Reader of the inputs and accepted values of results. It keeps the histories of chips, see `KeptReads`. Safe for threads."""

    def __init__(self) -> None:
        self._inputs: dict[tuple[str, str], MeasuredInputs] = {}
        self._kept_since_s = time.monotonic()
        self._histories: KeptReads[_KnownHistory] = KeptReads(most=_MOST_CHIPS)
        self._lock = Lock()

    def list_inputs(
        self, repositories: Repositories, project_id: str, task_ids: Iterable[str]
    ) -> list[MeasuredInputs]:
        """Return the inputs of the existing results among these ids, which have ended: they no longer change."""
        wanted = list(task_ids)
        if time.monotonic() - self._kept_since_s > KEPT_S:
            with self._lock:
                self._inputs, self._kept_since_s = {}, time.monotonic()
        known = {one: found for one in wanted if (found := self._inputs.get((project_id, one))) is not None}
        missing = [one for one in wanted if one not in known]
        read = list_measured_inputs(repositories.of(TaskResultHistoryRepository), project_id, missing)
        if missing and len(missing) <= _MOST_INPUTS:
            with self._lock:
                self._inputs.update({(project_id, one.task_id): one for one in read})
                for key in [*self._inputs][: max(0, len(self._inputs) - _MOST_INPUTS)]:
                    del self._inputs[key]
        return [*known.values(), *read]

    def read_scatter(self, repositories: Repositories, project_id: str, chip_id: str) -> UsualScatter:
        """Return the present usual scatter of a chip, see `value_history.read_usual_scatter`."""
        from qdash_builtin.metrics.judgement import value_history  # needs numpy

        header = repositories.of(ChipRepository).require(project_id, chip_id)

        def extend(known: _KnownHistory, changed: set[str]) -> _KnownHistory:
            read = value_history.list_results(repositories, project_id, changed)
            return known.replace(changed, read)

        return self._histories.read(
            repositories,
            project_id,
            {"chip_id": chip_id},
            lambda: _KnownHistory(value_history.read_value_history(repositories, header)),
            extend,
            key=header.installed_at,
        ).scatter
