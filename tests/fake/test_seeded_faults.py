"""Explanations of seeded faults: the bench of the judgement (`nights/seeded_bench.py`) on a few kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .nights.fault_catalogue import SETS, Chip, Kind, read_catalogue
from .nights.seeded_bench import Bench, is_first, is_in_top_three

if TYPE_CHECKING:
    from pathlib import Path

FIRST, TOP_THREE, FALSE_ALARMS = 0.80, 0.95, 0.02
"""Limits: least share of right causes ranked first and in the top three, largest share of healthy results with a cause."""
FEW_TASKS = ("CheckResonatorSpectroscopy", "CheckRabi", "CheckRamsey", "CheckT1")
MORE_TASKS = (*FEW_TASKS, "CheckDRAGPIPulse", "CheckT2Echo", "ReadoutClassification", "CheckReadoutFrequency")
CALIBRATION = ("CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", *FEW_TASKS[1:])
SMALL = {"qubit": (Chip("jakarta", 7, ("0", "1")),)}


def get_kind(name: str) -> Kind:
    return next(kind for kind in read_catalogue() if kind.name == name)


def list_wrong(bench: Bench, names: tuple[str, ...]) -> list[str]:
    """Return the kinds whose cause does not rank first."""
    kinds = [get_kind(name) for name in names]
    judged = [(kind, bench.judge(one)) for kind in kinds for one in bench.list_scenarios(kind, 1)]
    return [f"{kind.name}: {found.causes[:3]}" for kind, found in judged if not is_first(kind, found)]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), SMALL, tasks=FEW_TASKS, bring_up=CALIBRATION)


@pytest.mark.parametrize("name", ["dead drive line", pytest.param("fall of T1", marks=pytest.mark.slow)])
def test_a_fault_is_found(small: Bench, name: str) -> None:
    assert list_wrong(small, (name,)) == []


@pytest.mark.slow
def test_a_healthy_qubit_has_no_cause(small: Bench) -> None:
    assert [wrong for _, wrong in small.count_false_alarms(1)] == [0]


@pytest.mark.slow
def test_five_kinds_of_faults_are_found(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"qubit": (Chip("jakarta", 8, ("0", "1")),)}, tasks=MORE_TASKS)
    names = (
        "frequency jump",
        "attenuated drive",
        "shifted resonator",
        "wrong sign of phases",
        "frequency changed by hand",
    )

    assert list_wrong(bench, names) == []


@pytest.mark.release
@pytest.mark.timeout(1800)
def test_all_kinds_of_faults_on_twins_for_judging(tmp_path: Path) -> None:
    bench = Bench(tmp_path, SETS["judging"])
    judged = [(kind, bench.judge(one)) for kind in read_catalogue() for one in bench.list_scenarios(kind, 2)]
    explained, wrong = (sum(part) for part in zip(*bench.count_false_alarms(12), strict=True))

    assert len(read_catalogue()) >= 40
    assert sum(is_first(*one) for one in judged) >= FIRST * len(judged)
    assert sum(is_in_top_three(*one) for one in judged) >= TOP_THREE * len(judged)
    assert wrong <= FALSE_ALARMS * explained
