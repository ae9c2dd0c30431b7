"""Rules of the status of targets during a run."""

from __future__ import annotations

from qdash_core import ChipModel
from qdash_core.values.target_status import StatusRules


def test_a_run_asks_once_what_the_tasks_of_a_chip_measure() -> None:
    asked: list[str] = []

    def list_measured(chip: ChipModel) -> tuple[str, ...]:
        asked.append(chip.chip_id)
        return ("t1",)

    shared = {"project_id": "p", "username": "ann", "size": 1, "topology_id": "t", "backend": "null"}
    chips = [ChipModel(chip_id=chip_id, **shared) for chip_id in "AAB"]
    rules = StatusRules({"qubit": frozenset({"t1"})}, list_measured).for_run()
    assert [rules.list_measured(chip) for chip in chips] == [("t1",)] * 3
    assert rules.essential == {"qubit": frozenset({"t1"})}
    assert asked == ["A", "B"]
