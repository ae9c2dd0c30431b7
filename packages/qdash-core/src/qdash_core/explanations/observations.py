"""Observations: rules of evidence that hold for the features of a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qdash_core.tasks.evidence_rules import EvidenceRule


class SourceKind(StrEnum):
    """Kind of the records on which an observation stands."""

    RESULT = "result"
    NOTE = "note"
    ISSUE = "issue"
    VALUE_CHANGE = "value-change"


@dataclass(frozen=True, slots=True)
class Source:
    """A record on which an observation stands."""

    kind: SourceKind
    id: str


@dataclass(frozen=True, slots=True)
class Observation:
    """Evidence for or against one cause.

    Parameters
    ----------
    cause : str
        Id of the cause.
    target : str
        The target that has the cause.
    text : str
        Sentence about the observation.
    weight : float
        Logarithm of the likelihood ratio; negative if it speaks against the cause.
    task : str
        Task of the result, or empty.
    group : str
        Group of which only the strongest observation counts, or empty.
    sources : tuple of Source
        Records on which it stands.
    """

    cause: str
    target: str
    text: str
    weight: float
    task: str = ""
    group: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedResult:
    """Features of one result.

    Parameters
    ----------
    task_id, task, target, chip : str
        The result.
    control, controlled : str
        Qubits of a coupling; empty for other targets.
    features : mapping of str to float
        Features by name.
    sources : mapping of str to sequence of Source
        Records of features of the surroundings, besides the result itself.
    partners : mapping of str to str
        Other targets of features of the surroundings, such as the neighbours that failed.
    """

    task_id: str
    task: str
    target: str
    chip: str
    features: Mapping[str, float]
    control: str = ""
    controlled: str = ""
    sources: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    partners: Mapping[str, str] = field(default_factory=dict)


def observe(result: ObservedResult, rules: Iterable[EvidenceRule]) -> Iterator[Observation]:
    """Yield an observation for each cause of the rules that hold for a result."""
    for rule in rules:
        if rule.when.evaluate(result.features) is not True:
            continue
        named = [name for name in rule.when.names if name in result.features]
        partner = ", ".join(dict.fromkeys(result.partners[name] for name in named if name in result.partners))
        subject = {
            "chip": result.chip,
            "target": result.target,
            "task": result.task,
            "partner": partner,
        }
        own = Source(SourceKind.RESULT, result.task_id)
        others = (source for name in named for source in result.sources.get(name, ()))
        sources = tuple(dict.fromkeys((own, *others)))
        place = {"self": result.target, "control": result.control, "target": result.controlled}[rule.on]
        for cause in rule.causes:
            yield Observation(
                cause,
                place or result.target,
                rule.write(result.features, subject),
                rule.weight,
                result.task,
                rule.group,
                sources,
            )
