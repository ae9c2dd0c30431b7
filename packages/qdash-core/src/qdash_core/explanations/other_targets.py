"""Features of a result from the other targets of its execution: shares of failures, and changes of values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from qdash_core.comparisons.shared_resources import ResourceKind
from qdash_core.explanations.surroundings import BAD, OtherTargets, add_shares
from qdash_core.models.references import RecordKind, Reference
from qdash_core.models.targets import by_number
from qdash_core.models.task import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.chips.chip import Chip
    from qdash_core.comparisons.shared_resources import Resource
    from qdash_core.explanations.execution_records import ExecutionRecords
    from qdash_core.explanations.features import Features
    from qdash_core.models.task import AttemptSummary, TaskResultModel

CHIP_CHANGE, MUX_CHANGE = "chip_change", "mux_change"
"""First parts of the names of features of the changes of other targets."""
MEASURED = (Outcome.ACCEPTED, Outcome.FLAGGED, Outcome.FAILED)
_LEAST_OF_OTHERS, _MOST_SOURCES = 2, 8
_NUMBER = re.compile(r"[+-]?\d[\d.]*(e[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class OtherTargetFeatures:
    """Features of results from other targets.

    Parameters
    ----------
    chip : Chip
        The chip.
    resources : mapping of Resource to collection of str
        Targets by shared resource.
    executions : ExecutionRecords
        Results of the executions.
    """

    chip: Chip
    resources: Mapping[Resource, Collection[str]]
    executions: ExecutionRecords

    def add_shares(self, features: Features, result: TaskResultModel) -> None:
        """Add the shares and numbers of other targets that failed, as `surroundings.add_shares`."""
        add_shares(features, result.qid, self.chip, self.resources, self._find_others(result))

    def add_changes(self, features: Features, result: TaskResultModel, names: Collection[str]) -> None:
        """Add the median changes of values of the other targets: those of `names` that begin with `CHIP_CHANGE` or `MUX_CHANGE`."""
        for name in sorted(names):
            prefix, _, output = name.partition(".")
            if prefix not in (CHIP_CHANGE, MUX_CHANGE):
                continue
            changes = self.executions.list_value_ratios(result.execution_id, result.name, output)
            group = {*changes} if prefix == CHIP_CHANGE else self._list_members_of_mux(result.qid)
            others = {qid: one for qid, one in changes.items() if qid in group and qid != result.qid}
            if len(others) >= _LEAST_OF_OTHERS:
                sources = [Reference(RecordKind.RESULT, task_id) for task_id, _ in others.values()]
                middle = median(ratio for _, ratio in others.values())
                partner = ", ".join(sorted(others, key=by_number)) if prefix == MUX_CHANGE else ""
                features.put(name, middle, sources=sources[:_MOST_SOURCES], partner=partner)

    def _list_members_of_mux(self, qid: str) -> Collection[str]:
        muxes = (one for kind, one in self.resources.items() if kind.kind is ResourceKind.MULTIPLEXER)
        return next((one for one in muxes if qid in one), ())

    def _find_others(self, result: TaskResultModel) -> OtherTargets:
        """Return the other targets of the execution that are of the same kind and were measured."""
        of_pair = "-" in result.qid
        others = [
            one
            for one in self.executions.list_attempts(result.execution_id)
            if one.qid not in ("", result.qid) and ("-" in one.qid) == of_pair and one.outcome in MEASURED
        ]
        bad: dict[str, str] = {}
        for one in others:
            if one.outcome in BAD:
                bad.setdefault(one.qid, one.task_id)
        same_task = {one.qid: one for one in others if one.name == result.name}
        together = self._find_together(result, same_task)
        alike = self._find_alike(result, together)
        return OtherTargets(same_task, {one.qid for one in others}, bad, together, alike)

    def _find_together(self, result: TaskResultModel, others: Mapping[str, AttemptSummary]) -> dict[str, str]:
        """Return the results of the same task on other targets that failed or were flagged, after the same outcome before."""
        bad = {qid: one.task_id for qid, one in others.items() if one.outcome in BAD}
        if not bad:
            return {}
        place = result.execution_id, result.name
        had_succeeded = self.executions.had_succeeded(*place, result.qid)
        return {
            qid: task_id
            for qid, task_id in bad.items()
            if self.executions.had_succeeded(*place, qid) == had_succeeded
        }

    def _find_alike(self, result: TaskResultModel, together: Mapping[str, str]) -> dict[str, str]:
        """Return those of the results that have the same outcome and the same words."""
        words = _remove_numbers(result.message)
        summaries = self.executions.list_summaries(result.execution_id, result.name)
        return {
            qid: task_id
            for qid, task_id in together.items()
            if task_id in summaries
            and summaries[task_id].outcome == result.outcome
            and _remove_numbers(summaries[task_id].message) == words
        }


def _remove_numbers(message: str) -> str:
    return _NUMBER.sub("", message)
