"""Falls of T1: the truth within and outside of their hours."""

from __future__ import annotations

import pytest

from qdash_fake.drift_schedules import list_remarks
from qdash_fake.options import TwinOptions
from qdash_fake.physics.draw import draw_chip

from ..case_tables import each_case
from .conftest import make_table
from .timed_changes import make_change

HOUR_S = 3600.0
CHIP = draw_chip(make_table({"t1_us": 88.0, "t2_us": 60.0}), 1)
QUBIT = CHIP.qubits["0"]
FALL = make_change("t1-fall", "0:4.4@12-13", CHIP)


@each_case("hour", [0.0, 11.99, 13.0, 1000.0])
def test_outside_of_its_hours_a_fall_changes_nothing(hour: float) -> None:
    assert FALL.at(QUBIT, hour * HOUR_S) == QUBIT
    assert FALL.remarks(hour * HOUR_S) == []


@pytest.mark.parametrize("hour", [12.0, 12.99])
def test_t1_falls_by_the_factor_and_pure_dephasing_stays(hour: float) -> None:
    fallen = FALL.at(QUBIT, hour * HOUR_S)
    assert fallen.coherence.t1_us == pytest.approx(88.0 / 4.4)
    assert fallen.readout == QUBIT.readout.with_t1(88.0 / 4.4)
    before, after = QUBIT.coherence, fallen.coherence
    assert 1 / after.t2_echo_us - 0.5 / after.t1_us == pytest.approx(
        1 / before.t2_echo_us - 0.5 / before.t1_us
    )
    assert fallen.frequency_ghz == QUBIT.frequency_ghz


def test_a_fall_without_an_end_lasts() -> None:
    assert make_change("t1-fall", "0:2@0", CHIP).at(QUBIT, 1e9).coherence.t1_us == pytest.approx(44.0)


def test_the_remarks_on_a_twin_name_a_present_fall() -> None:
    chip = draw_chip(make_table({}), 1)
    options = TwinOptions.parse({"t1-fall": "0:4@2-3"})
    assert list_remarks(chip, options, lambda _: 2.5 * HOUR_S) == {
        "0": ["T1 has been reduced by a factor of 4 since 2\N{NO-BREAK SPACE}h of laboratory time"]
    }
    assert list_remarks(chip, options, lambda _: 3.5 * HOUR_S) == {}
