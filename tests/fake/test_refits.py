"""Refits of results of the twin: selections of points and models, with error bars that stay honest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.analysis_options import apply_options, resolve_options
from qdash_tasks.qubit.decays import CheckT1, CheckT2Echo
from qdash_tasks.tasks import CheckRamsey, RandomizedBenchmarking

from ..case_tables import each_case
from .conftest import PERFECT_QUBIT, make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.base import BaseTask

T1_US = PERFECT_QUBIT["t1_us"]


LONG = {"lengths": (1, 50, 150, 300, 600, 1000, 1600)}
"""Numbers of Cliffords until nothing of the signal is left on a short-lived qubit."""


def bench(path: Path, seed: int) -> Laboratory:
    return Laboratory(path, make_table({}), seed).calibrate_perfectly()


def measure_all(
    path: Path, task: type[BaseTask], row: dict[str, float], count: int, **parameters: Any
) -> list[RawData]:
    """Return the raw data of as many equal qubits, measured together."""
    laboratory = Laboratory(path, make_table(*[row] * count), 3).calibrate_perfectly()
    tasks = [laboratory.prepare(task, qid, **parameters) for qid in laboratory.table.qids]
    return [raw for raw in task.run_group(laboratory.backend, tasks) if isinstance(raw, RawData)]


def measure_whole_decays(path: Path, count: int) -> list[RawData]:
    return measure_all(path, RandomizedBenchmarking, {"t1_us": 15.0, "t2_us": 12.0}, count, **LONG)


def refit(task: type[BaseTask], raw: RawData, options: Mapping[str, object]) -> dict[str, Parameter]:
    selected = apply_options(task, raw, resolve_options(task, options))
    return dict(task().postprocess(None, selected).parameters)


def get_pull(found: Parameter, true: float) -> float:
    assert found.error is not None
    return abs(found.value - true) / found.error


@pytest.fixture(scope="module")
def relaxations(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[RawData, Parameter]]:
    """Raw data of T1 of 24 qubits, and what is found with all points."""
    measured = measure_all(tmp_path_factory.mktemp("bench"), CheckT1, {}, 24)
    assert len(measured) == 24
    return [(raw, refit(CheckT1, raw, {})["t1"]) for raw in measured]


@each_case(
    "options", [{"fit_window": "..250"}, {"fit_window": "60.."}, {"exclude": "3,9..12,30,41"}], ids=str
)
def test_points_left_out_without_a_look_at_them_leave_honest_error_bars(
    relaxations: list[tuple[RawData, Parameter]], options: dict[str, object]
) -> None:
    pulls, wider = [], []
    for raw, whole in relaxations:
        part = refit(CheckT1, raw, options)["t1"]
        pulls.append(get_pull(part, T1_US))
        assert whole.error is not None
        assert part.error is not None
        wider.append(part.error / whole.error)
    # 68 % of 24 within one error bar: 16 +- 2.3; 95 % within two: 23 +- 1.
    assert 9 <= sum(pull < 1 for pull in pulls) <= 23
    assert sum(pull < 2 for pull in pulls) >= 20
    # Fewer points determine a value less well.
    assert np.median(wider) > 1.0


def test_points_chosen_by_their_distance_from_the_fit_do_not_make_the_error_smaller_than_the_shot_noise(
    relaxations: list[tuple[RawData, Parameter]],
) -> None:
    ratios = []
    for raw, whole in relaxations:
        signal = np.abs(raw["fine_iq"] - raw["fine_iq"][-8:].mean())
        shape = np.exp(-raw["fine_delay"] / T1_US)
        off = np.abs(signal - signal[0] * shape)
        worst = ",".join(map(str, np.argsort(off)[-10:]))
        part = refit(CheckT1, raw, {"exclude": worst})["t1"]
        assert whole.error is not None
        assert part.error is not None
        ratios.append(part.error / whole.error)
    # The known noise of the shots is the floor of the error: ten points fewer of 51 do not lower it.
    assert np.median(ratios) > 0.95


def test_a_model_gives_its_own_value_and_a_wrong_one_a_poor_fit(tmp_path: Path) -> None:
    raw = bench(tmp_path, 3).measure(CheckT2Echo, "0")
    found: dict[str, Any] = {}
    for envelope in ("auto", "exponential", "gaussian"):
        selected = apply_options(CheckT2Echo, raw, resolve_options(CheckT2Echo, {"envelope": envelope}))
        found[envelope] = CheckT2Echo().postprocess(None, selected)
    chi2 = {name: one.quality["reduced_chi2"] for name, one in found.items()}
    assert chi2["auto"] == pytest.approx(min(chi2["exponential"], chi2["gaussian"]), rel=0.5)
    values = [one.parameters["t2_echo"].value for one in found.values()]
    assert values[1] != values[2]
    assert chi2["exponential"] != chi2["gaussian"]


def test_a_fitted_asymptote_gives_a_larger_error_that_covers_the_truth(tmp_path: Path) -> None:
    pulls, wider = [], []
    for raw in measure_whole_decays(tmp_path, 12):
        fixed, fitted = (
            refit(RandomizedBenchmarking, raw, {"asymptote": one})["average_gate_fidelity"]
            for one in ("fixed", "fitted")
        )
        assert fixed.error is not None
        assert fitted.error is not None
        wider.append(fitted.error / fixed.error)
        pulls.append(get_pull(fitted, fixed.value))
    assert np.median(wider) > 1.0
    assert sum(pull < 2 for pull in pulls) >= 10


def test_both_traces_of_a_pair_lose_the_same_points(tmp_path: Path) -> None:
    raw = bench(tmp_path, 3).measure(CheckRamsey, "0")
    end = float(raw["plus_delay"][40])
    selected = apply_options(CheckRamsey, raw, resolve_options(CheckRamsey, {"fit_window": [None, end]}))
    for name in ("delay", "iq", "sigma", "covariance"):
        assert selected[f"plus_{name}"].shape == selected[f"minus_{name}"].shape == (41,)
    assert raw["plus_iq"].shape == (81,)
    found = CheckRamsey().postprocess(None, selected).parameters["qubit_frequency"]
    whole = CheckRamsey().postprocess(None, raw).parameters["qubit_frequency"]
    assert found.error is not None
    assert whole.error is not None
    assert abs(found.value - whole.value) < 4 * found.error
    assert found.error > whole.error


def test_benchmarking_without_recorded_final_states_is_not_fitted_in_part(tmp_path: Path) -> None:
    (raw,) = measure_whole_decays(tmp_path, 1)
    older = RawData(
        {name: raw.arrays[name] for name in raw.arrays if not name.endswith("_ends")}, raw.attributes
    )
    assert "average_gate_fidelity" in refit(RandomizedBenchmarking, older, {"asymptote": "fitted"})
    with pytest.raises(AnalysisError, match="do not record the final state of each sequence: fit all points"):
        refit(RandomizedBenchmarking, older, {"exclude": "0"})
