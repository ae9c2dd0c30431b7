"""A laboratory that plays pulses: every request of the port from one method."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.port import Answers, Laboratory
from qdash_tasks.laboratory.program import Play, Program, ProgramAnswer, Signs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots


class PulseLaboratory(Laboratory):
    """A laboratory whose author gives `play`; all standard requests are compiled to pulse programs. Safe for threads."""

    @abstractmethod
    def play(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs in one call, an answer for each in their order. Touches hardware.

        Times are on the grids of `limits`; what cannot be played is refused by raising, and never rounded.

        Parameters
        ----------
        shots
            How many of each, whether the mean or each is kept (`keep`), and how they follow each other.
        """

    def signs(self, play: Play) -> Signs:  # noqa: ARG002  the same for all, unless an adapter knows better
        """Return in which sense the generator of a play works; by default as `program` says."""
        return Signs()

    def perform(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs, mirrored where the generators mirror. Touches hardware."""
        return self.play([self._as_sent(program) for program in programs], shots)

    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        """Compile the requests, those of the same place into the same programs, and play them."""
        raise NotImplementedError

    def _as_sent(self, program: Program) -> Program:
        return Program(tuple(self._mirrored(play) for play in program.plays), program.readouts)

    def _mirrored(self, play: Play) -> Play:
        signs = self.signs(play)
        waveform = play.waveform if signs.envelope == 1 else play.waveform.mirrored()
        return replace(play, waveform=waveform, phase_rad=signs.phase * play.phase_rad)
