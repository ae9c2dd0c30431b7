"""Faults of couplings: the truth within and outside of their hours."""

from __future__ import annotations

import cmath
import math
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import InvalidInputError
from qdash_fake.physics.cross_resonance import rates
from qdash_fake.physics.pair import make_pair
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.pulses import CrossResonanceTone

from ..case_tables import each_case
from .conftest import make_table

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_fake.physics.chip import ChipTruth

HOUR_S = 3600.0
TABLE = make_table(
    {"frequency_ghz": 5.1},
    {"frequency_ghz": 5.0},
    {"frequency_ghz": 5.08},
    couplings=(("0", "1"), ("1", "2")),
)
TONE = CrossResonanceTone(amplitude=0.2)
SIZES = {"weak-coupling": 4, "strong-zz": 4, "cr-attenuation": 6, "cr-phase": 60}


def both(path: Path, name: str) -> tuple[ChipTruth, ChipTruth]:
    """Return the truth without and with a fault of coupling 0-1."""
    twin = create_twin(path, TABLE, 1, {name: f"0-1:{SIZES[name]}@2-3"})
    return twin.truth(), twin.wait(2.5 * HOUR_S).truth()


def zx_mhz(chip: ChipTruth) -> complex:
    """Return the conditional rate of a tone of qubit 0 on qubit 1, as a complex number."""
    found = rates(make_pair(chip, "0-1", "0"), TONE, drive_ghz=5.0)
    return complex(found.zx, found.zy)


@each_case("name", SIZES)
def test_a_fault_changes_its_coupling_within_its_hours_alone(tmp_path: Path, name: str) -> None:
    twin = create_twin(tmp_path / "twin", TABLE, 1, {name: f"0-1:{SIZES[name]}@2-3"})
    drawn = create_twin(tmp_path / "drawn", TABLE, 1).truth()
    assert dict(twin.truth().couplings) == dict(drawn.couplings)
    during = twin.wait(2.5 * HOUR_S)
    assert during.truth().couplings["0-1"] != drawn.couplings["0-1"]
    assert during.truth().couplings["1-2"] == drawn.couplings["1-2"]
    assert dict(during.truth().qubits) == dict(drawn.qubits)
    assert list(during.remarks()) == ["0-1"]
    after = twin.wait(1.0 * HOUR_S)
    assert dict(after.truth().couplings) == dict(drawn.couplings)
    assert after.remarks() == {}


def test_a_weak_coupling_turns_the_target_slower_and_has_less_static_zz(tmp_path: Path) -> None:
    before, after = both(tmp_path, "weak-coupling")
    assert abs(zx_mhz(after)) == pytest.approx(abs(zx_mhz(before)) / 4, rel=0.05)
    static = [chip.couplings["0-1"].static_zz_mhz for chip in (before, after)]
    assert static[1] == pytest.approx(static[0] / 16, rel=0.05)


def test_a_strong_zz_is_seen_by_both_qubits(tmp_path: Path) -> None:
    before, after = both(tmp_path, "strong-zz")
    for one, other in (("0", "1"), ("1", "0")):
        assert after.neighbours[one][other] == pytest.approx(4 * before.neighbours[one][other], rel=0.05)
    assert after.neighbours["1"]["2"] == before.neighbours["1"]["2"]
    pair = make_pair(after, "0-1", "0")
    assert pair.transmons.dressed.static_zz_mhz == pytest.approx(after.neighbours["0"]["1"])


def test_attenuated_tones_drive_less_and_one_qubit_pulses_stay(tmp_path: Path) -> None:
    before, after = both(tmp_path, "cr-attenuation")
    tones = [make_pair(chip, "0-1", "0").drives(TONE) for chip in (before, after)]
    assert abs(tones[1].control) == pytest.approx(abs(tones[0].control) * 10 ** (-6 / 20))
    assert abs(tones[1].target) == pytest.approx(abs(tones[0].target) * 10 ** (-6 / 20))
    assert after.qubits["0"].drive == before.qubits["0"].drive


def test_a_changed_phase_turns_the_axis_of_the_target(tmp_path: Path) -> None:
    before, after = both(tmp_path, "cr-phase")
    turned = cmath.phase(zx_mhz(after) / zx_mhz(before))
    assert abs(math.degrees(turned)) == pytest.approx(60, abs=1)


@each_case("text", ["0-2:4@1", "1:4@1", "0-1@1", "0-1:0.5@1"])
def test_an_impossible_fault_of_a_coupling_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInputError, match="weak-coupling"):
        create_twin(tmp_path / "twin", TABLE, 1, {"weak-coupling": text})
