"""`qdash values convert`: a preview, the conversion as one event, and its undo; the doctor names the chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import Parameter
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings

from ...core.bench import CHIP, PROJECT
from ..results.test_refit_command import measured

if TYPE_CHECKING:
    from ...cli.conftest import InProcess

__all__ = ["measured"]


@pytest.fixture
def in_ms(command: InProcess, measured: str) -> InProcess:
    """Commands on a chip with T1 in ms, and a value in a unit of another kind."""
    del measured
    with open_qdash(load_settings()) as qdash, qdash.store.transaction() as transaction:
        qubits = Repositories(transaction).of(QubitCalibrationRepository)
        known = qubits.require(PROJECT, CHIP, "0").data["t1"]
        qubits.update_calib_data(
            PROJECT, CHIP, "0", {"t1": known.with_estimate(Parameter(0.009, None, "ms"))}
        )
        qubits.update_calib_data(PROJECT, CHIP, "1", {"t1": known.with_estimate(Parameter(9.0, None, "MHz"))})
    return command


def test_values_in_another_unit_are_converted_as_one_event(in_ms: InProcess) -> None:
    preview = in_ms.does("values", "convert", CHIP, "--dry-run")
    assert "0.009 ms" in preview
    assert "preview: 1 value; nothing was changed" in preview
    assert "t1 of 1 stays in MHz, which is not convertible" in preview
    assert in_ms.read_json("metrics", CHIP)["qubits"]["0"]["t1"]["unit"] == "ms"
    done = in_ms.read_json("values", "convert", CHIP, "--reason", "an old plugin")
    assert [one["after"]["value"] for one in done["changes"]] == [9.0]
    assert in_ms.read_json("metrics", CHIP)["qubits"]["0"]["t1"]["value"] == 9.0
    assert "units converted" in in_ms.does("values", "log", CHIP)
    assert "that can be converted is in the unit of its quantity" in in_ms.does("values", "convert", CHIP)
    in_ms.does("values", "undo")
    assert in_ms.read_json("metrics", CHIP)["qubits"]["0"]["t1"]["unit"] == "ms"


def test_the_doctor_names_the_values_and_the_command(in_ms: InProcess) -> None:
    (finding,) = (one for one in in_ms.read_json("doctor")["checks"] if one["name"] == "units")
    assert finding["status"] == "warning"
    assert finding["advice"].startswith(f"run qdash values convert {CHIP}; measure them again")
    assert f"1 value (t1 of 0 of chip {CHIP} in ms) in another unit" in finding["detail"]
    assert f"1 value (t1 of 1 of chip {CHIP} in MHz, not µs) impossible" in finding["detail"]
