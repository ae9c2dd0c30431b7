"""Changes of the judgement of a chip between two states, with the resources that share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from qdash_builtin.comparisons.shared_resources import find_shared_resources
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_builtin.comparisons.shared_resources import SharedResource
    from qdash_builtin.values.resources import Resource
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.judgement import Fitness, Trust

_Place: TypeAlias = tuple[str, str]
"""Target, and parameter or an empty text for the target itself."""


@dataclass(frozen=True, slots=True)
class JudgementChange:
    """Change of the fitness of a target, or of the trust of one of its values.

    Parameters
    ----------
    parameter : str
        Name of the value, or empty for the fitness of the target.
    reasons : tuple of str
        Reasons of the later judgement.
    shared : SharedResource or None
        Resource on which other targets changed in the same way.
    """

    target: str
    parameter: str
    before: Fitness | Trust
    after: Fitness | Trust
    reasons: tuple[str, ...] = ()
    shared: SharedResource | None = None


def compare_judgements(
    before: Judgement, after: Judgement, resources: Mapping[Resource, Collection[str]]
) -> list[JudgementChange]:
    """Return the changes of fitness, then those of trust, qubits first, of what is judged in both states.

    A change is shared among the targets of one kind that were judged alike before. Values of targets that users have set aside are left out.
    An unknown judgement is empty.
    """
    first, second = _list_judgements(before), _list_judgements(after)
    both = sorted(
        (one for one in second if one in first),
        key=lambda one: (one[1] != "", "-" in one[0], by_number(one[0]), one[1]),
    )
    groups: dict[tuple[str, bool, Fitness | Trust, Fitness | Trust], list[str]] = {}
    for qid, name in both:
        was, now = first[qid, name][0], second[qid, name][0]
        if was is not now:
            groups.setdefault((name, "-" in qid, was, now), []).append(qid)
    shared: dict[_Place, SharedResource] = {}
    of_targets = sum(not name for name, *_ in groups)
    for (name, of_couplings, was, _), affected in groups.items():
        examined = [
            qid
            for qid, other in both
            if other == name and ("-" in qid) == of_couplings and first[qid, name][0] is was
        ]
        for one in find_shared_resources(
            resources, affected, examined, tests=len(groups) - of_targets if name else of_targets
        ):
            shared |= {(qid, name): one for qid in one.affected}
    return [
        JudgementChange(*place, first[place][0], *second[place], shared.get(place))
        for place in both
        if first[place][0] is not second[place][0]
    ]


def _list_judgements(judgement: Judgement) -> dict[_Place, tuple[Fitness | Trust, tuple[str, ...]]]:
    """Return fitness and trust with their reasons, by target and parameter."""
    targets: dict[_Place, tuple[Fitness | Trust, tuple[str, ...]]] = {
        (qid, ""): (one.fitness, one.reasons) for qid, one in judgement.targets.items()
    }
    return targets | {
        (qid, name): (one.trust, tuple(one.doubts)) for qid, name, one in judgement.iter_considered()
    }
