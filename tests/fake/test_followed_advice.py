"""Following the advice of a digest on a twin makes lost qubits fit again, each with the measurement that its cause needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.runs.feature import RUNS
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.times import format_duration
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings

from .test_lost_targets import LosingLaboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.digests.digest import Advice


def list_measurements(laboratory: LosingLaboratory) -> list[Advice]:
    made = laboratory.qdash.get(DIGESTS).make(laboratory.access, "losing")
    return [one for one in made.advice if one.flow]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_advice_measures_what_ends_each_failure_and_tells_its_laboratory_time(tmp_path: Path) -> None:
    with open_qdash(load_settings(home=tmp_path)) as qdash:
        laboratory = LosingLaboratory(qdash, tmp_path)
        laboratory.run("bring-up")
        laboratory.wait(3)
        laboratory.run("check")
        first = {tuple(one.targets): (str(one.kind), one.flow) for one in list_measurements(laboratory)}
        assert first[("2",)] == ("measure", "CheckRamsey")
        assert {first[("0",)], first[("1",)]} == {("inspect", "CheckRabi")}
        laboratory.repair_lines()
        for _ in range(2):
            for one in list_measurements(laboratory):
                request = RunRequest(
                    chip_id="losing", flow=one.flow, targets=TargetSelection(qubits=tuple(one.targets))
                )
                preview = qdash.get(RUNS).preview(laboratory.access, request)
                (forecast,) = preview.forecasts
                assert forecast is not None
                assert (preview.targets, format_duration(forecast.makespan_s)) == (one.targets, one.cost)
                qdash.get(RUNS).run(laboratory.access, request)
        assert {one.status for one in laboratory.read().values()} == {"calibrated"}
        fit = qdash.get(DIGESTS).make(laboratory.access, "losing")
        assert fit.unfit == []
