"""`qdash lab check`: checks that a connected laboratory plays the requested pulses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.locks.lock import ExecutionLock
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from .command_line import CommandLine


def make_pulse_level(bench: CommandLine, **options: Any) -> CommandLine:
    """Make the twin of the calibrated chip play pulses."""
    assert bench.home is not None
    (path,) = (bench.home / "twins").rglob("twin.json")
    twin = json.loads(path.read_text())
    twin["options"].update(pulse_level=True, **options)
    path.write_text(json.dumps(twin))
    return bench


def test_a_right_laboratory_meets_all_recipes_and_nothing_is_changed(bench: CommandLine) -> None:
    before = make_pulse_level(bench).read_json("metrics", "bench")

    said = bench.does("lab", "check", "bench")

    lines = said.splitlines()
    assert lines[-2] == "all recipes are met"
    assert lines[-1].startswith("the tests of LaboratoryContract also check IQ ")
    assert "(expected 0.25 within 0.2)" in said
    assert [line.split()[0] for line in lines if " phase_against_frequency " in line] == ["0", "1"]
    assert "cross_resonance" not in said
    assert bench.read_json("metrics", "bench") == before
    assert len(bench.read_json("executions", "list")) == 1
    assert bench.list_locks() == []


def test_a_mistake_fails_with_what_to_set(bench: CommandLine) -> None:
    outcome = make_pulse_level(bench, phase_mirrored=True, signs_unknown=True)(
        "lab", "check", "bench", "--qubit", "1", "--only", "clock", "--json"
    )

    assert outcome.status == 1
    assert outcome.document["met"] is False
    *before, phase, clock = outcome.document["findings"]
    assert [one["recipe"] for one in before] == ["answer_order", "plane", "shot_interval"]
    assert {one["outcome"] for one in before} == {"met"}
    assert "LaboratoryContract" not in outcome.err
    assert (phase["recipe"], phase["target"], phase["outcome"]) == ("phase_against_frequency", "1", "not met")
    assert "for the line of qubit 1 `signs` must return phase=-1" in phase["reading"]
    assert clock["reading"].startswith("skipped: ")
    assert "phase_against_frequency" in outcome.err


def test_tones_are_asked_with_all_only(bench: CommandLine) -> None:
    found = make_pulse_level(bench).read_json("lab", "check", "bench", "--all", "--only", "cross_resonance")[
        "findings"
    ]

    assert [(one["recipe"], one["target"], one["outcome"]) for one in found] == [
        ("cross_resonance", "0-1", "met")
    ]


def test_a_qubit_without_couplings_is_told_that_none_is_asked(bench: CommandLine) -> None:
    said = make_pulse_level(bench).does(
        "lab", "check", "bench", "--qubit", "0", "--all", "--only", "cross_resonance"
    )

    assert "cross_resonance             not possible  the laboratory has no coupling of the qubits" in said
    assert "of 1 recipe: 1 not possible" in said


def test_a_recipe_that_is_not_asked_counts_as_such(bench: CommandLine) -> None:
    outcome = make_pulse_level(bench, phase_mirrored=True, signs_unknown=True)(
        "lab", "check", "bench", "--qubit", "1", "--only", "clock"
    )

    assert "not clear     skipped: it has no meaning until phase_against_frequency is met" in outcome.out
    assert "of 5 recipes: 3 met, 1 not met, 1 not clear" in outcome.out


def test_what_cannot_be_checked_is_refused(bench: CommandLine) -> None:
    before = bench.read_everything()

    for arguments, said in (
        ("nowhere", "nowhere"),
        ("bench --qubit 9", "chip bench has no qubit 9"),
        ("bench --qubit 3 --qubit 0", "`qdash calibrate bench --flow rough --qids 3`"),
        ("bench --only colour", "there is no recipe 'colour' (known: answer_order, "),
        ("bench --only cross_resonance", "use --all to run it anyway"),
        ("bench --shots 5", "--shots"),
        ("bench", "measures requests itself and has no `play`"),
    ):
        assert said in bench.run_refused("lab", "check", *arguments.split())

    assert bench.read_everything().keys() == before.keys()
    assert bench.list_locks() == []


def test_a_chip_that_was_never_calibrated_is_refused(qdash: CommandLine) -> None:
    qdash.does("twin", "create", "new", "--device", "jakarta", "--pulse-level")

    assert "`qdash calibrate new --flow rough` finds them" in qdash.run_refused("lab", "check", "new")


@pytest.mark.slow
def test_the_flow_rough_prepares_a_qubit_for_the_check(qdash: CommandLine) -> None:
    qdash.does("twin", "create", "new", "--device", "jakarta", "--seed", "3")
    outcome = qdash.read_json("calibrate", "new", "--flow", "rough", "--qids", "0")

    assert outcome["tasks"] == {"completed": 3}
    assert make_pulse_level(qdash).does("lab", "check", "new").splitlines()[-2] == "all recipes are met"
    assert "`qdash calibrate new --flow rough --qids 1`" in qdash.run_refused(
        "lab", "check", "new", "--qubit", "1"
    )


def test_nothing_is_measured_beside_a_run(bench: CommandLine) -> None:
    with open_qdash(load_settings(home=make_pulse_level(bench).home)) as qdash:
        access = qdash.access("admin")
        lock = ExecutionLock(
            qdash.store,
            qdash.get_instrument(access.project_id, "bench"),
            project_id=access.project_id,
            chip_id="bench",
            ttl_s=60.0,
        )
        lock.acquire()
        try:
            assert (
                "in use by a run that is just beginning, or a check of the laboratory"
                in bench.run_refused("lab", "check", "bench", status=1)
            )
        finally:
            lock.release()


def test_it_takes_an_editor(bench: CommandLine) -> None:
    bench.does("user", "create", "guest")
    bench.does("member", "invite", "guest", "--role", "viewer")
    bench.does("member", "accept", "--user", "guest", "--project", "default")

    refused = make_pulse_level(bench).run_refused(
        "lab", "check", "bench", "--user", "guest", "--project", "default"
    )

    assert "this takes editor" in refused
