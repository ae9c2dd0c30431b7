"""Declarations shared by several native tasks."""

from qdash_core.tasks.run_parameters import RunParameter
from qdash_tasks.declarations import TIME_RANGE, declare_optional_input

USUAL_WAIT_NS = 153_600.0
"""Wait of the library after each shot."""
LIBRARY_GATE = "library_zx90_gate_time"
"""Parameter of a coupling whose gate only the library can play, from its note."""
SHOTS = RunParameter(
    value=None,
    value_type="int",
    minimum=16,
    maximum=1_000_000,
    description="repetitions of each point; as many as the library takes when absent",
)
INTERVAL = RunParameter(
    value=None,
    value_type="float",
    unit="ns",
    minimum=1_000.0,
    maximum=1e9,
    description="wait after each shot; when absent 153 600 ns, or five T1 where that is known and longer",
)
MEASUREMENT = {"shots": SHOTS, "interval": INTERVAL}
TIMES = {**MEASUREMENT, "time_range": TIME_RANGE}

IN_USE = {
    "resonator_frequency": declare_optional_input(
        "GHz", "where the resonator is read out; the library's when absent"
    ),
    "readout_frequency": declare_optional_input(
        "GHz", "optimised readout frequency; the resonator's when absent"
    ),
    "readout_amplitude": declare_optional_input("a.u.", "readout amplitude; the library's when absent"),
    "qubit_frequency": declare_optional_input("GHz", "drive frequency; the library's when absent"),
    "anharmonicity": declare_optional_input(
        "GHz", "for the coefficient that DRAG starts from; the library's when absent"
    ),
    "t1": declare_optional_input("us", "says how long a shot waits for |0>"),
    "control_amplitude": declare_optional_input(
        "a.u.", "drive amplitude of the Rabi calibration; the library's when absent"
    ),
}
"""Inputs that are set in the library before a task, if the chip has them. The library's calibration note has its pulses."""
