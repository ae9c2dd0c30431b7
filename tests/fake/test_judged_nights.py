"""Judgement of generated weeks of nights (`nights/judged_weeks.py`)."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.judged_nights import judge_weeks

from .nights.cause_nights import NIGHTS, Begun, Fault, Library
from .nights.fault_catalogue import Chip
from .nights.judged_weeks import JudgedWeek, Truth, WeekFigures, draw_weeks, sum_weeks

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("dead drive line", "dead readout line", "fall of T1")
CHIP = Chip("square-lattice-mux-16", 9, ("0", "1", "2", "5"))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(tmp_path_factory.mktemp("nights"), CHIP, kinds=KINDS)


def run_week(library: Library, folder: Path, *kinds: str, until: int = NIGHTS) -> WeekFigures:
    healthy, faults = library.read()
    begun = [Begun(one, 2, until) for one in faults if one.name.partition(":")[0] in kinds]
    assert len(begun) == len(kinds)
    shutil.copytree(library.home, folder / "week", ignore=shutil.ignore_patterns("*.npz"))
    return JudgedWeek(folder / "week", healthy, begun, Truth(library.home, NIGHTS), seed=1).run()


@pytest.mark.slow
def test_a_dead_line_is_called_unfit_from_its_next_check_on_and_fit_again_after_its_end(
    library: Library, tmp_path: Path
) -> None:
    week = run_week(library, tmp_path, "dead drive line", until=4)
    assert 0 < week.unfit_called_fit["dead drive line"] < 24
    assert not week.beyond
    assert 0 < week.fit_called_unfit["dead drive line"] < 24
    assert not week.late


@pytest.mark.slow
def test_a_healthy_week_has_few_alarms_and_no_unfit_target(library: Library, tmp_path: Path) -> None:
    week = run_week(library, tmp_path)
    assert not week.fit_called_unfit
    assert len(week.quiet) == NIGHTS - 1
    assert max(week.quiet) <= 5
    assert sum(week.failed) == sum(week.flagged) == 0


@pytest.mark.slow
def test_the_figures_follow_from_the_seed(library: Library, tmp_path: Path) -> None:
    def judge() -> dict[str, Any]:
        return judge_weeks(library, 1, seed=3, folder=tmp_path)

    figures = judge()
    assert judge() == figures
    assert figures["nights"] == NIGHTS


def test_a_value_of_a_user_lasts_for_one_night_and_other_faults_last_or_end() -> None:
    by_user = Fault("by user", (frozenset({"a"}),), ("0",), {}, values={"qubit_frequency": 0.003})
    line = Fault("dead line", (frozenset({"b"}),), ("1",), {})
    weeks = [*draw_weeks([by_user, line], 60, seed=1)]
    assert {one.until - one.night for week in weeks for one in week if one.fault is by_user} == {1}
    assert {one.until == NIGHTS for week in weeks for one in week if one.fault is line} == {True, False}
    assert any(not week for week in weeks)


def test_figures_of_weeks_add_up() -> None:
    first, second = WeekFigures(), WeekFigures()
    first.unfit_called_fit["dead line"], second.unfit_called_fit["dead line"] = 2.0, 3.0
    first.quiet, second.quiet = [1, 6], [0, 1]
    found = sum_weeks([first, second], nights=2 * NIGHTS)
    assert found["hours"]["unfit_called_fit"] == {"hours": 5.0, "by fault": {"dead line": 5.0}}
    assert found["healthy nights"]["share with at most 5"] == 0.75
