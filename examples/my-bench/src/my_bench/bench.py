"""Laboratory of the bench: limits of the box, and playing of programs."""

from qdash_core import BackendError
from qdash_tasks.laboratory import (
    IQ,
    QUBIT_REQUESTS,
    LaboratoryBackend,
    Limits,
    LineLimits,
    ProgramAnswer,
    PulseLaboratory,
    QubitDesign,
    ReadoutLimits,
    Settings,
    Signs,
)

from my_bench.box import Box, Segment

QID = "0"
DESIGN = {"qubit_frequency": 4.9, "resonator_frequency": 6.9, "readout_amplitude": 0.2, "readout_length": 1e3}
"""Design values, and initial readout settings: GHz, of full scale, ns."""


class BenchLaboratory(PulseLaboratory):
    """One qubit at a box that plays samples."""

    requests = QUBIT_REQUESTS
    limits = Limits(
        usual_line=LineLimits(start_ns=1.0, frequencies_ghz=((4.0, 6.0),)),
        readout=ReadoutLimits(start_ns=1.0, frequencies_ghz=((6.5, 7.5),)),
        resets=frozenset({"passive"}),
    )

    def __init__(self, box):
        super().__init__({QID: Settings.from_design(QubitDesign.of_values(DESIGN))})
        self._box = box

    def play(self, programs, shots):
        """Play programs. Touches hardware."""
        self._box.clear()
        shapes = {one.waveform for program in programs for one in program.plays}
        waves = {shape: self._box.load(shape.samples(1.0)) for shape in shapes}
        segments = [_segment(program, waves) for program in programs]
        self._box.arm(segments, shots=shots.count, wait_us=shots.interval_us)
        sums = self._box.acquire(average=shots.keep == "mean")
        return [_answer(one, found, shots.keep) for one, found in zip(programs, sums, strict=True)]

    def signs(self, play):
        """Return the signs of the box, which uses exp(+2 pi i f t): it plays the conjugate of its samples."""
        return Signs(envelope=-1, phase=-1)

    def close(self):
        self._box.close()


def _segment(program, waves):
    """Return a program in the format of the box, in samples and Hz."""
    segment = Segment()
    for one in sorted(program.plays, key=lambda one: one.start_ns):
        segment.play(one.start_ns, waves[one.waveform], one.amplitude, one.frequency_ghz * 1e9, one.phase_rad)
    for one in program.readouts:
        segment.capture(one.start_ns, one.length_ns, one.frequency_ghz * 1e9, one.amplitude)
    return segment


def _answer(program, sums, keep):
    """Return the sums of the box, shape (shots, readouts), or (1, readouts) if it averages, per ns."""
    points = sums / [one.length_ns for one in program.readouts]
    return ProgramAnswer(iq={QID: IQ(mean=points.mean(axis=0), each=points if keep == "each" else None)})


class BenchBackend(LaboratoryBackend):
    name = "my-bench"
    laboratory_class = BenchLaboratory
    _laboratory = None

    @classmethod
    def design(cls, context):
        return {QID: DESIGN}

    def connect(self):
        self._laboratory = BenchLaboratory(Box("bench-1"))

    @property
    def laboratory(self):
        if self._laboratory is None:
            raise BackendError("the box is not connected: call connect() first")
        return self._laboratory

    def disconnect(self):
        if self._laboratory is not None:
            self._laboratory.close()
