"""A chip for qubex on a twin: design values in its folder, true values in its twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import QubexBench


def numbers(value: object) -> list[float]:
    """Return all numbers in a JSON document."""
    if isinstance(value, dict):
        return [found for one in value.values() for found in numbers(one)]
    if isinstance(value, list):
        return [found for one in value for found in numbers(one)]
    return [float(value)] if isinstance(value, (int, float)) else []


def test_the_folder_holds_design_values_and_no_truth(bench: QubexBench) -> None:
    params = bench.config / "params" / "SIM"
    written = yaml.safe_load((params / "control_frequency.yaml").read_text(encoding="utf-8"))
    designed = {int(qid): qubit.design.qubit_frequency_ghz for qid, qubit in bench.truth.qubits.items()}
    assert written["data"] == designed
    told = {
        number
        for path in bench.config.rglob("*.yaml")
        for number in numbers(yaml.safe_load(path.read_text()))
    }
    for qubit in bench.truth.qubits.values():
        hidden = {qubit.frequency_ghz, qubit.anharmonicity_ghz, qubit.resonator.frequency_ghz}
        assert not told & hidden


def test_the_folder_leaves_readout_frequencies_to_calibration_and_may_say_how_long_a_readout_is(
    tmp_path: Path,
) -> None:
    from qubex_on_a_twin.making import make

    table = load_device("square-lattice-mux-4")
    for name, designed in (("usual", False), ("designed", True)):
        make(name, table, home=tmp_path, config=tmp_path, readout_as_designed=designed)
    usual, designed = (tmp_path / "params" / name for name in ("usual", "designed"))
    assert not (usual / "readout_frequency.yaml").exists()
    assert not (usual / "measurement_defaults.yaml").exists()
    defaults = yaml.safe_load((designed / "measurement_defaults.yaml").read_text(encoding="utf-8"))
    length_ns = defaults["readout"]["duration_ns"]
    assert length_ns > 384
    assert length_ns % 128 == 0


def test_a_folder_takes_several_chips_and_each_once(tmp_path: Path) -> None:
    from qubex_on_a_twin.making import make, part_of

    table = part_of(load_device("square-lattice-mux-4"), ["0", "1"])
    for name in ("one", "two"):
        make(name, table, home=tmp_path, config=tmp_path / "config")
    chips = yaml.safe_load((tmp_path / "config" / "config" / "chip.yaml").read_text(encoding="utf-8"))
    assert set(chips) == {"one", "two"}
    with pytest.raises(ConflictError, match="choose another chip id"):
        make("two", table, home=tmp_path, config=tmp_path / "config")


def test_a_coupling_that_the_lattice_of_the_library_lacks_is_refused(tmp_path: Path) -> None:
    from qubex_on_a_twin.making import make

    with pytest.raises(InvalidInputError, match="coupling 1-2: in the library's lattice of 4 qubits"):
        make("line", load_device("linear-3"), home=tmp_path, config=tmp_path / "config")
    assert not (tmp_path / "config").exists()
