"""Readout frequency: where the resonator tells 0 from 1 best."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.cached_fits import fit_readout_frequency
from qdash_tasks.programs.estimates import parameter, quality, require
from qdash_tasks.programs.projection import per_quadrature
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.sweep_rounds import RoundsTask, Sweep

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.sweep_rounds import Program

    Floats = NDArray[np.float64]

# Half width in MHz and points: around the resonance with 0, from which 1 may lie several MHz away, and around a
# frequency that was the best one before.
_UNKNOWN = (8.0, 81)
_KNOWN = (6.0, 41)
_CLOSE_POINTS = 61
_CLOSE_WIDTHS = 3.0
_FEWEST_WIDTHS = 2.0
_FEWEST_POINTS = 1.5
_STATES = ("zero", "one")
_X_TITLE, _Y_TITLE = "readout frequency (GHz)", "|S21|, |S21(1) - S21(0)| (a.u.)"


class CheckReadoutFrequency(RoundsTask, declarations.CheckReadoutFrequency):
    """Transmission against readout frequency, once with 0 and once with 1 commanded by the X180 in use."""

    expected_s = 1.2
    x_name, x_unit = "frequency", "GHz"
    fewest_points = MappingProxyType({"frequency_range": 12})

    def sweeps(self, session: Session) -> Program:
        """Sweep around what is known of the resonator; again where the window does not fit the line."""
        shots, asked = self.context.parameters["shots"], self.asked("frequency_range")
        if asked is not None:
            yield from _pair(asked, shots)
            return {}
        known = self.context.inputs.get("readout_frequency")
        resonator = self.context.inputs.get("resonator_frequency")
        start = session.settings[self.context.qid].readout_frequency_ghz
        centre = start if resonator is None else resonator.value
        windows = [_around(centre, *_UNKNOWN)]
        if known is not None:
            windows.insert(0, _around(known.value, *_KNOWN))
        for x in windows:
            fit = yield from _pair(x, shots)
            if fit.success:
                break
        closer = _better_window(fit, x)
        if closer is not None:
            yield from _pair(closer, shots)
        return {}

    def request_of(self, laboratory: Laboratory, sweep: Sweep) -> Request:  # noqa: ARG002  the settings in use do
        """Return the measurement of one sweep."""
        return ReadoutScan(sweep.x, state=1 if sweep.knob else 0)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both traces together in the complex plane."""
        fit = require(_stored_fit(require_complete(result)))
        names = [name for name in ("readout_frequency", "dispersive_shift") if name in fit.parameters]
        return TaskOutput(
            {name: parameter(fit.parameters[name]) for name in names},
            r2=fit.r2,
            quality=quality(fit),
            note={
                name: fit.parameters[name].value
                for name in ("linewidth", "contrast")
                if name in fit.parameters
            },
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the result with its fit; when the analysis refused the data, the magnitudes alone."""
        if output.parameters or "one_iq" not in raw.arrays:
            return super().figure(raw, output)
        return figure("no result: the data as measured", _X_TITLE, _Y_TITLE, _measured(raw))

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Magnitude of both traces and their distance, against frequency."""
        fit, x = require(_stored_fit(raw)), np.asarray(raw["zero_frequency"])
        models = (partial(_magnitude, fit, 0), partial(_magnitude, fit, 1), partial(_distance, fit))
        data = []
        for points, model in zip(_measured(raw), models, strict=True):
            data += [points, {**curve(f"fit: {points['name']}", model, x), "showlegend": False}]
        found = output.parameters["readout_frequency"]
        return figure(f"0 and 1 differ most at {found.value:.7g} GHz", _X_TITLE, _Y_TITLE, data)


def _measured(raw: RawData) -> list[dict[str, Any]]:
    """Return magnitudes with 0 and with 1 commanded, and their distance in the plane."""
    x = np.asarray(raw["zero_frequency"])
    zero, one = (np.asarray(raw[f"{name}_iq"]) for name in _STATES)
    sigma = [per_quadrature(raw[f"{name}_sigma"]) for name in _STATES]
    return [
        scatter("0 commanded", x, np.abs(zero), sigma=sigma[0]),
        scatter("1 commanded", x, np.abs(one), sigma=sigma[1]),
        scatter("distance of both", x, np.abs(one - zero), sigma=np.hypot(*sigma)),
    ]


def _magnitude(fit: FitResult, state: int, x: Floats) -> Floats:
    return np.asarray(np.abs(fit.predict(x)[state]))


def _distance(fit: FitResult, x: Floats) -> Floats:
    zero, one = fit.predict(x)
    return np.asarray(np.abs(one - zero))


def _pair(x: Floats, shots: int) -> Generator[Sweep, Trace, FitResult]:
    """Measure both states over the same sweep."""
    zero = yield Sweep("zero", x, shots, knob=0.0)
    one = yield Sweep("one", x, shots, knob=1.0)
    return _fit(x, (zero.iq, one.iq), (zero.sigma, one.sigma))


def _around(centre_ghz: float, half_width_mhz: float, points: int) -> Floats:
    return centre_ghz + np.linspace(-half_width_mhz, half_width_mhz, points) * 1e-3


def _better_window(fit: FitResult, x: Floats) -> Floats | None:
    """Sweep that suits the line, when the one that was fitted is too narrow or too coarse for it."""
    if not fit.success or "linewidth" not in fit.parameters:
        return None
    width = fit.parameters["linewidth"].value
    shift = fit.parameters.get("dispersive_shift")
    whole = width + (0.0 if shift is None else abs(shift.value))
    span, step = 1e3 * float(x[-1] - x[0]), 1e3 * float(x[1] - x[0])
    if span >= _FEWEST_WIDTHS * whole and width >= _FEWEST_POINTS * step:
        return None
    return _around(fit.parameters["readout_frequency"].value, _CLOSE_WIDTHS * whole, _CLOSE_POINTS)


def _fit(
    x: Floats,
    iq: tuple[NDArray[np.complex128], NDArray[np.complex128]],
    sigma: tuple[NDArray[np.complex128], NDArray[np.complex128]],
) -> FitResult:
    return fit_readout_frequency(x, *iq, sigma0=per_quadrature(sigma[0]), sigma1=per_quadrature(sigma[1]))


def _stored_fit(raw: RawData) -> FitResult:
    return _fit(
        np.asarray(raw["zero_frequency"]),
        (raw["zero_iq"], raw["one_iq"]),
        (raw["zero_sigma"], raw["one_sigma"]),
    )
