"""Filter of the measurement schedule of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from pydantic import Field

from qdash_builtin.chips.chip_schedules import ScheduleRequest
from qdash_builtin.chips.directions import parse_directions
from qdash_core.models.target_lists import parse_couplings, parse_qubits
from qdash_core.models.targets import TargetKind
from qdash_core.operations.bodies import Filter
from qdash_core.scheduling.directions import RULES

if TYPE_CHECKING:
    from qdash_core.scheduling.directions import DirectionRule

_Id = Annotated[str, Field(max_length=64)]


class ScheduleFilter(Filter):
    """Targets and rules of a schedule."""

    kind: TargetKind
    """Kind of the targets."""
    target: Annotated[tuple[_Id, ...], Field(max_length=2_000)] = ()
    """Qubits, also as ranges such as `0-3`, or couplings, of this kind; absent: all of the chip."""
    exclude: Annotated[tuple[_Id, ...], Field(max_length=2_000)] = ()
    """Qubits to exclude, also as ranges such as `0-3`."""
    strategy: Annotated[str | None, Field(max_length=128)] = None
    """Scheduling strategy; absent: that of flows."""
    flow: Annotated[str | None, Field(max_length=128)] = None
    """Flow whose tasks are scheduled; absent: `two-qubit` or `bring-up`, by kind."""
    max_parallel: Annotated[int | None, Field(ge=1, lt=2**31)] = None
    """Maximum number of targets that are measured at the same time."""
    one_of_each_mux: bool = False
    """True: one qubit of each multiplexer is measured at a time."""
    wiring: bool | None = None
    """True: targets on one module exclude each other; absent: as the backend declares, if the wiring is known."""
    direction: Annotated[str | None, Field(min_length=1, max_length=20_000)] = None
    """Direction of couplings: a rule such as `higher`, or controls and targets such as `1-0,2-3`; absent: by predicted error."""
    spectators: bool = False
    """True: couplings that are one coupling apart exclude each other."""
    collisions: bool = False
    """True: couplings exclude each other if a drive is close to a transition."""

    def make_request(self) -> ScheduleRequest:
        """Return the request; raise InvalidInputError for an invalid target or direction, or rules for the other kind."""
        parse = parse_qubits if self.kind == "qubit" else parse_couplings
        return ScheduleRequest(
            self.kind,
            targets=parse(self.target) if self.target else None,
            exclude=parse_qubits(self.exclude) if self.exclude else (),
            strategy=self.strategy,
            flow=self.flow,
            max_parallel=self.max_parallel,
            one_of_each_mux=self.one_of_each_mux,
            wiring=self.wiring,
            direction=None if self.direction is None else _parse_direction(self.direction),
            spectators=self.spectators,
            collisions=self.collisions,
        )


def _parse_direction(text: str) -> DirectionRule | dict[str, str]:
    return cast("DirectionRule", text) if text in RULES else parse_directions(text)
