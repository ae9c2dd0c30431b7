"""Modes of one-qubit steps as classes, for flows that choose one by themselves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from qdash.workflow.service.modes import MODES
from qdash.workflow.service.targets import MuxTargets
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from qdash.workflow.service.step_service import StepService

__all__ = [
    "OneQubitConfig",
    "OneQubitScheduledStrategy",
    "OneQubitSerialStrategy",
    "OneQubitSimultaneousSpectroscopyStrategy",
    "OneQubitStrategy",
    "OneQubitSynchronizedStrategy",
    "get_one_qubit_strategy",
]


@dataclass
class OneQubitConfig:
    """Tasks on the qubits of multiplexers, or on some of them.

    `flow_name` and `project_id` are accepted for flows of the original: the session has its own.
    """

    mux_ids: list[int]
    exclude_qids: list[str]
    tasks: list[str]
    flow_name: str | None
    project_id: str | None
    qids: list[str] | None = None
    simultaneous_spectroscopy_schedule_mode: str = "local_index"


class OneQubitStrategy(ABC):
    """Way to measure qubits."""

    @abstractmethod
    def execute(self, cal_service: StepService, config: OneQubitConfig) -> dict[str, Any]:
        """Measure, and return the data of each qubit by qubit under the name of the mode."""


class _ModeStrategy(OneQubitStrategy):
    """Way to measure qubits that is a mode of the steps."""

    mode: ClassVar[str]

    def execute(self, cal_service: StepService, config: OneQubitConfig) -> dict[str, Any]:
        """Measure, and return the data of each qubit by qubit under the name of the mode."""
        qids = config.qids or MuxTargets(config.mux_ids, config.exclude_qids).to_qids(cal_service.chip_id)
        by_place = config.simultaneous_spectroscopy_schedule_mode == "local_index"
        result = cal_service.measure_qubits(
            qids,
            config.tasks,
            mode=self.mode,
            one_of_each_mux=by_place and MODES[self.mode] is None,
        )
        return {self.mode: {qid: data.raw for qid, data in result.qubits.items()}}


class OneQubitScheduledStrategy(_ModeStrategy):
    """One class of boxes after another."""

    mode = "scheduled"


class OneQubitSynchronizedStrategy(_ModeStrategy):
    """The same step on all multiplexers together."""

    mode = "synchronized"


class OneQubitSimultaneousSpectroscopyStrategy(_ModeStrategy):
    """All qubits at once, or one qubit of each multiplexer."""

    mode = "simultaneous_spectroscopy"


class OneQubitSerialStrategy(_ModeStrategy):
    """One qubit after another."""

    mode = "serial"


def get_one_qubit_strategy(mode: str) -> OneQubitStrategy:
    """Return the strategy of a mode.

    Raises
    ------
    InvalidInputError
        If there is no such mode.
    """
    found = {kind.mode: kind for kind in _ModeStrategy.__subclasses__()}
    if mode not in found:
        raise InvalidInputError(
            f"there is no mode {mode!r}{suggest(mode, found)} (there are: {', '.join(found)})"
        )
    return found[mode]()
