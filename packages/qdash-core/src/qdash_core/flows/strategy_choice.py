"""Choice of the scheduling strategy of a stage: the request's, else the step's, else the default."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.strategies import StrategySelection
from qdash_core.models.targets import TARGET_KINDS
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.targets import TargetKind
    from qdash_core.scheduling.coupling_schedules import CouplingRules

_NOTHING = StrategySelection.model_construct()


@dataclass(frozen=True, slots=True)
class StrategyChoice:
    """Strategy and limits of a stage: None for the default strategy, and for the limit of the backend.

    `one_of_each_mux` tells whether one qubit of each multiplexer is measured at a time.
    """

    strategy: str | None = None
    max_parallel: int | None = None
    one_of_each_mux: bool = False


class StrategyChooser:
    """Choice for each stage of a run with a requested selection.

    Raises
    ------
    NotFoundError, InvalidInputError
        If a selected strategy is unknown, or two are of one kind.
    """

    def __init__(self, registry: Registry, requested: StrategySelection = _NOTHING) -> None:
        self._registry = registry
        self._requested = requested
        self._by_kind = sort_strategies(registry, requested.strategies)

    def choose(self, kind: TargetKind, of_step: StrategySelection | None = None) -> StrategyChoice:
        """Return the choice for a stage on targets of a kind, given the selection of its step.

        Raises
        ------
        NotFoundError, InvalidInputError
            If the step selects an unknown strategy, or one of another kind.
        """
        of_step = of_step or _NOTHING
        by_step = sort_strategies(self._registry, of_step.strategies)
        require_measured_kinds(self._registry, by_step, {kind})
        merged = self._requested.over(of_step)
        return StrategyChoice(
            self._by_kind.get(kind, by_step.get(kind)), merged.max_parallel, bool(merged.one_of_each_mux)
        )

    def choose_for_couplings(self, strategy: str, rules: CouplingRules) -> tuple[str, CouplingRules]:
        """Return the strategy and rules of a step that schedules couplings, replaced where the request selects others."""
        limit = self._requested.max_parallel or rules.max_parallel
        return self._by_kind.get("coupling", strategy), replace(rules, max_parallel=limit)


def sort_strategies(registry: Registry, names: Sequence[str]) -> dict[TargetKind, str]:
    """Return the name of the selected strategy of each kind. A name that strategies of both kinds have selects both.

    Raises
    ------
    NotFoundError
        If there is no strategy with a name. The message lists all of them.
    InvalidInputError
        If two strategies are of one kind.
    """
    found: dict[TargetKind, str] = {}
    for name in names:
        kinds = [kind for kind in TARGET_KINDS if name in registry.schedulers(kind)]
        if not kinds:
            every = {one for kind in TARGET_KINDS for one in registry.schedulers(kind)}
            raise NotFoundError(
                f"there is no scheduling strategy {name!r}{suggest(name, every)} ({_list_strategies(registry)})"
            )
        for kind in kinds:
            if kind in found and found[kind] != name:
                raise InvalidInputError(
                    f"strategies {found[kind]!r} and {name!r} are both for {kind}s: select one "
                    f"({_list_strategies(registry)})"
                )
            found[kind] = name
    return found


def require_measured_kinds(
    registry: Registry, selected: Mapping[TargetKind, str], measured: Collection[str]
) -> None:
    """Raise InvalidInputError if a selected strategy is for targets of a kind that is not measured."""
    for kind, name in selected.items():
        others = [other for other, one in selected.items() if one == name and other in measured]
        if kind not in measured and not others:
            raise InvalidInputError(
                f"strategy {name!r} is for {kind}s, and no {kind} is measured here ({_list_strategies(registry)})"
            )


def _list_strategies(registry: Registry) -> str:
    return "; ".join(f"for {kind}s: {', '.join(sorted(registry.schedulers(kind)))}" for kind in TARGET_KINDS)
