"""Verdict on a calibrated ZX90, and remarks for the user."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError
from qdash_core.tasks.figure_layout import quantity
from qdash_tasks.coupling.zx90.trial_benchmark import estimate_gate_error
from qdash_tasks.programs.convergence import CHECK_TONES, require_converged
from qdash_tasks.programs.dead_lines import find_dead_line
from qdash_tasks.programs.later_start import require_phase, require_start_independence
from qdash_tasks.programs.pair_diagnosis import diagnose_pair
from qdash_tasks.programs.readout_reference import read_first_lines
from qdash_tasks.programs.tone_search import compute_impurities
from qdash_tasks.programs.tone_tomography import get_error, read_paths

if TYPE_CHECKING:
    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData

_SURELY, _MATTERS = 5.0, 0.1
_WORST, _POOR = 0.1, 0.05
"""Error above which a gate is rejected, because nothing reliable is left to calibrate with, and error above
which the user is told: several times that of usual pairs.
"""


def require_tone(raw: RawData) -> None:
    """Raise `AnalysisError` if the program stopped at a tone without a steady phase, or beyond correction.

    A readout that did not separate 0 and 1 from the start is reported first.
    """
    read_first_lines(raw)
    name = raw.attributes.get("last")
    if name is None or "trained" in raw.attributes:
        return
    require_phase(raw, str(name))
    require_start_independence(raw, str(name))
    if (fit := read_paths(raw, str(name)).refit()).success:
        require_converged(compute_impurities(fit), advice=CHECK_TONES)


def require_gate(raw: RawData) -> None:
    """Raise `AnalysisError` if no trial gate was worth refining, or the first readout did not separate 0 and 1."""
    read_first_lines(raw)
    if "trained" in raw.attributes:
        if estimate_gate_error(float(raw.attributes["loss"])) < _WORST:
            return
        raise AnalysisError(_describe_loss(raw, _WORST))
    raise AnalysisError(
        "no drive amplitude gives a gate: at every amplitude the target's path is not a rotation about ZX, or random sequences decay completely. Possible causes: a frequency collision, relaxation faster than the gate, weak coupling, a dead drive line of the control, or a tone whose phase depends on its length or start. "
        f"Check {CHECK_TONES}{diagnose_pair(raw.attributes)}"
    )


def make_remarks(raw: RawData, fit: FitResult) -> dict[str, Any]:
    """Return remarks for the user, such as a poor gate, a detuned drive or a dead line."""
    iz, zz = (fit.parameters[name].value for name in ("iz", "zz"))
    off, loss = iz + zz, float(raw.attributes["loss"])
    found = {"rotary_turns": raw.attributes["turns"], "loss_of_a_step": loss, "iz_mhz": iz}
    said = []
    if estimate_gate_error(loss) > _POOR:
        said.append(_describe_loss(raw, _POOR))
    error = math.hypot(get_error(fit, "iz"), get_error(fit, "zz"))
    if abs(off) > max(_SURELY * error, _MATTERS * fit.parameters["zx"].value):
        said.append(
            f"with the control in |0> the target rotates about Z by {quantity(f'{off:.2g}', 'MHz')}: its drive is off its frequency "
            "(CheckQubitFrequency) or the tone shifts it"
        )
    if (lost := find_dead_line(raw)) is not None:
        said.append(lost)
    return found | ({"remark": ". ".join(said)} if said else {})


def _describe_loss(raw: RawData, bound: float) -> str:
    loss = float(raw.attributes["loss"])
    return (
        f"a random Clifford and the best gate lose {100 * loss:.2g}\N{NO-BREAK SPACE}%, so the gate errs by up to {100 * estimate_gate_error(loss):.2g}\N{NO-BREAK SPACE}%, more "
        f"than {100 * bound:.2g}\N{NO-BREAK SPACE}%: relaxation is too fast, the control leaks, or frequencies collide{diagnose_pair(raw.attributes)}"
    )
