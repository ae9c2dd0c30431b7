"""Standard tasks that learn how a drive turns the qubit."""

from types import MappingProxyType

from qdash_core.tasks.base import BaseTask
from qdash_core.tasks.parameters import InputParameter, OutputParameter
from qdash_tasks.declared import (
    AMPLITUDE_RANGE,
    CONTROL_AMPLITUDE,
    DRIVE,
    FREQUENCY_RANGE,
    MAXIMUM_RABI_FREQUENCY,
    MEASUREMENT,
    QUBIT_FREQUENCY,
    RABI,
    RABI_FREQUENCY,
    READOUT,
    TIME_RANGE,
    known,
)

_SEEN_BEFORE = {
    "control_amplitude": known("a.u.", "amplitude to start from"),
    "rabi_frequency": known("MHz", "what that amplitude gave the last time"),
}
_THIRD_LEVEL = {
    "anharmonicity": known("GHz", "tells how far the second level shifts things; from the design when absent")
}


def _of_the_oscillation(description: str, unit: str = "a.u.") -> OutputParameter:
    return OutputParameter(unit=unit, description=description, optional=True)


class CheckRabi(BaseTask):
    """Choose the drive amplitude and measure the Rabi frequency there."""

    name = "CheckRabi"
    description = (
        "Rabi oscillation against pulse length; sets the drive amplitude for a usual Rabi frequency."
    )
    input_parameters = MappingProxyType({**DRIVE, **_SEEN_BEFORE, **_THIRD_LEVEL})
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "control_amplitude": CONTROL_AMPLITUDE,
            "rabi_frequency": RABI_FREQUENCY,
            "maximum_rabi_frequency": MAXIMUM_RABI_FREQUENCY,
            "rabi_amplitude": _of_the_oscillation("half the swing of the oscillation in the IQ plane"),
            "rabi_offset": _of_the_oscillation("middle of the oscillation along its axis of the IQ plane"),
            "rabi_phase": _of_the_oscillation("phase of the oscillation at length zero, about pi", "rad"),
            "rabi_angle": _of_the_oscillation("angle of the oscillation's axis in the IQ plane", "rad"),
            "rabi_noise": _of_the_oscillation("standard deviation of the points about the fit"),
            "rabi_distance": _of_the_oscillation(
                "distance of the oscillation's axis from the origin, positive to its left"
            ),
        }
    )


class CheckControlAmplitude(BaseTask):
    """Choose the drive amplitude from an oscillation against amplitude."""

    name = "CheckControlAmplitude"
    description = "Rabi oscillation against the amplitude of one pulse; sets the drive amplitude."
    input_parameters = MappingProxyType({**DRIVE, **_SEEN_BEFORE, **_THIRD_LEVEL})
    run_parameters = MappingProxyType({**MEASUREMENT, "amplitude_range": AMPLITUDE_RANGE})
    output_parameters = MappingProxyType(
        {"control_amplitude": CONTROL_AMPLITUDE, "maximum_rabi_frequency": MAXIMUM_RABI_FREQUENCY}
    )


_CHEVRON = {**MEASUREMENT, "time_range": TIME_RANGE, "frequency_range": FREQUENCY_RANGE}


class CheckCoarseChevron(BaseTask):
    """Find the qubit with short strong pulses, where a spectroscopy has not."""

    name = "CheckCoarseChevron"
    description = (
        "Rabi oscillations at drive frequencies far around the design: a first frequency and amplitude."
    )
    input_parameters = MappingProxyType({**READOUT, **_THIRD_LEVEL})
    run_parameters = MappingProxyType(_CHEVRON)
    output_parameters = MappingProxyType(
        {
            "coarse_qubit_frequency": OutputParameter(
                unit="GHz", description="first estimate of f01", minimum=0.5, maximum=20.0
            ),
            "coarse_control_amplitude": OutputParameter(
                unit="a.u.",
                description="drive amplitude for a usual Rabi frequency",
                minimum=0.0,
                maximum=1.0,
            ),
        }
    )


class CheckChevron(BaseTask):
    """Measure Rabi oscillations against drive frequency."""

    name = "CheckChevron"
    description = (
        "Rabi oscillations at drive frequencies around the qubit: its frequency and the Rabi frequency."
    )
    input_parameters = MappingProxyType({**RABI, **_THIRD_LEVEL})
    run_parameters = MappingProxyType(_CHEVRON)
    output_parameters = MappingProxyType(
        {"qubit_frequency": QUBIT_FREQUENCY, "rabi_frequency": RABI_FREQUENCY}
    )


class CheckFineChevron(BaseTask):
    """Refine what a coarse chevron found."""

    name = "CheckFineChevron"
    aliases = ("ChevronPattern",)
    description = (
        "Rabi oscillations close around what a coarse chevron found: frequency, amplitude, Rabi frequency."
    )
    input_parameters = MappingProxyType(
        {
            **READOUT,
            "coarse_qubit_frequency": InputParameter(unit="GHz", description="centre of the sweep"),
            "coarse_control_amplitude": InputParameter(unit="a.u.", description="drive amplitude"),
            **_THIRD_LEVEL,
        }
    )
    run_parameters = MappingProxyType(_CHEVRON)
    output_parameters = MappingProxyType(
        {
            "qubit_frequency": QUBIT_FREQUENCY,
            "control_amplitude": CONTROL_AMPLITUDE,
            "rabi_frequency": RABI_FREQUENCY,
        }
    )
