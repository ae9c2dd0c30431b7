"""A laboratory without physics: it returns answers chosen by the test, and records requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.backend import LaboratoryBackend
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.pair_requests import JointShots, RandomPairSequences
from qdash_tasks.laboratory.port import Answer, Answers, Laboratory, SequentialLaboratory
from qdash_tasks.laboratory.requests import (
    Chevron,
    PulseTrain,
    QubitScan,
    RandomSequences,
    ReadoutScan,
    Relaxation,
    SingleShots,
)
from qdash_tasks.laboratory.settings import Settings
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots


def settings() -> Settings:
    """Return settings of a generic qubit."""
    return Settings(
        drive_frequency_ghz=5.0, readout_frequency_ghz=7.0, readout_amplitude=0.1, readout_length_ns=1000.0
    )


def right_answer(request: Request, shots: Shots) -> Answer:
    """Return zeros of the right shapes."""
    shape = request.shape(shots.count)
    iq = np.zeros(shape, dtype=np.complex128)
    if request.single_shots:
        return ShotRecord(iq)
    ends = None if request.ends_shape is None else np.zeros(request.ends_shape, dtype=np.bool_)
    return Trace(request.x, iq, np.full(shape, 0.1 + 0.1j), np.zeros(shape), ends=ends, rows=request.rows)


class SilentLaboratory(SequentialLaboratory):
    """Three qubits and two couplings; every point is zero, unless `answers` overrides it."""

    requests = frozenset(
        {
            ReadoutScan,
            QubitScan,
            SingleShots,
            Chevron,
            Relaxation,
            PulseTrain,
            RandomSequences,
            JointShots,
            RandomPairSequences,
        }
    )

    def __init__(
        self, limits: Limits | None = None, answers: Callable[[str, Request, Shots], Answer] | None = None
    ) -> None:
        super().__init__(
            {qid: settings() for qid in "012"}, {name: CouplingSettings() for name in ("0-1", "1-2")}
        )
        self.limits = limits or Limits()
        self.asked: list[str] = []
        self.calls: list[tuple[Shots, dict[str, list[str]]]] = []
        """Shots, and the kinds of request by target, of every call."""
        self._answers = answers

    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        asked = {target: [type(one).__name__ for one in each] for target, each in requests.items()}
        self.calls.append((shots, asked))
        return super().measure(requests, shots)

    def answer(self, target: str, request: Request, shots: Shots) -> Answer:
        self.asked.append(target)
        return (
            right_answer(request, shots) if self._answers is None else self._answers(target, request, shots)
        )


class BrokenLaboratory(Laboratory):
    """Returns a fixed object as the answer of a whole call, or raises it."""

    requests = SilentLaboratory.requests

    def __init__(self, answers: Answers | Exception) -> None:
        super().__init__({qid: settings() for qid in "01"})
        self._answers = answers

    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        if isinstance(self._answers, Exception):
            raise self._answers
        return self._answers


class SilentBackend(LaboratoryBackend):
    """Backend with an open laboratory."""

    name = "silent"
    laboratory_class = SilentLaboratory

    def __init__(self, laboratory: SilentLaboratory) -> None:
        self._laboratory = laboratory

    def connect(self) -> None:
        """Do nothing."""

    @property
    def laboratory(self) -> SilentLaboratory:
        return self._laboratory
