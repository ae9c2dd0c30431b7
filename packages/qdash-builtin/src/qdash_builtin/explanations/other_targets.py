"""Features of a result from the other targets of its execution: shares of failures, and changes of values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from qdash_builtin.explanations.surroundings import BAD, MEASURED, OtherTargets, add_shares
from qdash_builtin.values.resources import ResourceKind
from qdash_core.models.references import Reference
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from qdash_builtin.explanations.execution_records import ExecutionRecords
    from qdash_builtin.explanations.features import Features
    from qdash_builtin.values.resources import Resource
    from qdash_core.chips.chip import Chip
    from qdash_core.models.task import AttemptSummary, TaskResultModel

CHIP_CHANGE, MUX_CHANGE = "chip_change", "mux_change"
"""First parts of the names of features of the changes of other targets."""
_LEAST_OF_OTHERS, _MOST_SOURCES = 2, 8
_MOST_RANKED = 24
"""Number of failed other targets up to which the causes of each are ranked: chance does not explain more of them."""
_LIKELY, _UNLIKELY = 0.5, 0.1
"""Least probability of a cause that explains another target, and its largest probability for the explained one, relative to the first cause."""
_NUMBER = re.compile(r"[+-]?\d[\d.]*(e[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class OtherTargetFeatures:
    """Features of results from other targets.

    `rank_alone` returns the probabilities of the likely causes of a result by id, without evidence from other targets.
    """

    chip: Chip
    resources: Mapping[Resource, Collection[str]]
    executions: ExecutionRecords
    rank_alone: Callable[[str], Mapping[str, float]]

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
                sources = [Reference("result", task_id) for task_id, _ in others.values()]
                middle = median(ratio for _, ratio in others.values())
                partner = ", ".join(sorted(others, key=by_number)) if prefix == MUX_CHANGE else ""
                features.put(name, middle, sources=sources[:_MOST_SOURCES], partner=partner)

    def _list_members_of_mux(self, qid: str) -> Collection[str]:
        muxes = (one for kind, one in self.resources.items() if kind.kind is ResourceKind.MULTIPLEXER)
        return next((one for one in muxes if qid in one), ())

    def _find_others(self, result: TaskResultModel) -> OtherTargets:
        """Return the other targets of the execution that are of the same kind and were measured, without those that are no evidence."""
        of_pair = "-" in result.qid
        others = [
            one
            for one in self.executions.list_attempts(result.execution_id)
            if one.qid not in ("", result.qid) and ("-" in one.qid) == of_pair and one.outcome in MEASURED
        ]
        bad: dict[str, AttemptSummary] = {}
        for one in others:
            if one.outcome in BAD and (one.qid not in bad or one.name == result.name):
                bad[one.qid] = one
        apart = self._find_apart(result, bad)
        others = [one for one in others if one.qid not in apart]
        together = {qid: one.task_id for qid, one in bad.items() if qid not in apart}
        same_task = {one.qid: one for one in others if one.name == result.name}
        alike = self._find_alike(result, together)
        return OtherTargets(same_task, {one.qid for one in others}, together, alike)

    def _find_apart(self, result: TaskResultModel, bad: Mapping[str, AttemptSummary]) -> set[str]:
        """Return the targets whose failures are no evidence: they did not begin with that of the result, or have a cause of their own."""
        if not bad:
            return set()
        onset = self.executions.find_onset(result)
        apart = {qid for qid, one in bad.items() if not onset.overlaps(self.executions.find_onset(one))}
        own = self.rank_alone(result.task_id)
        if not own or len(bad) - len(apart) > _MOST_RANKED:
            return apart
        return apart | {
            qid
            for qid, one in bad.items()
            if qid not in apart and _is_explained_otherwise(self.rank_alone(one.task_id), own)
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


def _is_explained_otherwise(other: Mapping[str, float], own: Mapping[str, float]) -> bool:
    """Return whether a target has a likely cause, by its own evidence, that is not likely for the explained one."""
    if not other:
        return False
    cause, probability = max(other.items(), key=lambda one: one[1])
    return probability >= _LIKELY and own.get(cause, 0.0) < _UNLIKELY * max(own.values())


def _remove_numbers(message: str) -> str:
    return _NUMBER.sub("", message)
