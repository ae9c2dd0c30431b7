"""Bell states of every coupling of a twin after the flow `full`: physical and raw fidelities against the
truth.

Run from the root: ``python -m benchmarks.bell_states``; with ``--home`` of an earlier `benchmarks.full_run` its raw data are
analysed again. Writes `benchmarks/bell_states.md`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.own_process import measured_by
from qdash_analysis import fit_bell, fit_state_tomography
from qdash_analysis.bell import PHI_PLUS
from qdash_analysis.state_tomography import BASES
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import compute_truth
from qdash_tasks.programs.joint_shots import count_outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_analysis import StateResult

TABLE = Path(__file__).with_name("bell_states.md")
_FIDELITY = "bell_state_fidelity"
_FITS = {
    "CheckBellState": (fit_bell, tuple(PHI_PLUS)),
    "CheckBellStateTomography": (fit_state_tomography, BASES),
}
_HEAD = """# Bell states of {device}

Fidelities of a twin of {device} (seed 0) after the flow `full`: of the physical state with its 68 % interval, as linear inversion
gives it, and the truth of the settings in use. `python -m benchmarks.bell_states --device {device}` writes this page.

"""
_COLUMNS = "| coupling | task | fidelity | interval | raw | truth |\n|---|---|---|---|---|---|\n"


def main() -> None:
    """Analyse all Bell states of a twin, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bell_states", description=__doc__)
    parser.add_argument("--device", default="kolkata", help="27 qubits unless given")
    parser.add_argument(
        "--home", type=Path, help="of a twin that `benchmarks.full_run` has made of the device"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder)
        if given.home is None:
            measured_by("benchmarks.full_run", device=given.device, seed=0, home=home)
        found = list(_found(home))
    page = _HEAD.format(device=given.device) + _summary(found) + _COLUMNS + "".join(map(_row, found))
    TABLE.write_text(page, encoding="utf-8")
    print(page)


def _found(home: Path) -> Iterator[tuple[str, str, StateResult, float]]:
    with open_qdash(load_settings(home=home)) as qdash:
        access = qdash.access("admin")
        truth = compute_truth(qdash, access, "twin")["couplings"]
        execution = qdash.get(EXECUTIONS).list_executions(access)[-1].execution
        _, results = qdash.get(EXECUTIONS).show(access, execution.execution_id)
        for result in results:
            if result.name in _FITS and result.raw_data_path:
                fit, bases = _FITS[result.name]
                raw = qdash.artifacts.load_raw_data(result.raw_data_path[0])
                true, _ = truth.compute_at_settings(result.qid)[_FIDELITY]
                yield result.qid, result.name, fit(*count_outcomes(raw, bases)), true


def _row(found: tuple[str, str, StateResult, float]) -> str:
    coupling, task, fit, true = found
    physical, raw = fit.parameters[_FIDELITY], fit.raw[_FIDELITY]
    lower, upper = physical.interval or (np.nan, np.nan)
    return (
        f"| {coupling} | {task} | {physical.value:.4f} | {lower:.4f} to {upper:.4f} | "
        f"{raw.value:.4f} ± {raw.error:.4f} | {true:.4f} |\n"
    )


def _summary(found: list[tuple[str, str, StateResult, float]]) -> str:
    lines = []
    for task in _FITS:
        of_task = [(fit, true) for _, name, fit, true in found if name == task]
        pulls = np.array(
            [
                (fit.raw[_FIDELITY].value - true) / (fit.raw[_FIDELITY].error or np.nan)
                for fit, true in of_task
            ]
        )
        ends = [(fit.parameters[_FIDELITY].interval or (np.nan, np.nan), true) for fit, true in of_task]
        lines.append(
            f"{task}, {len(of_task)} couplings: raw within one error {np.mean(abs(pulls) < 1):.0%}, within two "
            f"{np.mean(abs(pulls) < 2):.0%}, mean pull {pulls.mean():+.2f}, above 1 "
            f"{sum(fit.raw[_FIDELITY].value > 1 for fit, _ in of_task)}; truth within the interval "
            f"{np.mean([lower <= true <= upper for (lower, upper), true in ends]):.0%}; highest truth "
            f"{max(true for _, true in of_task):.4f}.\n"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
