"""What tasks are measured on: the connected backend, the chip behind it, and the clock of a simulated laboratory."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.attempts.state_manager import TaskStateManager
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import ChipView


@dataclass(frozen=True, slots=True)
class Setup:
    """The setup of one run.

    Parameters
    ----------
    backend : BaseBackend
        Connected when something is measured.
    chip : ChipView
        What tasks see of the chip.
    lab_before_s : float
        Laboratory time of the earlier stretches of the run, in seconds.
    design : mapping of str to mapping of str to float
        The design values of the chip when the run began, by qubit and coupling.
    """

    backend: BaseBackend
    chip: ChipView
    lab_before_s: float = 0.0
    design: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @contextmanager
    def timing(self, states: TaskStateManager, results: Sequence[TaskResultModel]) -> Iterator[None]:
        """Put on each of `results` when its target's clock began to pass in the block, and for how long; however it ends.

        A backend without `BaseBackend.clock` gives no times.
        """
        clock = self.backend.clock
        if clock is None:
            yield
            return
        begun_s = {result.qid: clock.now_s(result.qid) for result in results}
        try:
            yield
        finally:
            for result in results:
                start_s = self.lab_before_s + begun_s[result.qid] - clock.begun_s
                took_s = clock.now_s(result.qid) - begun_s[result.qid]
                states.put_laboratory_time(result, start_s=start_s, took_s=took_s)
