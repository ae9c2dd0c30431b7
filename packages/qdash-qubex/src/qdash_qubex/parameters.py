"""Correspondence between parameters of QDash and numbers in qubex's parameter files, with units.

The parameter folder of a system contains a YAML file for each quantity, `{meta: {unit, default, description}, data: {key:
value}}`, keyed by qubit (`0` or `Q00`) or pair (`Q00-Q01`). `meta.unit` is that of the numbers, by default GHz or ns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from qdash_core import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

Target = Literal["qubit", "coupling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileParameter:
    """Parameter of QDash that the library reads from a file.

    Attributes
    ----------
    unit : str
        `""` and `"a.u."` have no scale.
    files : tuple of str
        Without suffix. The library uses the first one with a value; all of them are written.
    legacy : str
        Name of the quantity in `props.yaml` or `params.yaml` of older folders.
    lowest, highest : float
        Bounds: a number outside of them has another unit.
    """

    name: str
    unit: str
    files: tuple[str, ...]
    of: Target = "qubit"
    legacy: str = ""
    lowest: float = 0.0
    highest: float = math.inf

    def require_possible(self, value: float) -> None:
        """Raise InvalidInputError if a number is outside the bounds, as it is in another unit."""
        if not self.lowest <= value <= self.highest:
            raise InvalidInputError(
                f"{self.name} is {value:g} {self.unit}: it must be between {self.lowest:g} and {self.highest:g}"
            )


def _declare_fidelity(name: str, *, of: Target = "qubit") -> FileParameter:
    return FileParameter(name=name, unit="", files=(name,), of=of, legacy=name, highest=1.1)


def _declare_time(name: str) -> FileParameter:
    return FileParameter(name=name, unit="us", files=(name,), legacy=name)


def _declare_frequency(name: str, *files: str, legacy: str = "") -> FileParameter:
    return FileParameter(
        name=name, unit="GHz", files=files, legacy=legacy or files[0], lowest=0.01, highest=100.0
    )


def _declare_amplitude(name: str) -> FileParameter:
    return FileParameter(name=name, unit="a.u.", files=(name,), legacy=name)


FILE_PARAMETERS: Mapping[str, FileParameter] = MappingProxyType(
    {
        one.name: one
        for one in (
            # The library drives at the control frequency, and takes the bare one where there is none.
            _declare_frequency("qubit_frequency", "control_frequency", "qubit_frequency"),
            FileParameter(
                name="anharmonicity",
                unit="GHz",
                files=("qubit_anharmonicity",),
                legacy="anharmonicity",
                lowest=-10.0,
                highest=10.0,
            ),
            _declare_frequency("resonator_frequency", "resonator_frequency"),
            _declare_frequency("readout_frequency", "readout_frequency"),
            _declare_amplitude("control_amplitude"),
            _declare_amplitude("readout_amplitude"),
            _declare_time("t1"),
            _declare_time("t2_echo"),
            _declare_time("t2_star"),
            _declare_fidelity("average_readout_fidelity"),
            _declare_fidelity("x90_gate_fidelity"),
            _declare_fidelity("x180_gate_fidelity"),
            _declare_fidelity("zx90_gate_fidelity", of="coupling"),
        )
    }
)
"""Parameters by QDash's name."""

IGNORED_FILES: Mapping[str, str] = MappingProxyType(
    {
        "control_frequency_ef": "QDash has the anharmonicity instead, from which the library computes it if this file has no value",
        "control_frequency_fh": "QDash calibrates no fourth level",
        "t2_star_ef": "QDash measures no coherence of the second transition",
        "quantum_efficiency": "QDash has no such quantity",
        "resonator_external_linewidth": "QDash has only the total linewidth of a resonator, and stores it with its measurement",
        "resonator_internal_linewidth": "QDash has only the total linewidth of a resonator, and stores it with its measurement",
        "qubit_qubit_coupling_strength": "QDash has no coupling strength; it has ZZ and the ZX rate instead",
        "static_zz_interaction": "the library uses this name for xi and for zeta = 2 xi, and QDash needs zeta",
        **dict.fromkeys(
            (
                "frequency_margin",
                "control_vatt",
                "readout_vatt",
                "pump_vatt",
                "control_fsc",
                "readout_fsc",
                "pump_fsc",
                "capture_delay",
                "capture_delay_word",
                "jpa_params",
            ),
            "it configures instruments, which is left to the library",
        ),
    }
)
"""Files of the library that are not imported, with the reasons."""

_NO_FILE = "the library has no file for it"
_IN_NOTE = "it belongs to a pulse, and pulses are in the calibration note"

OMITTED_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("hpi_amplitude", "hpi_length", "pi_amplitude", "pi_length"),
                *("drag_hpi_amplitude", "drag_hpi_beta", "drag_pi_amplitude", "drag_pi_beta"),
                *("cr_amplitude", "cr_phase", "cancel_amplitude", "cancel_phase", "rotary_amplitude"),
                *("zx90_gate_time", "rabi_frequency", "zx_rotation_rate"),
            ),
            _IN_NOTE,
        ),
        "static_zz_interaction": IGNORED_FILES["static_zz_interaction"],
        "readout_length": "the library has one length for all qubits, in measurement_defaults.yaml",
    }
)
"""Parameters of QDash that no parameter file holds, with reasons; the default reason is that there is no file."""

# Exponent of ten against what the library reckons in, GHz and ns, and which of the two.
_SCALES: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "hz": ("frequency", -9),
        "khz": ("frequency", -6),
        "mhz": ("frequency", -3),
        "ghz": ("frequency", 0),
        "ns": ("time", 0),
        "us": ("time", 3),
        "\N{MICRO SIGN}s": ("time", 3),
        "ms": ("time", 6),
        "s": ("time", 9),
    }
)
_BASE = MappingProxyType({"frequency": "GHz", "time": "ns"})
_NO_SCALE = frozenset({"", "1", "a.u.", "arb. unit", "arb. units"})


def explain_omission(name: str) -> str:
    """Return the reason why a parameter of QDash is not written into a parameter file."""
    return OMITTED_PARAMETERS.get(name, _NO_FILE)


def get_base_unit(unit: str) -> str:
    """Return the library's default unit for a quantity in `unit`: GHz, ns or none."""
    scale = _SCALES.get(unit.lower())
    return "" if scale is None else _BASE[scale[0]]


def convert_value(value: float, unit: str, wanted: str) -> float:
    """Return a number in another unit.

    Powers of ten are applied once, so that 30.1 us are exactly 30100 ns and back.

    Raises InvalidInputError if the library does not know the unit, or it is of another kind than the wanted one.
    """
    have, want = _scale(unit), _scale(wanted)
    if have[0] != want[0]:
        raise InvalidInputError(f"its unit is {unit or 'missing'}, but it must be {wanted or 'none'}")
    power = have[1] - want[1]
    return value * float(10**power) if power >= 0 else value / float(10**-power)


def _scale(unit: str) -> tuple[str, int]:
    """Return the kind and the power of ten of a unit.

    The library silently uses numbers with an unknown unit unscaled: with a Greek mu a T1 of 30 us becomes 30 ns.
    """
    known = unit.strip().lower()
    if known in _NO_SCALE:
        return "none", 0
    if known not in _SCALES:
        raise InvalidInputError(
            f"the library does not know the unit {unit!r}, and would use the numbers unchanged: "
            "write Hz, kHz, MHz, GHz, s, ms, us or ns"
        )
    return _SCALES[known]
