"""Selection of scheduling strategies for a run or a step."""

from typing import Annotated, Any, Self

from pydantic import Field, ValidationError

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Value
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.fault_limit import ENTRY, FewFaults

DEFAULT_STRATEGIES = {"qubit": "uncoupled", "coupling": "best"}
"""Names of the strategies of runs in which neither request nor step selects one, by kind of the targets."""
_Name = Annotated[str, Field(min_length=1, max_length=256)]


class StrategySelection(FewFaults, Value):
    """Selected scheduling strategies, and limits of simultaneous measurements. Fields that are not given leave the choice to the step, then to the
    default.
    """

    strategies: Annotated[tuple[Annotated[_Name, ENTRY], ...], Field(max_length=2)] = ()
    """Names of strategies, one at most of each kind: for qubits, for couplings."""
    max_parallel: int | None = Field(default=None, ge=1, lt=2**31)
    """Largest number of targets measured at once; the backend may allow fewer."""
    one_of_each_mux: bool | None = None
    """True if one qubit of each multiplexer is measured at a time, even if the backend could measure several."""

    def over(self, other: Self) -> Self:
        """Return this selection, with limits of another one where this has none. Strategies are those of this one."""
        return self.model_copy(
            update={
                name: getattr(other, name)
                for name in ("max_parallel", "one_of_each_mux")
                if getattr(self, name) is None
            }
        )


def select_strategies(**fields: Any) -> StrategySelection:
    """Return a selection with these fields; raise InvalidInputError if one is invalid."""
    try:
        return StrategySelection(**fields)
    except ValidationError as error:
        place, why = find_first_error(error)
        raise InvalidInputError(f"{place}: {why}") from None
