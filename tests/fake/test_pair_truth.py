"""True values of couplings at the settings in use, computed on request."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from qdash_fake import best_gates
from qdash_fake.best_gates import BestGates
from qdash_fake.cli.twin import twin
from qdash_fake.pair_truth import PairInUse, PairTruths
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.pair import make_pair
from qdash_fake.truth import compute_ideal_settings, compute_true_parameters
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.shots import Repetition

from .conftest import make_table
from .good_gates import good_gate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_fake.physics.chip import ChipTruth
    from qdash_tasks.laboratory.pulses import ZX90


GOOD = {"t1_us": 150.0, "t2_us": 150.0}
FAST = {**GOOD, "frequency_ghz": 5.11}


def chip_of_two(**other: float) -> ChipTruth:
    return draw_chip(make_table({**FAST, **other}, GOOD, couplings=(("0", "1"),)), 6)


@cache
def good_of(t1_us: float, t2_us: float) -> tuple[ZX90, float]:
    """Return a good gate of two qubits, the first with the given lifetimes, and its length in ns."""
    pair = make_pair(chip_of_two(t1_us=t1_us, t2_us=t2_us), "0-1", "0")
    gate = good_gate(pair).gate
    return gate, 2 * (gate.tone_ns + pair.control.design.pulse_length_ns)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that caches the best gates between tests, found by a fast approximate search."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(best_gates, "find_best_gate", good_gate)
        yield tmp_path_factory.mktemp("kept")


def calibrated(*, longer: float = 1.0, t1_us: float = 150.0, t2_us: float = 150.0) -> PairInUse:
    """Return a good gate of a pair as settings in use."""
    gate, gate_time_ns = good_of(t1_us, t2_us)
    tone = gate.tone
    return PairInUse(
        "0",
        CouplingSettings(
            cr_amplitude=tone.amplitude,
            cr_phase=tone.phase_rad,
            cancel_amplitude=tone.cancel_amplitude,
            cancel_phase=tone.cancel_phase_rad,
            rotary_amplitude=tone.rotary_amplitude,
            zx90_gate_time=gate_time_ns * longer,
        ),
    )


def test_without_settings_there_is_static_zz_and_the_best_gate(kept: Path) -> None:
    chip = chip_of_two()
    found = compute_true_parameters(chip, kept_in=kept)["couplings"]["0-1"]
    assert set(found) == {"static_zz_interaction", "best_zx90_gate_fidelity"}
    assert found["static_zz_interaction"] == (chip.couplings["0-1"].static_zz_mhz, "MHz")


def test_a_calibrated_gate_has_fidelities_near_the_best(kept: Path) -> None:
    chip = chip_of_two()
    settings = {qid: compute_ideal_settings(qubit) for qid, qubit in chip.qubits.items()}
    found = compute_true_parameters(chip, settings, pairs={"0-1": calibrated()}, kept_in=kept)["couplings"][
        "0-1"
    ]
    best, fidelity = found["best_zx90_gate_fidelity"][0], found["zx90_gate_fidelity"][0]
    # Plain X180 without DRAG add a few 1e-3.
    assert best - 6e-3 < fidelity < best + 1e-4
    assert fidelity < found["two_qubit_gate_coherence_limit"][0]
    assert found["zx_rotation_rate"][0] > 0
    # A Bell state takes three more pulses, each with an error of about 1e-3, and the preparation loses almost nothing.
    assert fidelity - 0.02 < found["bell_state_fidelity"][0] <= 1


def test_the_bell_state_of_a_nearly_perfect_gate_is_one_though_commanded_states_are_worse() -> None:
    """Idling for three T1 makes them worse still: the residue of the last shot would be divided out."""
    long = {"t1_us": 5000.0, "t2_us": 5000.0}
    chip = chip_of_two(**long)
    for repetition in (Repetition(), Repetition(reset="passive", interval_us=15_000.0)):
        in_use = calibrated(**long)._replace(repetition=repetition)
        truths = compute_true_parameters(chip, pairs={"0-1": in_use})["couplings"]
        found = truths.compute_at_settings("0-1")["bell_state_fidelity"][0]
        assert 0.95 < found <= 1


def test_the_best_gate_is_never_worse_than_the_one_in_use(kept: Path) -> None:
    chip = chip_of_two()
    in_use = {"0-1": calibrated()}
    truth = PairTruths(chip, lambda qid: compute_ideal_settings(chip.qubits[qid]), in_use, kept_in=kept)
    assert truth["0-1"]["best_zx90_gate_fidelity"] >= truth["0-1"]["zx90_gate_fidelity"]


def test_a_gate_that_is_too_long_is_worse() -> None:
    chip = chip_of_two()
    right, wrong = (
        compute_true_parameters(chip, pairs={"0-1": calibrated(longer=longer)})[
            "couplings"
        ].compute_at_settings("0-1")
        for longer in (1.0, 1.2)
    )
    for name in ("zx90_gate_fidelity", "bell_state_fidelity"):
        assert wrong[name][0] < right[name][0] - 0.02


def test_a_broken_qubit_makes_the_gate_impossible_and_leaves_the_static_zz() -> None:
    chip = chip_of_two(sx_error=0.3)
    couplings = compute_true_parameters(chip)["couplings"]
    assert set(couplings["0-1"]) == {"static_zz_interaction"}
    assert "impossible: the drive of qubit 0 is faulty" in couplings.list_remarks()["0-1"]


def test_the_command_shows_marks_and_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    table = make_table({"frequency_ghz": 5.0005}, {}, couplings=(("0", "1"),))
    path = tmp_path / "table.json"
    path.write_text(table.model_dump_json(), encoding="utf-8")
    runner = CliRunner()
    assert runner.invoke(twin, ["create", "made", "--device", str(path)]).exit_code == 0
    shown = json.loads(runner.invoke(twin, ["truth", "made", "--json"]).stdout)
    assert any(
        said.startswith("impossible: the qubits are 0.5 MHz apart") for said in shown["remarks"]["0-1"]
    )
    assert "static_zz_interaction" in shown["couplings"]["0-1"]
    assert "collision: qubit 0 and qubit 1 are 0.5 MHz apart" in runner.invoke(twin, ["truth", "made"]).stdout


def test_the_command_computes_only_what_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    searched: list[tuple[str, str]] = []

    def find_error(_best: BestGates, coupling_id: str, control: str) -> float:
        searched.append((coupling_id, control))
        return 0.01

    monkeypatch.setattr(BestGates, "get_error", find_error)
    monkeypatch.setattr(BestGates, "choose_control", lambda _best, coupling_id: coupling_id.split("-")[0])
    runner = CliRunner()
    assert runner.invoke(twin, ["create", "made", "--device", "jakarta"]).exit_code == 0

    def list_shown(*options: str) -> dict[str, list[str]]:
        shown = json.loads(runner.invoke(twin, ["truth", "made", "--json", *options]).stdout)
        return {kind: [*shown[kind]] for kind in ("qubits", "couplings")}

    assert list_shown("--qids", "0-1") == {"qubits": ["0", "1"], "couplings": []}
    assert searched == []
    assert list_shown("--couplings", "1-3") == {"qubits": [], "couplings": ["1-3"]}
    assert {coupling_id for coupling_id, _ in searched} == {"1-3"}
    everything = list_shown()
    assert (len(everything["qubits"]), len(everything["couplings"])) == (7, 6)
    refused = runner.invoke(twin, ["truth", "made", "--qids", "7"])
    assert "chip made has no qubit 7" in str(refused.exception)


def test_a_truth_that_is_asked_for_alone_is_the_same(kept: Path) -> None:
    chip = chip_of_two()
    whole = compute_true_parameters(chip, kept_in=kept)
    for targets in (["0"], ["0-1"]):
        part = compute_true_parameters(chip, kept_in=kept, targets=targets)
        assert part["qubits"] == {qid: whole["qubits"][qid] for qid in targets if qid in whole["qubits"]}
        assert dict(part["couplings"]) == {
            one: whole["couplings"][one] for one in targets if one in whole["couplings"]
        }
