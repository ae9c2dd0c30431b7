"""Observations: rules of evidence that hold for the features of a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.models.references import Reference
from qdash_core.models.target_lists import name_targets
from qdash_core.tasks.inputs import get_direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_builtin.explanations.features import Features
    from qdash_builtin.task_pages.evidence_rules import EvidenceRule, Place
    from qdash_core.models.task import TaskResultModel


@dataclass(frozen=True, slots=True)
class Observation:
    """Evidence for or against one cause.

    Parameters
    ----------
    cause : str
        Id of the cause.
    weight : float
        Logarithm of the likelihood ratio; negative if it speaks against the cause.
    group : str
        Group in which only the strongest observation counts, or empty.
    partner : str
        Other targets that take part, such as the neighbour of a collision, separated by commas; empty without any.
    """

    cause: str
    target: str
    text: str
    weight: float
    task: str = ""
    group: str = ""
    sources: tuple[Reference, ...] = ()
    partner: str = ""


def observe(
    result: TaskResultModel, features: Features, rules: Iterable[EvidenceRule]
) -> Iterator[Observation]:
    """Yield an observation for each cause of the rules that hold for a result."""
    for rule in rules:
        if rule.when.evaluate(features.values) is not True:
            continue
        named = [name for name in rule.when.names if name in features.values]
        listed = ", ".join(features.partners[name] for name in named if name in features.partners)
        partners = [*dict.fromkeys(listed.split(", "))] if listed else []
        subject = {
            "chip": result.chip_id,
            "target": result.qid,
            "task": result.name,
            "partner": name_targets(partners),
        }
        own = Reference("result", result.task_id)
        others = (source for name in named for source in features.sources.get(name, ()))
        for cause in rule.causes:
            yield Observation(
                cause,
                _place(result, rule.on),
                rule.write(features.values, subject),
                rule.weight,
                result.name,
                rule.group,
                tuple(dict.fromkeys((own, *others))),
                ", ".join(partners),
            )


def _place(result: TaskResultModel, on: Place) -> str:
    if on == "self" or "-" not in result.qid:
        return result.qid
    control, target = get_direction(result.qid, result.control)
    return control if on == "control" else target
