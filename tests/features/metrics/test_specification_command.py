"""`qdash chip specification`: asked and proposed limits of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import open_qdash
from qdash_core.models.chip import ParameterModel
from qdash_core.repositories.chips import QubitCalibrationRepository

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.fixture
def chip(command: InProcess) -> InProcess:
    """A chip with a T1 of 80 µs on its first qubit."""
    command.does("chip", "create", "made", "--topology", "linear-16")
    with open_qdash() as qdash:
        t1 = {"t1": ParameterModel(value=80.0, error=2.0, unit="us")}
        qdash.repositories.of(QubitCalibrationRepository).update_calib_data("default", "made", "0", t1)
    return command


def test_limits_are_asked_shown_and_removed(chip: InProcess) -> None:
    assert chip.does("chip", "specification", "made") == (
        "nothing is asked of chip made: `qdash chip specification made --propose` shows a proposal\n"
    )
    assert chip.read_json("metrics", "made", "--out-of-spec") == {"qubits": {}, "couplings": {}}
    shown = chip.does("chip", "specification", "made", "t1=0.1e3", "--minimum", "t1=12us").splitlines()
    assert shown[0].split() == ["metric", "limit", "minimum", "by", "at"]
    assert shown[2].split()[:6] == ["t1", "100", "us", "12", "us", "admin"]
    assert chip.read_json("metrics", "made", "--out-of-spec")["qubits"].keys() == {"0"}
    asked = chip.read_json("chip", "specification", "made")["limits"]["t1"]
    assert (asked["limit"], asked["minimum"], asked["shown_limit"]) == (100.0, 12.0, "100 us")
    assert "nothing is asked" in chip.does("chip", "specification", "made", "--remove", "t1")


def test_a_proposal_needs_measured_values_and_excludes_other_changes(chip: InProcess) -> None:
    assert chip.does("chip", "specification", "made", "--propose") == "nothing is proposed for chip made\n"
    assert "calibrate it first" in chip.run_refused("chip", "specification", "made", "--accept")
    refused = chip.run_refused("chip", "specification", "made", "t1=50", "--accept")
    assert "not several of them" in refused
