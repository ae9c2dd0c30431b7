"""Drawn couplings: J by the table's length, hidden errors by its error, marks, collisions."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_fake import best_gates
from qdash_fake.devices import DeviceTable, list_device_names, load_device
from qdash_fake.pair_truth import PairTruths
from qdash_fake.physics.coherence import pair_error_limit
from qdash_fake.physics.cross_resonance import rates
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.gate_quality import BestGate
from qdash_fake.physics.pair import Pair, largest_drive_mhz, make_pair
from qdash_fake.truth import compute_ideal_settings
from qdash_tasks.laboratory.pulses import RISE_NS, ZX90, CrossResonanceTone

from ..case_tables import each_case
from .conftest import make_table

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth


def table_with(*gates: dict[str, Any], detuning_ghz: float = 0.1, **qubit: Any) -> DeviceTable:
    """Return a table of two qubits with these rows for their coupling."""
    table = make_table({**qubit, "frequency_ghz": 5.0 + detuning_ghz}, qubit, couplings=(("0", "1"),))
    given = table.model_dump() | {
        "couplings": [{"control": "0", "target": "1", "gate": "ecr", **gate} for gate in gates]
    }
    return DeviceTable.model_validate(given)


def fastest_zx(pair: Pair) -> float:
    full = largest_drive_mhz(pair.control, pair.target) / pair.control.drive.rabi_per_amplitude_mhz
    steady = (
        rates(pair, CrossResonanceTone(share * full), drive_ghz=pair.target.frequency_ghz)
        for share in (0.5, 1.0)
    )
    # Hidden phases of the lines split it between ZX and ZY.
    return max(math.hypot(found.zx, found.zy) for found in steady)


def reasons(chip: ChipTruth) -> str | None:
    return PairTruths(chip, lambda qid: compute_ideal_settings(chip.qubits[qid]), {}).find_obstacle("0-1")


SOME = ("jakarta", "sherbrooke")
"""Devices of the quick test, with gates of both kinds."""


drawn = cache(lambda name: draw_chip(load_device(name), 2))
devices = pytest.mark.parametrize(
    "names",
    [
        pytest.param(SOME, id="some"),
        pytest.param(tuple(list_device_names()), id="all", marks=pytest.mark.slow),
    ],
)


@devices
def test_the_table_s_length_is_reached_with_an_admissible_drive_unless_the_coupling_is_marked(
    names: tuple[str, ...],
) -> None:
    for name in names:
        table, chip = load_device(name), drawn(name)
        for row in table.couplings:
            coupling = chip.couplings["-".join(sorted((row.control, row.target), key=int))]
            if row.error == 1 or any(mark.startswith("slow") for mark in coupling.marks):
                continue
            assert row.length_ns is not None
            pulses = {"ecr": 1, "cx": 3}[row.gate or ""]
            tone_ns = (row.length_ns - pulses * chip.qubits[coupling.a].design.pulse_length_ns) / 2
            fastest = max(
                fastest_zx(make_pair(chip, coupling.coupling_id, qid)) for qid in (coupling.a, coupling.b)
            )
            # J was chosen by a rate per J, without the lines' crosstalk: a few percent.
            assert fastest * (tone_ns - RISE_NS) * 2 * 1e-3 > 0.25 * 0.93


@devices
def test_exchange_lies_where_devices_have_it_and_spreads(names: tuple[str, ...]) -> None:
    found = {name: [one.exchange_mhz for one in drawn(name).couplings.values()] for name in names}
    assert min(map(min, found.values())) >= 1.2
    assert max(map(max, found.values())) <= 3.5 * (1 + 1e-12)
    assert np.std(found["sherbrooke"]) > 0.4


def test_an_error_above_the_coherence_limit_is_hidden_depolarisation() -> None:
    chip = draw_chip(table_with({"error": 0.02, "length_ns": 500.0}), 1)
    coupling = chip.couplings["0-1"]
    a, b = chip.qubits["0"], chip.qubits["1"]
    limit = pair_error_limit(a.coherence, b.coherence, length_us=0.5)
    kept = math.exp(-coupling.extra_rate * (0.5 - a.design.pulse_length_ns * 1e-3))
    # d / (d + 1) of the process error 15/16 (1 - kept).
    assert 0.75 * (1 - kept) == pytest.approx(0.02 - limit)
    assert coupling.marks == ()


def test_an_error_below_the_coherence_limit_is_ignored_and_marked() -> None:
    coupling = draw_chip(table_with({"error": 0.001, "length_ns": 500.0}), 1).couplings["0-1"]
    assert coupling.extra_rate == 0
    assert coupling.marks == ("the table's error is below the coherence limit and is ignored",)


def test_a_gate_that_was_not_calibrated_says_nothing_about_the_exchange() -> None:
    coupling = draw_chip(table_with({"error": 1.0, "length_ns": 200.0}), 1).couplings["0-1"]
    assert coupling.marks == ("not calibrated in the table: J is drawn without a published length",)
    assert coupling.extra_rate > 0


def test_a_length_that_no_exchange_reaches_is_marked() -> None:
    coupling = draw_chip(table_with({"error": 0.02, "length_ns": 180.0}), 1).couplings["0-1"]
    assert coupling.exchange_mhz == pytest.approx(3.5)
    assert any(mark.startswith("slow gate: J = 3.5 MHz") for mark in coupling.marks)


def test_both_directions_of_a_table_are_one_coupling() -> None:
    one = {"error": 0.02, "length_ns": 450.0, "gate": "cx"}
    other = {**one, "control": "1", "target": "0", "length_ns": 485.6}
    single, double = (draw_chip(table_with(*rows), 1) for rows in ((one,), (one, other)))
    assert list(double.couplings) == ["0-1"]
    assert double.couplings["0-1"] == single.couplings["0-1"]


def test_gates_that_are_no_cross_resonance_are_not_used_and_the_chip_says_so() -> None:
    chip = draw_chip(table_with({"error": 0.3, "length_ns": 68.0, "gate": "cz"}), 1)
    assert chip.couplings["0-1"].marks == ()
    assert any("cz" in mark for mark in chip.marks)


@each_case(
    ("detuning_ghz", "said"),
    [
        (0.004, "collision: qubit 0 and qubit 1 are 4.0 MHz apart"),
        (0.16, "collision: f02/2 of qubit 0"),
        (-0.16, "collision: f02/2 of qubit 1"),
        (0.32, "collision: f12 of qubit 0"),
    ],
)
def test_frequencies_that_collide_are_marked(detuning_ghz: float, said: str) -> None:
    coupling = draw_chip(
        table_with({"error": 0.02, "length_ns": 500.0}, detuning_ghz=detuning_ghz), 1
    ).couplings["0-1"]
    assert any(mark.startswith(said) for mark in coupling.marks)


def test_a_gate_is_impossible_where_the_qubits_share_their_excitation_or_one_of_them_is_broken() -> None:
    gate = {"error": 0.02, "length_ns": 500.0}
    assert "excitations are shared" in str(reasons(draw_chip(table_with(gate, detuning_ghz=0.001), 1)))
    dead = draw_chip(table_with(gate, p_meas0_prep1=0.5, p_meas1_prep0=0.5), 1)
    assert "readout of qubit 0 is dead" in str(reasons(dead))
    faulty = draw_chip(table_with(gate, sx_error=0.2), 1)
    assert "drive of qubit 0 is faulty" in str(reasons(faulty))


@pytest.mark.parametrize(
    ("error", "said"), [(0.12, "the best gate would have an error of 12%"), (0.09, None)]
)
def test_a_gate_is_impossible_where_the_search_finds_none_that_errs_by_less_than_a_tenth(
    monkeypatch: pytest.MonkeyPatch, error: float, said: str | None
) -> None:
    def found(pair: Pair) -> BestGate:
        return BestGate(error, 0.1, 300.0, ZX90(CrossResonanceTone(0.1), 110.0))

    monkeypatch.setattr(best_gates, "find_best_gate", found)
    assert reasons(draw_chip(table_with({"error": 0.02, "length_ns": 500.0}), 1)) == said


@pytest.mark.slow
def test_a_gate_is_impossible_where_the_best_one_errs_by_more_than_a_tenth() -> None:
    assert reasons(draw_chip(table_with({"error": 0.02, "length_ns": 500.0}), 1)) is None
    slow = draw_chip(table_with({"error": 0.02, "length_ns": 500.0}, t1_us=1.0, t2_us=1.0), 1)
    assert "the best gate would have an error of" in str(reasons(slow))


def test_a_large_chip_is_drawn_within_a_moment() -> None:
    # 144 couplings in less than a second, with a margin for a busy machine: drawing includes no search for gates.
    chip = draw_chip(load_device("sherbrooke"), 11)
    assert len(chip.couplings) == 144
