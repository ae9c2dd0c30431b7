"""Laboratory port: maps each kind of measurement that QDash requests to the sequence of the rack."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatchmethod
from itertools import cycle

import numpy as np
from qdash_analysis.cliffords import Sequences, ends_in_one
from qdash_tasks.laboratory import (
    DetunedRamsey,
    DragScan,
    Echo,
    Limits,
    LineLimits,
    PulseTrain,
    QubitScan,
    Rabi,
    RabiAmplitude,
    Ramsey,
    RandomSequences,
    ReadoutLimits,
    ReadoutScan,
    Relaxation,
    SequentialLaboratory,
    Settings,
    ShotRecord,
    SingleShots,
    Trace,
)

from my_rack.rack import CONFIGURED

QUARTER = np.pi / 2


class RackLaboratory(SequentialLaboratory):
    """The rack as a laboratory. It has no active reset and no chevrons: tasks that need these are not
    offered.
    """

    requests = frozenset(
        {
            *(
                ReadoutScan,
                QubitScan,
                SingleShots,
                Rabi,
                RabiAmplitude,
                Relaxation,
                Ramsey,
                DetunedRamsey,
                Echo,
            ),
            *(PulseTrain, DragScan, RandomSequences),
        }
    )
    limits = Limits(
        usual_line=LineLimits(frequencies_ghz=((4.0, 6.0),)),
        readout=ReadoutLimits(frequencies_ghz=((6.5, 7.5),)),
        resets=frozenset({"passive"}),
        shortest_interval_us=50.0,
    )

    def __init__(self, rack):
        super().__init__({str(channel): _settings(known) for channel, known in enumerate(CONFIGURED)})
        self._rack = rack
        self._random = np.random.default_rng()

    def close(self):
        """Close the rack."""
        self._rack.close()

    def answer(self, target, request, shots):
        """Measure one request on one qubit. Touches hardware."""
        settings = self.settings[target]
        ends = None
        match request:
            case ReadoutScan():
                measured = self._readout_scan(target, request, settings, shots)
            case SingleShots():
                program = [("pulse", settings.x180, 0.0)] * request.state
                (measured,) = self._run(target, [program], settings, shots, request.amplitude)
                return ShotRecord(measured)
            case RandomSequences():
                programs, ends = self._random_sequences(request, settings), ends_in_one(request.x.size)
                measured = self._run(target, programs, settings, shots)
            case DetunedRamsey():
                beside = replace(settings, drive_frequency_ghz=request.frequency_ghz)
                measured = self._run(target, self.sequence(request, beside), beside, shots)
            case _:
                measured = self._run(target, self.sequence(request, settings), settings, shots)
        # The rack gives a point for every shot, from which mean, errors and their covariance follow.
        return Trace.from_shots(request.x, measured, ends=ends)

    def _run(self, target, programs, settings, shots, amplitude=None):
        """Return every shot of each program, shape (programs, shots), complex."""
        return self._rack.run(
            int(target),
            programs,
            drive_ghz=settings.drive_frequency_ghz,
            readout_ghz=settings.readout_frequency_ghz,
            amplitude=settings.readout_amplitude if amplitude is None else amplitude,
            shots=shots.count,
            wait_us=shots.interval_us,
        )

    def _readout_scan(self, target, request, settings, shots):
        program = [("pulse", settings.x180, 0.0)] * (request.state or 0)
        found = [
            self._run(
                target,
                [program],
                replace(settings, readout_frequency_ghz=frequency),
                shots,
                request.amplitude,
            )
            for frequency in request.x.tolist()
        ]
        return np.concatenate(found)

    @singledispatchmethod
    def sequence(self, request, settings):
        """Return a program of the rack for each point of the sweep: pulses with phases, tones, and waits in
        us.
        """
        raise NotImplementedError(type(request).__name__)

    @sequence.register
    def _(self, request: QubitScan, settings):
        return [[("saturate", request.amplitude, frequency)] for frequency in request.x]

    @sequence.register
    def _(self, request: Rabi, settings):
        amplitude = settings.control_amplitude if request.amplitude is None else request.amplitude
        return [[("tone", amplitude, duration)] for duration in request.x]

    @sequence.register
    def _(self, request: RabiAmplitude, settings):
        return [[("tone", amplitude, request.duration_ns)] for amplitude in request.x]

    @sequence.register
    def _(self, request: Relaxation, settings):
        return [[("pulse", settings.x180, 0.0), ("wait", delay)] for delay in request.x]

    @sequence.register(Ramsey)
    @sequence.register(DetunedRamsey)
    def _(self, request, settings):
        # The phase of the second pulse advances with the delay, so that the fringe is at qubit - drive + detuning.
        turns = 2 * np.pi * request.detuning_mhz * request.x
        first = ("pulse", settings.x90, 0.0)
        return [
            [first, ("wait", delay), ("pulse", settings.x90, phase)]
            for delay, phase in zip(request.x, turns, strict=True)
        ]

    @sequence.register
    def _(self, request: Echo, settings):
        x90 = ("pulse", settings.x90, 0.0)
        # Alternately about +y and -y: the error of an imperfect pulse in the echo changes its sign.
        middles = cycle([("pulse", settings.x180, QUARTER), ("pulse", settings.x180, -QUARTER)])
        return [
            [x90, ("wait", delay / 2), middle, ("wait", delay / 2), x90]
            for delay, middle in zip(request.x, middles, strict=False)
        ]

    @sequence.register
    def _(self, request: PulseTrain, settings):
        first = [("pulse", settings.x90, 0.0)] if request.start == "superposition" else []
        return [[*first, *[("pulse", request.pulse, 0.0)] * int(count)] for count in request.x]

    @sequence.register
    def _(self, request: DragScan, settings):
        pulses = [replace(request.pulse, beta_ns=beta) for beta in request.x]
        return [[("pulse", pulse, 0.0), ("pulse", pulse, np.pi)] * request.pairs for pulse in pulses]

    def _random_sequences(self, request, settings):
        """Return random Cliffords as pulses: a rotation about z becomes the phase of the following pulses."""
        drawn = Sequences.random(request.x, interleaved=request.interleaved, rng=self._random)
        pulses = {"X90": settings.x90, "X180": settings.x180}
        return [[("pulse", pulses[name], phase) for name, phase in program] for program in drawn.programs()]


def _settings(known):
    """Return the settings of the rack at power-on: the initial settings in use."""
    return Settings(
        drive_frequency_ghz=known["qubit_frequency"],
        readout_frequency_ghz=known["resonator_frequency"],
        readout_amplitude=0.2,
        readout_length_ns=1000.0,
    )
