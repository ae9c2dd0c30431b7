"""Standard tasks that wait: Ramsey, relaxation, echo."""

from types import MappingProxyType

from qdash_core.tasks.base import BaseTask
from qdash_core.tasks.parameters import OutputParameter
from qdash_core.tasks.run_parameters import RunParameter
from qdash_tasks.declared import MEASUREMENT, PULSES, QUBIT_FREQUENCY, TIME_RANGE, known

_REPEATS = RunParameter(
    value=10, value_type="int", minimum=2, maximum=1000, description="traces, measured one after the other"
)


def _time(description: str) -> OutputParameter:
    return OutputParameter(unit="us", description=description, minimum=0.0, maximum=1e5)


class CheckQubitFrequency(BaseTask):
    """Measure the qubit frequency against the drive, quickly."""

    name = "CheckQubitFrequency"
    description = "Qubit frequency with its sign from two artificial detunings, in short Ramsey fringes."
    input_parameters = MappingProxyType(PULSES)
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType({"qubit_frequency": QUBIT_FREQUENCY})


class CheckRamsey(BaseTask):
    """Measure the qubit frequency against the drive, and the dephasing time."""

    name = "CheckRamsey"
    description = "Qubit frequency with its sign from two artificial detunings, and T2*."
    input_parameters = MappingProxyType({**PULSES, "t2_star": known("us", "chooses the window")})
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "qubit_frequency": QUBIT_FREQUENCY,
            "t2_star": OutputParameter(
                unit="us", description="1/e time of the Ramsey envelope", minimum=0.0, optional=True
            ),
        }
    )


class CheckT1(BaseTask):
    """Measure the energy relaxation time."""

    name = "CheckT1"
    description = "Energy relaxation time, from the population after a pi pulse and a delay."
    input_parameters = MappingProxyType({**PULSES, "t1": known("us", "chooses the window")})
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType({"t1": _time("energy relaxation time")})


class CheckT1Average(BaseTask):
    """Measure the energy relaxation time many times: it fluctuates."""

    name = "CheckT1Average"
    description = "Mean of repeated T1 measurements and how much the qubit itself varies between them."
    input_parameters = MappingProxyType({**PULSES, "t1": known("us", "chooses the window")})
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE, "repeats": _REPEATS})
    output_parameters = MappingProxyType(
        {
            "t1_average": _time("mean of the energy relaxation time"),
            "t1_std": _time("standard deviation of the single results"),
        }
    )


class CheckT2Echo(BaseTask):
    """Measure the coherence time of a Hahn echo."""

    name = "CheckT2Echo"
    description = "Coherence time of a Hahn echo against its total delay."
    input_parameters = MappingProxyType({**PULSES, "t2_echo": known("us", "chooses the window")})
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType({"t2_echo": _time("1/e time of the echo against the total delay")})


class CheckT2EchoAverage(BaseTask):
    """Measure the echo's coherence time many times: it fluctuates."""

    name = "CheckT2EchoAverage"
    description = "Mean of repeated Hahn echo measurements and how much the qubit itself varies between them."
    input_parameters = MappingProxyType({**PULSES, "t2_echo": known("us", "chooses the window")})
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE, "repeats": _REPEATS})
    output_parameters = MappingProxyType(
        {
            "t2_echo_average": _time("mean of the echo's 1/e time"),
            "t2_echo_std": _time("standard deviation of the single results"),
        }
    )
