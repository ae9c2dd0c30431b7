"""Case of a result: the evidence from it and from other results, and the ranked causes."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from qdash_builtin.explanations.cause_scores import LEAST_SCORE, rank_causes, score_no_cause
from qdash_builtin.explanations.considered_results import is_as_new
from qdash_builtin.explanations.explanation import ExplainedCause
from qdash_builtin.explanations.observations import observe
from qdash_builtin.explanations.other_tasks import add_other_tasks
from qdash_builtin.explanations.surroundings import BAD, MEASURED
from qdash_builtin.explanations.user_texts import observe_words
from qdash_core.models.task import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_builtin.explanations.cause_scores import RankedCause, Ranking
    from qdash_builtin.explanations.causes import Cause
    from qdash_builtin.explanations.features import Features
    from qdash_builtin.explanations.observations import Observation
    from qdash_builtin.explanations.rule_book import RuleBook
    from qdash_builtin.task_pages.evidence_rules import EvidenceRule
    from qdash_core.models.facts import Fact
    from qdash_core.models.references import Reference
    from qdash_core.models.task import TaskResultModel


def _is_change(source: Reference) -> bool:
    return source.kind == "value-change"


def _join_same_change(evidence: Sequence[Observation]) -> tuple[Observation, ...]:
    """Return the evidence with one observation for each change of a value: the strongest one, with the weights and sources of all."""
    found: dict[object, Observation] = {}
    for place, one in enumerate(evidence):
        key = next((source for source in one.sources if _is_change(source)), place)
        known = found.get(key)
        if known is None:
            found[key] = one
        else:
            sources = tuple(dict.fromkeys((*known.sources, *one.sources)))
            found[key] = replace(known, weight=known.weight + one.weight, sources=sources)
    return tuple(found.values())


class _Reader(Protocol):
    def read(self, result: TaskResultModel, *, fully: bool) -> Features:
        """Return the features of a result."""


@dataclass(frozen=True, slots=True)
class Case:
    """A result with its features and its ranked causes."""

    result: TaskResultModel
    features: Features
    ranking: Ranking

    def explain(self, ranked: RankedCause, causes: Mapping[str, Cause]) -> ExplainedCause:
        """Return a cause with the command of the next step."""
        ranked = replace(ranked, evidence_for=_join_same_change(ranked.evidence_for))
        partner = next((one.partner for one in ranked.evidence_for if one.partner), "")
        event = next((one.id for see in ranked.evidence_for for one in see.sources if _is_change(one)), "")
        names = {
            "chip": self.result.chip_id,
            "target": ranked.target,
            "qid": ranked.target,
            "task": self.result.name,
            "task_id": self.result.task_id,
            "execution_id": self.result.execution_id,
            "partner": partner.partition(",")[0],
            "event": event.rpartition("/")[2],
        }
        quoted = {name: shlex.quote(value) if value else name.upper() for name, value in names.items()}
        same = dict.fromkeys((*ranked.cause.indistinguishable_from, *ranked.same_evidence))
        alike = tuple(causes[one].title for one in same if one in causes)
        return ExplainedCause(ranked, ranked.cause.command.format_map(quoted), partner, alike)


def read_case(
    reader: _Reader,
    rules: RuleBook,
    result: TaskResultModel,
    others: Sequence[TaskResultModel],
    *,
    related: Sequence[Fact] = (),
    few: bool = False,
    moved: bool = False,
) -> Case:
    """Read the features of a result and of others, and rank the causes.

    Parameters
    ----------
    others : sequence of TaskResultModel
        Other results on the target, or on the qubits of a coupling.
    few : bool
        True to read only failed and flagged results fully.
    moved : bool
        True if a value moved with the result: then it has a cause as a flagged one has, also if it was accepted.
    """
    read = [(one, reader.read(one, fully=not few or one.outcome in BAD)) for one in (result, *others)]
    observations: list[Observation] = []
    for one, own in read:
        features = own.copy()
        add_other_tasks(features, one, read)
        found = observe(one, features, _get_rules(rules, one, explained=one is result))
        # What a much earlier run found in order may have failed since.
        current = is_as_new(one, result)
        observations += [see for see in found if see.weight > 0 or current]
    measured = sum(one.outcome in MEASURED for one, _ in read)
    observations += observe_words(related, rules.causes.values(), result.qid)
    outcome = Outcome.FLAGGED if moved and result.outcome not in BAD else result.outcome
    return Case(result, read[0][1], _rank(rules, outcome, observations, measured))


def rank_alone(rules: RuleBook, result: TaskResultModel, features: Features) -> dict[str, float]:
    """Return the probabilities of the likely causes of a result by id, from its own features only."""
    observations = observe(result, features, _get_rules(rules, result, explained=True))
    return {one.cause.id: one.probability for one in _rank(rules, result.outcome, observations, 1).causes}


def _get_rules(rules: RuleBook, result: TaskResultModel, *, explained: bool) -> tuple[EvidenceRule, ...]:
    """Return the rules for a result: those of its task, and for the explained one those of every task."""
    task = rules.find_task(result)
    own = () if task is None else rules.get_rules(task)
    return (*own, *rules.common_rules) if explained else own


def _rank(rules: RuleBook, outcome: str, observations: Iterable[Observation], results: int) -> Ranking:
    least = LEAST_SCORE.get(outcome, LEAST_SCORE["accepted"])
    no_cause = score_no_cause(outcome, results)
    return rank_causes(observations, rules.causes, no_cause=no_cause, least=least)
