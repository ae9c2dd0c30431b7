"""Declarations shared by several native tasks."""

from qdash_core import RunParameter
from qdash_tasks.declarations import declare_optional_input
from qdash_tasks.laboratory import TIME_RANGE

USUAL_WAIT_NS = 153_600.0
"""Wait of the library after each shot."""
LIBRARY_GATE = "library_zx90_gate_time"
"""Parameter of a coupling whose gate only the library can play, from its note."""
SHOTS = RunParameter(
    value=None,
    value_type="int",
    minimum=16,
    maximum=1_000_000,
    description="repetitions of each point; by default the library's",
)
INTERVAL = RunParameter(
    value=None,
    value_type="float",
    unit="ns",
    minimum=1_000.0,
    maximum=1e9,
    description="wait after each shot; by default 153 600 ns, or five T1 if that is known and longer",
)
MEASUREMENT = {"shots": SHOTS, "interval": INTERVAL}
TIMES = {**MEASUREMENT, "time_range": TIME_RANGE}

IN_USE = {
    "resonator_frequency": declare_optional_input("GHz", "resonator frequency; by default the library's"),
    "readout_frequency": declare_optional_input(
        "GHz", "optimised readout frequency; by default the resonator's"
    ),
    "readout_amplitude": declare_optional_input("a.u.", "readout amplitude; by default the library's"),
    "qubit_frequency": declare_optional_input("GHz", "drive frequency; by default the library's"),
    "anharmonicity": declare_optional_input(
        "GHz", "anharmonicity, for the initial DRAG coefficient; by default the library's"
    ),
    "t1": declare_optional_input("us", "T1, for the wait after each shot"),
    "control_amplitude": declare_optional_input(
        "a.u.", "drive amplitude of the Rabi calibration; by default the library's"
    ),
}
"""Inputs that are set in the library before a task, if the chip has them. Pulses are in the library's calibration note."""
