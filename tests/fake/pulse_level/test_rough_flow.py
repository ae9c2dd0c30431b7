"""The flow `rough`: preparation of a qubit for the recipes of `qdash lab check`, with any mirrored signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_tasks import tasks
from qdash_tasks.flows import BRING_UP, ROUGH
from qdash_tasks.laboratory.program import Signs
from qdash_tasks.laboratory.recipes import run_recipes
from qdash_tasks.laboratory.shots import Shots

from ..laboratory import Laboratory
from ..test_tasks_cross_resonance import two_qubits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_core.models.estimates import Parameter
    from qdash_tasks.laboratory.program import Play

SHOTS = Shots(count=2000, reset="passive", interval_us=500.0)
MISTAKES: dict[str, tuple[Callable[[Play], Signs], dict[str, str]]] = {
    "none": (lambda _: Signs(), {}),
    "envelope": (
        lambda _: Signs(envelope=-1),
        {
            "handedness": "exactly one sign is mirrored",
            "envelope_against_frequency": "`signs` must return envelope=1 instead of envelope=-1",
        },
    ),
    "phase": (
        lambda _: Signs(phase=-1),
        {
            "phase_against_frequency": "`signs` must return phase=1 instead of phase=-1",
            "handedness": "exactly one sign is mirrored",
        },
    ),
    "both": (
        lambda _: Signs(envelope=-1, phase=-1),
        {
            "phase_against_frequency": "`signs` must return phase=1 instead of phase=-1",
            "envelope_against_frequency": "`signs` must return envelope=1 instead of envelope=-1",
        },
    ),
    "tone": (
        lambda play: Signs(phase=-1 if play.toward else 1),
        {"cross_resonance": "the tone is mirrored"},
    ),
}
"""Wrong signs for an instrument that mirrors none, and the findings of the recipes."""
DEPENDENT = {"clock", "long_delays", "generators"}
"""Recipes that are meaningless while phases are mirrored."""


def is_near(found: Parameter, true: float) -> bool:
    """Return whether a value is within five of its errors of the truth."""
    return found.error is not None and abs(found.value - true) < 5 * found.error


@pytest.mark.parametrize(
    "mistake",
    [
        # All reach the pulse in the same way, and separate tests run the recipes on each of the others, too.
        pytest.param(one, marks=pytest.mark.slow if one == "both" else pytest.mark.release)
        for one in MISTAKES
    ],
)
def test_rough_finds_the_pulse_and_recipes_then_name_the_mistake(tmp_path: Path, mistake: str) -> None:
    signs, said = MISTAKES[mistake]
    laboratory = Laboratory(tmp_path, two_qubits(), 3, options={"pulse-level": True})
    session = laboratory.backend.laboratory
    session.signs = signs
    targets = "01" if mistake == "tone" else "0"
    for name in ROUGH:
        # One after the other, since coupled qubits would be driven together.
        for qid in targets:
            output = laboratory.run_group(getattr(tasks, name), [qid])[qid]
            assert not isinstance(output, Exception), output
    laboratory.backend.apply(laboratory.values)
    for qid in targets:
        found, truth = laboratory.values[qid], laboratory.truth_of(qid)
        assert is_near(found["qubit_frequency"], truth["qubit_frequency"][0])
        assert is_near(found["rabi_frequency"], truth["rabi_frequency"][0])
        assert abs(found["qubit_frequency"].value - truth["qubit_frequency"][0]) < 1e-3  # required by recipes

    asked = ["0-1"] if mistake == "tone" else ["0"]
    results = [one for target in asked for one in run_recipes(session, target, SHOTS)]
    readings = {one.recipe: one.reading for one in results if not one.passed}
    if "phase_against_frequency" in said:
        readings = {name: reading for name, reading in readings.items() if name not in DEPENDENT}
    assert readings.keys() == said.keys()
    for recipe, reading in said.items():
        assert reading in readings[recipe]


def test_a_rabi_oscillation_near_resonance_is_enough_for_recipes_to_name_the_mistake(tmp_path: Path) -> None:
    """This is the flow `rough` without the search for the line, which mirrored signs do not affect."""
    signs, said = MISTAKES["both"]
    laboratory = Laboratory(tmp_path, two_qubits(), 3, options={"pulse-level": True})
    session, qubit = laboratory.backend.laboratory, laboratory.chip.qubits["0"]
    session.signs = signs
    near = {
        "drive_frequency_ghz": qubit.frequency_ghz + 2e-4,
        "readout_frequency_ghz": qubit.resonator.best_probe_ghz,
    }
    session.adjust("0", near)
    assert not isinstance(laboratory.run_group(tasks.CheckRabi, ["0"])["0"], Exception)
    laboratory.backend.apply(laboratory.values)
    assert is_near(laboratory.values["0"]["rabi_frequency"], laboratory.truth_of("0")["rabi_frequency"][0])

    readings = {one.recipe: one.reading for one in run_recipes(session, "0", SHOTS) if not one.passed}
    assert readings.keys() - DEPENDENT == said.keys()
    for recipe, reading in said.items():
        assert reading in readings[recipe]


def test_a_bring_up_begins_with_the_tasks_of_rough() -> None:
    assert BRING_UP[: len(ROUGH)] == ROUGH
