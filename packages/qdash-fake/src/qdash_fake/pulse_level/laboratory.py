"""Twin as a laboratory that only plays pulses: all requests reach it as programs.

What the chip really is stays hidden behind it, as behind `qdash_fake.laboratory`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_fake.clock import TwinTime
from qdash_fake.instruments import Instruments
from qdash_fake.limits import limits_of
from qdash_fake.options import TwinOptions
from qdash_fake.planes import Planes
from qdash_fake.pulse_level.faults import as_played, signs_of
from qdash_fake.pulse_level.program_checks import require_call, unplayable, without
from qdash_fake.pulse_level.program_solver import solve_program
from qdash_fake.pulse_level.readout_sampling import every_shot, means
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.program import ProgramAnswer, Signs
from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
from qdash_tasks.laboratory.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from qdash_core.backends.laboratory import LaboratoryTime
    from qdash_fake.physics.chip import ChipTruth
    from qdash_fake.pulse_level.program_solver import ProgramSolution
    from qdash_tasks.laboratory.program import Play, Program
    from qdash_tasks.laboratory.shots import Shots


class PulseTwin(PulseLaboratory):
    """Connection to a twin that plays pulses. Thread-safe.

    Coupled qubits that are driven in one program are solved together, up to three; other qubits separately.

    Parameters
    ----------
    chip
        The hidden truth; it is reachable only through attributes with two leading underscores.
    number
        Number of the session, which selects its noise.
    options
        Faults that are not part of the chip, or None for no faults.
    clock
        Laboratory time, which every program advances on all its qubits, or None to start a clock now.
    """

    saturation_ns = 1_000_000.0
    """Long against T1 of some 100 us: after a shorter pulse the weak flanks of a line are not yet as high as they get."""

    def __init__(
        self,
        chip: ChipTruth,
        *,
        number: int,
        options: TwinOptions | None = None,
        clock: TwinTime | None = None,
    ) -> None:
        self._options = options or TwinOptions()
        limits = limits_of(self._options)
        # A laboratory that keeps only the mean does not know its noise.
        self.limits = replace(limits, covariances=limits.single_shots)
        super().__init__(
            {qid: Settings.from_design(qubit.design.of_qubit) for qid, qubit in chip.qubits.items()},
            {coupling_id: CouplingSettings() for coupling_id in chip.couplings},
        )
        self._name = f"{chip.device!r}, {len(chip.qubits)} qubits, number={number}"
        self.__chip = chip
        self.__lab = Instruments(
            chip,
            self.settings,
            number=number,
            slow_s=self._options.slow,
            clock=clock or TwinTime(),
            planes=Planes(self._options, seed=chip.seed, number=number),
        )

    def __repr__(self) -> str:
        return f"PulseTwin({self._name})"

    @property
    def clock(self) -> LaboratoryTime:
        """Clock of every qubit: seconds since the twin was made."""
        return self.__lab.clock

    @property
    def lab_seconds(self) -> float:
        """Time in which a laboratory would have finished all programs so far."""
        return self.clock.passed_s

    def close(self) -> None:
        """Store the laboratory clock."""
        self.__lab.clock.close()

    def signs(self, play: Play) -> Signs:  # noqa: ARG002  the same for all generators
        """Return the sign conventions of the generators that the laboratory knows of."""
        return Signs() if self._options.signs_unknown else signs_of(self._options)

    def rng(self) -> np.random.Generator:
        """Return the random generator for the sequences of the next call, the same in every session of this
        number.
        """
        return self.__lab.rng("sequences")

    def play(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs unchanged. A line or readout that cannot play its part is silent, and its qubits fail.

        Raises
        ------
        InvalidInputError
            If the instruments cannot play that many programs or their kind, or a program names an unknown qubit; nothing is played.
        """
        require_call(programs, shots, self.limits)
        silent = [unplayable(program, self.limits, self.__chip) for program in programs]
        self.__lab.planes.turn({readout.qid for program in programs for readout in program.readouts})
        played = [
            as_played(without(program, failed) if failed else program, self._options)
            for program, failed in zip(programs, silent, strict=True)
        ]
        known: dict[Program, ProgramSolution] = {}
        for program in played:
            if program not in known:
                known[program] = solve_program(self.__chip, program)
        ends = [known[program].ends for program in played]
        if shots.keep == "mean":
            answers = means(self.__lab, ends, shots, noise_known=self.limits.covariances)
        else:
            answers = every_shot(self.__lab, ends, shots)
        began_s = self.__lab.spend_on_programs([one for one in played if one.readouts], shots)
        begins = iter(began_s)
        return [
            ProgramAnswer(
                iq=iq,
                failed={**failed, **known[program].failed},
                began_s=next(begins) if program.readouts else None,
            )
            for program, iq, failed in zip(played, answers, silent, strict=True)
        ]
