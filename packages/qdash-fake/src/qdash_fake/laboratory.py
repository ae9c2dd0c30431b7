"""Twin as a laboratory, which answers requests at the settings in use and hides the truth of the chip."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_analysis.cliffords.one_qubit import ends_in_one
from qdash_core.errors import QDashError
from qdash_fake import programs
from qdash_fake.answers import ON_QUBITS, MeasuredQubit
from qdash_fake.clock import TwinTime
from qdash_fake.instruments import Instruments
from qdash_fake.limits import make_limits
from qdash_fake.options import TwinOptions
from qdash_fake.pair_answers import ON_COUPLINGS, MeasuredCoupling
from qdash_fake.pair_instruments import PairInstruments
from qdash_fake.planes import IQPlanes
from qdash_fake.sampling import estimate_noise_from_blocks
from qdash_fake.sweep_parts import join_answers, split_request
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.pair_requests import PairRequest
from qdash_tasks.laboratory.port import Answer, Answers, Laboratory
from qdash_tasks.laboratory.request_kinds import STANDARD_REQUESTS
from qdash_tasks.laboratory.requests import (
    DetunedRamsey,
    Echo,
    QubitScan,
    Ramsey,
    RandomSequences,
    SimultaneousSequences,
)
from qdash_tasks.laboratory.settings import Settings
from qdash_tasks.laboratory.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from qdash_core.backends.laboratory import LaboratoryTime
    from qdash_fake.physics.chip import ChipTruth
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]
    Answered = tuple[Answer, Floats]


class TwinLaboratory(Laboratory):
    """Connection to a twin. Thread-safe.

    Passive reset waits after each shot, and the next shot starts from the remaining state; active reset measures and flips
    back. A request of a plugin is compiled to programs for a pulse-level twin of the same chip, for each target alone.

    No attribute with fewer than two underscores leads to the hidden truth `chip`. Another session `number` gives other
    noise; `options` are the faults that are not part of the chip; every measurement advances the `clock` of its targets.
    """

    requests = STANDARD_REQUESTS
    plays_programs = True

    def __init__(
        self,
        chip: ChipTruth,
        *,
        number: int,
        options: TwinOptions | None = None,
        clock: TwinTime | None = None,
    ) -> None:
        asked = self.__options = options or TwinOptions()
        self.limits = make_limits(asked)
        self._on_grid = asked.grid is not None
        self._in_parts = asked.changes_within_sweeps
        super().__init__(
            {qid: Settings.from_design(qubit.design.of_qubit) for qid, qubit in chip.qubits.items()},
            {coupling_id: CouplingSettings() for coupling_id in chip.couplings},
        )
        self._name = f"{chip.device!r}, {len(chip.qubits)} qubits, number={number}"
        self.__lab = Instruments(
            chip,
            self.settings,
            number=number,
            slow_s=asked.slow,
            clock=clock or TwinTime(),
            planes=IQPlanes(asked, seed=chip.seed, number=number),
        )
        self.__pairs = PairInstruments(self.__lab, chip.couplings, self.couplings)
        self.__chip = chip

    def __repr__(self) -> str:
        return f"TwinLaboratory({self._name})"

    @property
    def clock(self) -> LaboratoryTime:
        """Laboratory clock of every target: seconds since the twin was created."""
        return self.__lab.clock

    @property
    def lab_seconds(self) -> float:
        """Laboratory time of all measurements so far, with the qubits measured in parallel."""
        return self.clock.passed_s

    def close(self) -> None:
        """Store the laboratory clock."""
        self.__lab.clock.close()

    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        """Answer the requests; those at the same position are simultaneous."""
        self.__lab.planes.begin_call(qid for target in requests for qid in target.split("-"))
        found: dict[str, list[Answer]] = {target: [] for target in requests}
        failed: dict[str, Exception] = {}
        for place in range(max((len(asked) for asked in requests.values()), default=0)):
            wanted = {
                target: self._round_request(target, asked[place])
                for target, asked in requests.items()
                if place < len(asked) and target not in failed
            }
            for target, answer in self.__answer_sweeps(wanted, shots, set_up=place == 0).items():
                if isinstance(answer, Exception):
                    failed[target] = answer
                else:
                    found[target].append(answer)
        return {target: failed.get(target, answers) for target, answers in found.items()}

    def _round_settings(self, qid: str, settings: Settings) -> Settings:
        """Return settings rounded to the grid of the lines; unchanged for a twin without a grid."""
        return settings.on_grid(self.limits, qid) if self._on_grid else settings

    def _round_request(self, target: str, request: Request) -> Request:
        """Return a request with its values rounded to the grid of the lines."""
        return request.on_grid(self.limits, target) if self._on_grid else request

    def __answer_sweeps(
        self, wanted: Mapping[str, Request], shots: Shots, *, set_up: bool
    ) -> Mapping[str, Answer | Exception]:
        """Answer one request of each target, in parts if the chip changes within a sweep."""
        if not self._in_parts:
            return self.__answer_round(wanted, shots, set_up=set_up)
        parts = {
            target: split_request(request) if type(request) in self.requests else [request]
            for target, request in wanted.items()
        }
        found: dict[str, list[Answer]] = {target: [] for target in wanted}
        failed: dict[str, Exception] = {}
        for place in range(max(map(len, parts.values()), default=0)):
            part = {
                target: split[place]
                for target, split in parts.items()
                if place < len(split) and target not in failed
            }
            for target, answer in self.__answer_round(part, shots, set_up=set_up and place == 0).items():
                if isinstance(answer, Exception):
                    failed[target] = answer
                else:
                    found[target].append(answer)
        return {target: failed.get(target) or join_answers(answers) for target, answers in found.items()}

    def __answer_round(
        self, wanted: Mapping[str, Request], shots: Shots, *, set_up: bool
    ) -> Mapping[str, Answer | Exception]:
        """Answer one request of each target, all simultaneous."""
        played = {target: request for target, request in wanted.items() if type(request) not in self.requests}
        wanted = {target: request for target, request in wanted.items() if target not in played}
        begun_s = {target: self.clock.now_s(target) for target in wanted}
        answers = self.__answer_targets(wanted, shots)
        lengths_us: dict[str, Floats] = {}
        found = {target: self.__play_request(target, request, shots) for target, request in played.items()}
        for target, given in answers.items():
            if isinstance(given, Exception):
                found[target] = given
                continue
            answer, lengths_us[target] = given
            found[target] = replace(self.__add_block_noise(target, answer, shots), began_s=begun_s[target])
        self.__lab.advance_clock(lengths_us, shots.count, set_up=set_up)
        return found

    def __play_request(self, target: str, request: Request, shots: Shots) -> Answer | Exception:
        """Answer a request of a plugin: compile it, and play its programs on the same chip and instruments."""
        from qdash_fake.pulse_level.laboratory import PulseTwin  # slow to import

        twin = PulseTwin(
            self.__chip,
            number=0,
            options=self.__options,
            beside=(self.__lab, dict(self.settings), dict(self.couplings)),
        )
        answers = twin.measure({target: [request]}, shots)[target]
        return answers if isinstance(answers, Exception) else answers[0]

    def __add_block_noise(self, target: str, answer: Answer, shots: Shots) -> Answer:
        """Return an answer with the noise estimate of a laboratory that stores only means."""
        if self.limits.single_shots or not isinstance(answer, Trace):
            return answer
        return estimate_noise_from_blocks(answer, shots=shots.count, rng=self.__lab.rng(target))

    def __answer_targets(
        self, wanted: Mapping[str, Request], shots: Shots
    ) -> Mapping[str, Answered | Exception]:
        superposed = frozenset(
            qid for qid, one in wanted.items() if isinstance(one, (Ramsey, DetunedRamsey, Echo))
        )
        random = {qid: one for qid, one in wanted.items() if isinstance(one, RandomSequences)}
        saturated = {qid: one for qid, one in wanted.items() if isinstance(one, QubitScan)}
        found: dict[str, Answered | Exception] = dict(self.__answer_random_sequences(random, shots))
        for target, request in wanted.items():
            if target in random:
                continue
            try:
                if isinstance(request, PairRequest):
                    found[target] = ON_COUPLINGS[type(request)](
                        MeasuredCoupling(self.__pairs, target, shots), request
                    )
                else:
                    found[target] = ON_QUBITS[type(request)](
                        MeasuredQubit(self.__lab, target, shots, superposed, saturated), request
                    )
            except QDashError as error:
                found[target] = error
        return found

    def __answer_random_sequences(
        self, requests: Mapping[str, RandomSequences], shots: Shots
    ) -> Mapping[str, Answered]:
        """Answer random sequences of many qubits, evolved together."""
        together = frozenset(requests).union(
            *(one.simultaneous_with for one in requests.values() if isinstance(one, SimultaneousSequences))
        )
        found: dict[str, Answered] = {}
        for interleaved in {one.interleaved: None for one in requests.values()}:
            lengths = {qid: one.x for qid, one in requests.items() if one.interleaved == interleaved}
            ends = programs.benchmarking(self.__lab, lengths, interleaved=interleaved, together=together)
            for qid, sweep in lengths.items():
                trace, lengths_us = self.__lab.average(qid, sweep, ends[qid], shots)
                found[qid] = replace(trace, ends=ends_in_one(sweep.size)), lengths_us
        return found
