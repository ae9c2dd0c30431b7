"""Ramsey fringes measured by the library."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import ArrayDeclaration, OutputParameter, RunParameter
from qdash_qubex.native.base import NativeTask, collect_options
from qdash_qubex.native.declarations import TIMES
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue, get_sweep_ends
from qdash_tasks.declarations import QUBIT_FREQUENCY

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAME = 1e-4
"""Relative agreement of two fits of the same points."""


class CheckRamsey(NativeTask):
    """`ramsey_experiment` with a detuned drive, and the second pulse about Y.

    The phase gives the sign of the detuning.

    `qubit_frequency` is f01. `t2_star` is the 1/e time of the envelope, which the library fits as an
    exponential; quasi-static noise gives a Gaussian, for which the time is wrong by tens of percent in either direction. The
    library's error does not include this and is omitted; the frequency does not depend on the envelope. A time beyond the
    delays was not observed: it is omitted, and `library_t2_star_us` reports the library's number. A fringe slower
    than one period, or too fast for the points, is refused: its sign and its frequency would be guesses.
    """

    name = "CheckRamsey"
    description = "Qubit frequency with its sign and T2*, by qubex's ramsey_experiment: 101 delays up to 10\N{NO-BREAK SPACE}µs."
    expected_s = 17.0
    run_parameters = MappingProxyType(
        {
            **TIMES,
            "detuning": RunParameter(
                value=1.0,
                unit="MHz",
                minimum=0.01,
                maximum=100.0,
                description="drive frequency minus the frequency in use",
            ),
        }
    )
    output_parameters = MappingProxyType(
        {
            "qubit_frequency": QUBIT_FREQUENCY,
            "t2_star": OutputParameter(
                unit="us", description="1/e time of the Ramsey envelope", minimum=0.0, optional=True
            ),
        }
    )
    arrays = MappingProxyType(
        {
            "delay": ArrayDeclaration("us", "swept values, shape (points,)"),
            "iq": ArrayDeclaration("a.u.", "mean of the shots in the IQ plane, shape (points,)"),
            "signal": ArrayDeclaration(
                "", "signal fitted by the library, scaled by its Rabi calibration, shape (points,)"
            ),
        }
    )

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Measure the targets in the library's groups of non-neighbouring qubits. Touches hardware."""
        first = next(iter(tasks.values()))
        found = library.ramsey_experiment(
            list(tasks),
            **collect_options(tasks, time_range="time_range"),
            detuning=first.context.parameters["detuning"] * 1e-3,
            second_rotation_axis="Y",
            plot=False,
            save_image=False,
        )
        return dict(found.data)

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the results, with the error from a repeated fit, since the library omits it."""
        delays_us = np.asarray(answer.sweep_range, dtype=float) * 1e-3
        fit = answer.fit(plot=False, amplitude_est=1.0, offset_est=0.0)
        again = math.isclose(fit.get("tau", math.nan), answer.t2, rel_tol=_SAME)
        error = fit["f_err"] if again else None
        slowest, fastest = 1e-3 / np.ptp(delays_us), 0.5e-3 / np.max(np.diff(delays_us))
        said = []
        if not slowest < answer.ramsey_freq < fastest:
            said.append(
                f"a fringe of {answer.ramsey_freq * 1e3:.4g} MHz is outside the range that the delays resolve, "
                f"{slowest * 1e3:.3g} to {fastest * 1e3:.3g} MHz"
            )
        values = {"qubit_frequency": LibraryValue(answer.bare_freq, error, "GHz")}
        if not answer.t2 * 1e-3 > np.max(delays_us):
            values["t2_star"] = LibraryValue(answer.t2 * 1e-3, None, "us", get_sweep_ends(delays_us[1:]))
        return LibraryResult(
            values=values,
            arrays={
                "delay": (delays_us, "us"),
                "iq": (np.asarray(answer.data), "a.u."),
                "signal": (np.asarray(answer.normalized, dtype=float), ""),
            },
            r2=answer.r2,
            quality={
                "library_fringe_mhz": answer.ramsey_freq * 1e3,
                "library_t2_star_us": answer.t2 * 1e-3,
            },
            figures=[fit.figure],
            said=said,
        )
