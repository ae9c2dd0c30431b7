"""Specification of payload translation, without qubex: data classes with the same fields stand for its
classes.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
from qdash_core import InvalidInputError
from qdash_tasks.laboratory import Waveform

from qubex_on_a_twin.shapes import Sampled, pieces
from qubex_on_a_twin.timelines import PROBES, translated

X90 = Waveform("cosine", 24.0, beta_ns=0.25)
TONE = Waveform("flat_top", 80.0, edge_ns=16.0)
SQUARE = Waveform("square", 30.0)


@dataclass
class Shape:
    iq_array: np.ndarray
    sampling_period_ns: float = 0.4


@dataclass
class Event:
    waveform_name: str
    start_offset_ns: float = 0.0
    gain: float = 1.0
    phase_offset_deg: float = 0.0


@dataclass
class Window:
    start_offset_ns: float
    length_ns: float
    name: str = "capture"


@dataclass
class Timeline:
    events: tuple = ()
    capture_windows: tuple = ()
    frequency_hz: float = 5e9


@dataclass
class Payload:
    fixed_timelines: dict
    waveform_library: dict = field(default_factory=dict)


PROBE = Shape(np.full(1250, 0.1 + 0j), 0.8)
"""A probe of 1000 ns."""


def payload(**timelines):
    """Return a payload that reads qubit 0 from 100 ns on, with other timelines; labels are written with
    underscores.
    """
    reading = Timeline((Event("probe", 100.0),), (Window(100.0, 1000.0),), 7e9)
    named = {label.replace("_", "-"): timeline for label, timeline in timelines.items()}
    shapes = {"x90": Shape(X90.samples(0.4)), "tone": Shape(TONE.samples(0.4)), "probe": PROBE}
    return Payload({"RQ0": reading, **named}, shapes)


def program(meant):
    assert len(meant.programs) == 1
    return meant.programs[0]


def found(*parts):
    return pieces(np.concatenate(parts).astype(complex).tobytes(), 0.4)


def test_a_sequence_in_one_array_is_taken_apart():
    x90, tone, square = (shape.samples(0.4) for shape in (X90, TONE, SQUARE))
    several = found(
        np.zeros(10), 0.1j * x90, 0.2 * x90, np.zeros(5), 0.3 * tone, 0.1 * x90, 0.2 * square, -0.2j * square
    )
    assert [one.waveform for one in several] == [X90, X90, TONE, X90, SQUARE, SQUARE]
    assert [one.offset_ns for one in several] == pytest.approx([4.0, 28.0, 54.0, 134.0, 158.0, 188.0])
    assert [one.amplitude for one in several] == pytest.approx([0.1, 0.2, 0.3, 0.1, 0.2, 0.2])
    assert [one.phase_rad for one in several] == pytest.approx([np.pi / 2, 0, 0, 0, 0, -np.pi / 2], abs=1e-6)


def test_a_square_that_turns_is_one_at_another_frequency():
    (one,) = found(Waveform("square", 40.0, sideband_ghz=0.02).samples(0.4))
    assert one.waveform == Waveform("square", 40.0, sideband_ghz=0.02)
    assert one.phase_rad == pytest.approx(0.0, abs=1e-6)


def test_a_shape_of_no_known_kind_is_kept_as_it_is():
    times_ns = (np.arange(100) + 0.5) * 0.4
    bell = np.exp(-0.5 * ((times_ns - 20) / 7) ** 2) * 0.3j
    (one,) = found(bell)
    assert isinstance(one.waveform, Sampled)
    played = one.amplitude * np.exp(1j * one.phase_rad) * one.waveform.at(times_ns)
    np.testing.assert_allclose(played, bell, atol=1e-9)


def test_a_label_names_line_frequency_and_transition():
    pulse = (Event("x90"),)
    plays = program(
        translated(
            payload(
                Q0=Timeline(pulse),
                Q0_Q1=Timeline((Event("tone"),), (), 4.8e9),
                Q1_ef=Timeline(pulse, (), 4.5e9),
            )
        )
    ).plays
    assert [(one.line, one.toward, one.transition, one.frequency_ghz) for one in plays] == [
        ("0", None, "01", 5.0),
        ("0", "1", "01", 4.8),
        ("1", None, "12", 4.5),
    ]


def test_gain_and_phase_of_an_event_are_those_of_the_pulse():
    event = Event("x90", 40.0, gain=-0.5, phase_offset_deg=90.0)
    (one,) = program(translated(payload(Q0=Timeline((event,))))).plays
    assert (one.start_ns, one.amplitude) == pytest.approx((40.0, 0.5))
    assert np.exp(1j * one.phase_rad) == pytest.approx(-1j)


def test_what_begins_beside_a_grid_begins_later():
    (one,) = program(translated(payload(Q0=Timeline((Event("x90", 10.1),))))).plays
    assert one.start_ns == pytest.approx(10.4)


def test_a_capture_that_is_late_reads_the_qubit_when_the_probe_begins():
    late = payload()
    late.fixed_timelines["RQ0"].capture_windows = (Window(132.0, 1000.0),)
    (readout,) = program(translated(late)).readouts
    assert readout.start_ns == pytest.approx(100.0)


def test_several_windows_are_several_readouts():
    twice = payload()
    twice.fixed_timelines["RQ0"].events = (Event("probe", 100.0), Event("probe", 2000.0))
    twice.fixed_timelines["RQ0"].capture_windows = (Window(100.0, 1000.0), Window(2000.0, 500.0))
    readouts = program(translated(twice)).readouts
    assert [(one.start_ns, one.length_ns) for one in readouts] == [
        (pytest.approx(100.0), pytest.approx(1000.0)),
        (pytest.approx(2000.0), pytest.approx(500.0)),
    ]


def test_who_drives_while_he_captures_reads_at_several_moments_of_the_window():
    programs = translated(payload(Q0=Timeline((Event("tone", 90.0),)))).programs
    assert len(programs) == PROBES
    for one in programs:
        (readout,) = one.readouts
        assert max(play.end_ns for play in one.plays) <= readout.start_ns + 1e-6
    played = [sum(play.waveform.length_ns for play in one.plays) for one in programs]
    assert played == sorted(played)
    assert played[-1] == pytest.approx(TONE.length_ns)


@pytest.mark.parametrize(
    ("timelines", "said"),
    [
        ({"Q0_fh": Timeline((Event("x90"),))}, "Q0-fh: the twin has lines"),
        ({"Q0": Timeline((Event("x90", gain=3.0),))}, "Q0: an amplitude of 3"),
        ({"Q0": Timeline((Event("y90"),))}, "Q0: there is no waveform 'y90'"),
        ({"Q0": Timeline((Event("x90"),), (), None)}, "Q0: the timeline has no frequency"),
        ({"Q1": Timeline((), (Window(0.0, 100.0),))}, "Q1: the twin captures on readout lines"),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_label(timelines, said):
    with pytest.raises(InvalidInputError, match=said):
        translated(payload(**timelines))


def test_a_payload_that_captures_nothing_is_refused():
    nothing = payload()
    nothing.fixed_timelines["RQ0"].capture_windows = ()
    with pytest.raises(InvalidInputError, match="captures nothing"):
        translated(nothing)
