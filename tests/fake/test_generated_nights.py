"""Explanations on generated nights: faults that were measured once, at several times (`nights/cause_nights.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import open_qdash
from qdash_core.settings import load_settings

from .nights.cause_nights import NIGHTS, Begun, Fault, GeneratedNights, Library, iter_scenarios
from .nights.fault_catalogue import Chip
from .nights.judge import UNKNOWN, Judge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = ("dead drive line", "dead readout line", "frequency jump", "stronger drive")
MUX = Chip("square-lattice-mux-16", 9, ("0", "1", "2", "5"))


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Judge, Fault, dict[str, Fault]]]:
    folder: Path = tmp_path_factory.mktemp("nights")
    library = Library(folder, MUX, kinds=KINDS)
    healthy, faults = library.read()
    with open_qdash(load_settings(home=library.home)) as qdash:
        yield Judge(qdash, healthy), healthy, {one.name.partition(":")[0]: one for one in faults}


@pytest.mark.slow
def test_a_dead_drive_line_is_not_swapped_with_a_qubit_whose_readout_is_dead(
    judged: tuple[Judge, Fault, dict[str, Fault]],
) -> None:
    judge, _, faults = judged
    line, readout = faults["dead drive line"], faults["dead readout line"]
    for nights in ((1, 1), (1, 2), (2, 1)):
        begun = [Begun(one, night) for one, night in zip((line, readout), nights, strict=True)]
        first = [(one.fault.name.partition(":")[0], one.first) for one in judge.ask(begun)]
        assert set(first) == {("dead drive line", "dead-line"), ("dead readout line", "dead-readout")}


@pytest.mark.slow
def test_without_its_cause_in_the_rules_a_failure_is_unknown(
    judged: tuple[Judge, Fault, dict[str, Fault]],
) -> None:
    judge, _, faults = judged
    asked = {
        name: judge.ask_without(Begun(faults[name], 1)) for name in ("dead drive line", "stronger drive")
    }
    assert {name: one and one.first for name, one in asked.items()} == dict.fromkeys(asked, UNKNOWN)


def test_faults_begin_on_their_nights_and_stay() -> None:
    healthy = Fault("healthy", (), ("0", "1"), {"0": [], "1": []})
    fault = Fault("fault", (frozenset({"a"}),), ("1",), {"1": []})
    (begun,) = next(iter_scenarios([fault], 1, seed=1, most=1))
    assert begun.fault is fault
    assert begun.night >= 1
    assert [sorted(night) for night in GeneratedNights(healthy, [begun]).executions] == [["0", "1"]] * NIGHTS
