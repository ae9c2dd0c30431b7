"""Twin as a laboratory that only plays pulses and hides the truth: all requests are compiled to programs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_fake.clock import TwinTime
from qdash_fake.instruments import Instruments
from qdash_fake.limits import make_limits
from qdash_fake.options import TwinOptions
from qdash_fake.planes import IQPlanes
from qdash_fake.pulse_level.faults import apply_faults, make_signs
from qdash_fake.pulse_level.program_checks import find_unplayable, remove_qubits, require_call
from qdash_fake.pulse_level.program_solver import solve_program
from qdash_fake.pulse_level.readout_sampling import sample_means, sample_shots
from qdash_fake.readout_programs import measure_windows
from qdash_fake.sampling import estimate_noise_from_blocks
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.program import ProgramAnswer, Signs
from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
from qdash_tasks.laboratory.request_kinds import STANDARD_REQUESTS
from qdash_tasks.laboratory.requests import ReadoutWaveform
from qdash_tasks.laboratory.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from qdash_core.backends.laboratory import LaboratoryTime
    from qdash_fake.physics.chip import ChipTruth
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.program import Play, Program
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots


class PulseTwin(PulseLaboratory):
    """Connection to a twin that plays pulses. Thread-safe.

    Coupled qubits that are driven in one program are solved together, up to three; other qubits separately.

    The hidden truth `chip` is kept in private attributes. `number`, that of the session, determines the noise;
    `options` are the faults that are not part of the chip. Every program advances the `clock` for all its qubits.
    `beside` are the instruments of another laboratory of the chip, in whose current call this one plays, with its
    settings; None for its own, at the design.
    """

    requests = STANDARD_REQUESTS
    saturation_ns = 1_000_000.0
    """Length of a saturating pulse: long compared with T1, so that the whole line reaches the steady state."""

    def __init__(
        self,
        chip: ChipTruth,
        *,
        number: int,
        options: TwinOptions | None = None,
        clock: TwinTime | None = None,
        beside: tuple[Instruments, Mapping[str, Settings], Mapping[str, CouplingSettings]] | None = None,
    ) -> None:
        self._options = options or TwinOptions()
        limits = make_limits(self._options)
        # The noise is unknown if only the mean is kept.
        self.limits = replace(limits, covariances=limits.single_shots)
        _, settings, couplings = beside or (
            None,
            {qid: Settings.from_design(qubit.design.of_qubit) for qid, qubit in chip.qubits.items()},
            {coupling_id: CouplingSettings() for coupling_id in chip.couplings},
        )
        super().__init__(settings, couplings)
        self._name = f"{chip.device!r}, {len(chip.qubits)} qubits, number={number}"
        self.__chip = chip
        self._begins_calls = beside is None
        self.__lab = (
            beside[0]
            if beside
            else Instruments(
                chip,
                self.settings,
                number=number,
                slow_s=self._options.slow,
                clock=clock or TwinTime(),
                planes=IQPlanes(self._options, seed=chip.seed, number=number),
            )
        )

    def __repr__(self) -> str:
        return f"PulseTwin({self._name})"

    @property
    def clock(self) -> LaboratoryTime:
        """Laboratory clock of every target: seconds since the twin was created."""
        return self.__lab.clock

    @property
    def lab_seconds(self) -> float:
        """Laboratory time of all programs so far, in seconds."""
        return self.clock.passed_s

    def close(self) -> None:
        """Store the laboratory clock."""
        self.__lab.clock.close()

    def signs(self, play: Play) -> Signs:  # noqa: ARG002  the same for all generators
        """Return the sign conventions assumed by the laboratory: the usual ones if its own are unknown."""
        return Signs() if self._options.signs_unknown else make_signs(self._options)

    def rng(self) -> np.random.Generator:
        """Return the random generator for the sequences of the next call, determined by the session number."""
        return self.__lab.rng("sequences")

    def answer(self, target: str, request: Request, shots: Shots) -> Answer | None:
        """Answer a readout resolved in time, which programs cannot express; all else is played."""
        if not isinstance(request, ReadoutWaveform):
            return None
        self.__lab.planes.begin_call({target})
        began_s = self.__lab.clock.now_s(target)
        one = request.on_grid(self.limits, target)
        trace, lengths_us = measure_windows(self.__lab, target, one.x, window_ns=one.window_ns, shots=shots)
        self.__lab.advance_clock({target: lengths_us}, shots.count, set_up=True)
        if not self.limits.covariances:
            trace = estimate_noise_from_blocks(trace, shots=shots.count, rng=self.__lab.rng(target))
        return replace(trace, began_s=began_s)

    def play(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs unchanged.

        If a line or a readout cannot play its part, that part is omitted and its qubits fail.

        Raises
        ------
        InvalidInputError
            If the instruments cannot play so many programs or programs of this kind, or a program names an unknown qubit.
            Nothing is played then.
        """
        require_call(programs, shots, self.limits)
        silent = [find_unplayable(program, self.limits, self.__chip) for program in programs]
        if self._begins_calls:
            self.__lab.planes.begin_call(
                {readout.qid for program in programs for readout in program.readouts}
            )
        played = [
            apply_faults(remove_qubits(program, failed) if failed else program, self._options)
            for program, failed in zip(programs, silent, strict=True)
        ]
        # The hash of a long program takes time: each is looked up once.
        places: dict[Program, int] = {}
        chosen = [places.setdefault(program, len(places)) for program in played]
        known = [solve_program(self.__chip, program) for program in places]
        solutions = [known[place] for place in chosen]
        ends = [solution.ends for solution in solutions]
        if shots.keep == "mean":
            answers = sample_means(self.__lab, ends, shots, noise_known=self.limits.covariances)
        else:
            answers = sample_shots(self.__lab, ends, shots)
        began_s = self.__lab.advance_clock_by_programs([one for one in played if one.readouts], shots)
        begins = iter(began_s)
        return [
            ProgramAnswer(
                iq=iq,
                failed={**failed, **solution.failed},
                began_s=next(begins) if program.readouts else None,
            )
            for program, solution, iq, failed in zip(played, solutions, answers, silent, strict=True)
        ]
