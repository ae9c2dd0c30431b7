"""How shots start where nobody has said it."""

from __future__ import annotations

from typing import Any

import pytest

from qdash_tasks.laboratory.shots import Repetition

BOTH, WAITING = frozenset({"active", "passive"}), frozenset({"passive"})


@pytest.mark.parametrize("given", [{"reset": "auto"}, {}], ids=["auto", "a task that does not ask"])
@pytest.mark.parametrize(("resets", "found"), [(BOTH, "active"), (WAITING, "passive")])
def test_shots_start_as_the_laboratory_does_it_best(
    given: dict[str, Any], resets: frozenset[str], found: str
) -> None:
    assert Repetition.asked_for({**given, "interval": 200_000.0}, resets) == Repetition(found, 200.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", ["active", "passive"])
def test_what_somebody_asks_for_stays(asked: str) -> None:
    """A laboratory that lacks it refuses it by name."""
    assert Repetition.asked_for({"reset": asked}, WAITING).reset == asked


def test_what_is_recorded_as_auto_was_active_unless_the_raw_data_say_otherwise() -> None:
    assert Repetition.asked_for({"reset": "auto"}).reset == "active"
    assert Repetition.recorded_in({"reset": "passive", "interval_us": 200.0}) == Repetition("passive", 200.0)
