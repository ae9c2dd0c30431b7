"""Features of scans of a resonator: known lines, delays and lost points are found."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_core.models.raw_data import RawData
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.features.resonances import (
    SEARCH_FEATURES,
    STATE_FEATURES,
    describe_scan,
    describe_search,
    describe_states,
)

NOISE = 0.02
WIDTH_MHZ = 1.0


def make_scan(
    *,
    line_mhz: float | None = 0.0,
    delay_ns: float = 50.0,
    lost: int = 0,
    phase_rad: float = 0.0,
    seed: int = 1,
) -> Trace:
    """Return a scan of 81 points over 12 MHz around 7 GHz, with a transmission of 1."""
    rng = np.random.default_rng(seed)
    x_mhz = np.linspace(-6.0, 6.0, 81)
    notch = 0.0 if line_mhz is None else 0.7 / (1 + 2j * (x_mhz - line_mhz) / WIDTH_MHZ)
    iq = (1 - notch) * np.exp(1j * phase_rad - 2j * np.pi * delay_ns * 1e-3 * x_mhz)
    iq[rng.choice(np.arange(2, 79, 4), lost, replace=False)] = 0.0
    iq = iq + NOISE * (rng.normal(size=81) + 1j * rng.normal(size=81))
    return Trace(7.0 + 1e-3 * x_mhz, iq, np.full(81, NOISE * (1 + 1j)), np.zeros(81))


def test_a_scan_gives_its_signal_its_line_and_its_delay() -> None:
    found = describe_scan(make_scan())

    assert found["signal_to_noise"] == pytest.approx(1 / NOISE, rel=0.1)
    assert 0.4 < found["dip_depth"] < 0.8
    assert found["dips"] == 1
    assert found["delay_ns"] == pytest.approx(50.0, abs=8.0)
    assert found["lost_points"] == 0


def test_points_without_a_trigger_are_counted() -> None:
    # A lost point on the flank of the line cannot be told from the line.
    assert 3 / 81 <= describe_scan(make_scan(lost=4))["lost_points"] <= 4 / 81
    assert describe_scan(make_scan(line_mhz=None))["lost_points"] == 0


def test_a_line_that_moved_is_measured_from_its_former_place() -> None:
    scan = make_scan(line_mhz=1.5)
    arrays = {
        f"known_{name}": (getattr(scan, part), "")
        for name, part in (("frequency", "x"), ("iq", "iq"), ("sigma", "sigma"), ("covariance", "covariance"))
    }
    found = describe_search(RawData(arrays), ("fine", "known"))

    assert found["line_offset_mhz"] == pytest.approx(1.5, abs=0.1)
    assert found["left_known_place"] == 0
    assert found.keys() <= SEARCH_FEATURES.keys()


def test_a_search_that_was_not_measured_has_no_features() -> None:
    assert describe_search(RawData({}), ("fine", "known")) == {}


def test_both_states_differ_by_the_shift_of_the_line_or_by_a_drift_of_the_phase() -> None:
    shifted = describe_states(make_scan(), make_scan(line_mhz=1.0, seed=2))
    same = describe_states(make_scan(), make_scan(seed=2))
    drifted = describe_states(make_scan(), make_scan(phase_rad=0.3, seed=2))

    assert shifted["state_to_noise"] > 10 > same["state_to_noise"]
    assert shifted["state_turn_deg"] < 10
    assert drifted["state_turn_deg"] == pytest.approx(np.degrees(0.3), abs=1.0)
    assert {*shifted, *drifted} <= STATE_FEATURES.keys()
