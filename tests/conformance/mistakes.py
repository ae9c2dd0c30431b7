"""Mistakes that an adapter makes: what it does to pulses on their way to the instrument, and to the order of answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_tasks.laboratory.program import Play, Program
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import Shots

_ROUNDING = 1e-6
_DRAWS = 5
"""Of phases that are any: so many steps of a turn, in which no two pulses keep their difference."""


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """What an adapter does wrong; by default nothing.

    Attributes
    ----------
    envelope, phase, tone
        -1: mirrored; of a tone its phase.
    gap_ns
        What every gap is too long by.
    step_ns
        Gaps are rounded up to it.
    longest_us
        No gap is longer: what is asked beyond is cut.
    stretch
        By what factor the whole microseconds of a gap are too long.
    step_mhz
        Frequencies are rounded to it.
    pad_ns
        All of a program is so much later.
    carrier_ghz
        The phase of a generator restarts with each pulse, on a carrier of this frequency that runs on; None: it runs on.
    incoherent
        Pulses have any phase in every shot.
    independent
        Generators of different frequency begin at any phase in every shot.
    adds
        So often the phase of a pulse is in those after it, too.
    readout_mhz
        By how many turns in a microsecond the plane turns with the start of a readout.
    of_control
        A tone has the phase of the generator of the control.
    deaf
        A tone is played at the frequency of the control.
    answers
        In which order answers come; of each call.
    plane_rad
        Standard deviation of the turn of the IQ plane from call to call.
    interval_us
        Time between shots, whatever is asked; None: it is what is asked.
    resets
        Whether an active reset is played.
    copies
        So often each shot is given, with so many fewer of them.
    """

    envelope: int = 1
    phase: int = 1
    tone: int = 1
    gap_ns: float = 0.0
    step_ns: float = 0.0
    longest_us: float = np.inf
    stretch: float = 1.0
    step_mhz: float = 0.0
    pad_ns: float = 0.0
    carrier_ghz: float | None = None
    incoherent: bool = False
    independent: bool = False
    adds: int = 0
    readout_mhz: float = 0.0
    of_control: bool = False
    deaf: bool = False
    answers: Literal["asked", "backwards", "by length", "by pulses", "second for third"] = "asked"
    plane_rad: float = 0.0
    interval_us: float | None = None
    resets: bool = True
    copies: int = 1


def as_taken(shots: Shots, wrong: Mistakes) -> Shots:
    """Return how shots follow each other as the mistakes make them."""
    reset = shots.reset if wrong.resets else "passive"
    return replace(shots, reset=reset, interval_us=wrong.interval_us or shots.interval_us)


def answer_order(programs: Sequence[Program], wrong: Mistakes) -> list[int]:
    """Return which program each answer of a call belongs to, in the order of the answers."""
    places = list(range(len(programs)))
    if wrong.answers == "backwards":
        return places[::-1]
    if wrong.answers == "by length":
        return sorted(places, key=lambda place: programs[place].length_ns)
    if wrong.answers == "by pulses":
        return sorted(places, key=lambda place: len(programs[place].plays))
    if wrong.answers == "second for third" and len(places) > 2:
        places[1:3] = places[2], places[1]
    return places


def draws_of(wrong: Mistakes) -> int:
    """Return how many draws of random phases stand for all shots."""
    return _DRAWS if wrong.incoherent or wrong.independent else 1


def played_gap_ns(gap_ns: float, wrong: Mistakes) -> float:
    """Return how long a gap is as the mistakes make it; what is no gap stays none."""
    if gap_ns <= _ROUNDING:
        return gap_ns
    rounded = np.ceil(gap_ns / wrong.step_ns - _ROUNDING) * wrong.step_ns if wrong.step_ns else gap_ns
    extra_ns = (wrong.stretch - 1) * (rounded // 1e3) * 1e3
    return min(max(rounded + wrong.gap_ns + extra_ns, 0.0), 1e3 * wrong.longest_us)


def as_played(
    plays: Sequence[Play], wrong: Mistakes, settings: Mapping[str, Settings], *, draw: int
) -> list[Play]:
    """Return the plays as the mistakes make them.

    Parameters
    ----------
    settings
        In use, by qubit.
    draw
        Number of the draw of random phases.
    """
    late_ns: dict[str, float] = {}
    before_rad: dict[str, float] = {}
    end_ns: dict[str, float] = {}
    order: dict[object, int] = {}
    found = []
    for play in sorted(plays, key=lambda one: one.start_ns):
        gap_ns = play.start_ns - end_ns.get(play.line, 0.0)
        late_ns[play.line] = late_ns.get(play.line, 0.0) + played_gap_ns(gap_ns, wrong) - gap_ns
        end_ns[play.line] = play.end_ns
        start_ns = play.start_ns + late_ns.get(play.line, 0.0) + wrong.pad_ns
        phase = wrong.phase * play.phase_rad * (wrong.tone if play.toward else 1)
        phase += wrong.adds * before_rad.get(play.line, 0.0)
        before_rad[play.line] = before_rad.get(play.line, 0.0) + play.phase_rad
        if wrong.carrier_ghz is not None:
            phase += 2 * np.pi * (play.frequency_ghz - wrong.carrier_ghz) * start_ns
        seen = play if wrong.incoherent else play.frequency_ghz
        if wrong.incoherent or wrong.independent:
            phase += 2 * np.pi * draw / _DRAWS * order.setdefault(seen, len(order))
        waveform = play.waveform if wrong.envelope == 1 else play.waveform.mirrored()
        frequency_ghz = play.frequency_ghz
        if wrong.step_mhz:
            frequency_ghz = round(1e3 * frequency_ghz / wrong.step_mhz) * 1e-3 * wrong.step_mhz
        if play.toward and wrong.of_control:
            phase += 2 * np.pi * (frequency_ghz - settings[play.line].drive_frequency_ghz) * start_ns
        if play.toward and wrong.deaf:
            frequency_ghz = settings[play.line].drive_frequency_ghz
        found.append(
            replace(play, start_ns=start_ns, phase_rad=phase, waveform=waveform, frequency_ghz=frequency_ghz)
        )
    return found
