"""Standard tasks that calibrate pulses of their own, and those that check them."""

from types import MappingProxyType

from qdash_core.tasks.base import BaseTask
from qdash_core.tasks.parameters import InputParameter, OutputParameter
from qdash_tasks.declared import MEASUREMENT, PULSES, RABI, known


def _amplitude(pulse: str) -> OutputParameter:
    return OutputParameter(
        unit="a.u.", description=f"peak amplitude of the {pulse} pulse", minimum=0.0, maximum=1.0, jump=0.5
    )


def _length(pulse: str) -> OutputParameter:
    return OutputParameter(
        unit="ns", description=f"length of the {pulse} pulse", minimum=1.0, maximum=10_000.0
    )


def _beta(pulse: str) -> OutputParameter:
    return OutputParameter(
        unit="ns",
        description=f"DRAG coefficient of the {pulse} pulse: Omega_y = beta dOmega_x/dt",
        minimum=-10.0,
        maximum=10.0,
    )


def _angle_error(pulse: str) -> OutputParameter:
    return OutputParameter(unit="rad", description=f"how far the {pulse} pulse turns the qubit too much")


def _needs(*names: str) -> MappingProxyType[str, InputParameter]:
    required = {
        name: InputParameter(unit=PULSES[name].unit, description=PULSES[name].description) for name in names
    }
    return MappingProxyType({**PULSES, **required})


class CreateHPIPulse(BaseTask):
    """Calibrate the amplitude of the half pi pulse."""

    name = "CreateHPIPulse"
    description = "Amplitude of the half pi pulse, from trains of growing length."
    input_parameters = MappingProxyType({**RABI, "hpi_amplitude": known("a.u.", "amplitude to start from")})
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {"hpi_amplitude": _amplitude("half pi"), "hpi_length": _length("half pi")}
    )


class CheckHPIPulse(BaseTask):
    """Measure how far off the half pi pulse is."""

    name = "CheckHPIPulse"
    description = "Angle error of the half pi pulse, from a train of them."
    input_parameters = _needs("hpi_amplitude", "hpi_length")
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType({"hpi_angle_error": _angle_error("half pi")})


class CreatePIPulse(BaseTask):
    """Calibrate the amplitude of the pi pulse."""

    name = "CreatePIPulse"
    description = "Amplitude of the pi pulse, from trains of growing length."
    input_parameters = MappingProxyType(
        {
            **RABI,
            "hpi_amplitude": known("a.u.", "amplitude of the half pi pulse that starts a train"),
            "hpi_length": known("ns", "its length"),
            "pi_amplitude": known("a.u.", "amplitude to start from"),
        }
    )
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType({"pi_amplitude": _amplitude("pi"), "pi_length": _length("pi")})


class CheckPIPulse(BaseTask):
    """Measure how far off the pi pulse is."""

    name = "CheckPIPulse"
    description = "Angle error of the pi pulse, from trains of them."
    input_parameters = _needs("pi_amplitude", "pi_length")
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType({"pi_angle_error": _angle_error("pi")})


class CreateDRAGHPIPulse(BaseTask):
    """Calibrate amplitude and DRAG coefficient of the half pi pulse."""

    name = "CreateDRAGHPIPulse"
    description = "DRAG coefficient of the half pi pulse, from pairs of opposite pulses, and its amplitude."
    input_parameters = _needs("hpi_amplitude", "hpi_length")
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {"drag_hpi_amplitude": _amplitude("DRAG half pi"), "drag_hpi_beta": _beta("DRAG half pi")}
    )


class CheckDRAGHPIPulse(BaseTask):
    """Measure how far off the DRAG half pi pulse is."""

    name = "CheckDRAGHPIPulse"
    description = "Angle error of the DRAG half pi pulse, from a train of them."
    input_parameters = _needs("drag_hpi_amplitude", "drag_hpi_beta")
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType({"drag_hpi_angle_error": _angle_error("DRAG half pi")})


class CreateDRAGPIPulse(BaseTask):
    """Calibrate amplitude and DRAG coefficient of the pi pulse."""

    name = "CreateDRAGPIPulse"
    description = "DRAG coefficient of the pi pulse, from pairs of opposite pulses, and its amplitude."
    input_parameters = _needs("pi_amplitude", "pi_length")
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {"drag_pi_amplitude": _amplitude("DRAG pi"), "drag_pi_beta": _beta("DRAG pi")}
    )


class CheckDRAGPIPulse(BaseTask):
    """Measure how far off the DRAG pi pulse is."""

    name = "CheckDRAGPIPulse"
    description = "Angle error of the DRAG pi pulse, from trains of them."
    input_parameters = _needs("drag_pi_amplitude", "drag_pi_beta")
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType({"drag_pi_angle_error": _angle_error("DRAG pi")})
