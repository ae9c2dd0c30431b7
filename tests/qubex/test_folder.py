"""Configuration folder of qubex, found and read without qubex; errors list the alternatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_qubex.design import read_design, read_design_parameters
from qdash_qubex.folder import ConfigurationFolder
from qdash_qubex.settings import QubexSettings, load_qubex_settings

from ..case_tables import each_case
from .configurations import CHIP, SYSTEM, configuration, parameter, write

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_qubex.system_config import QubexSystem


def folder(root: Path) -> ConfigurationFolder:
    return ConfigurationFolder.find(QubexSettings(config=root))


def values(system: QubexSystem, name: str) -> dict[str, float]:
    return {target: known[name] for target, known in read_design_parameters(system, name).items()}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a configuration."""
    monkeypatch.setenv("QUBEX_CONFIG_ROOT", str(tmp_path / "nowhere"))


def test_a_folder_that_is_not_there_is_refused_with_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no chip\.yaml in .*nowhere.*set QDASH_QUBEX_CONFIG"):
        ConfigurationFolder.find(QubexSettings())


def test_qubex_own_variable_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUBEX_CONFIG_ROOT", str(configuration(tmp_path / "own")))
    assert ConfigurationFolder.find(QubexSettings()).root == tmp_path / "own"


def test_an_older_folder_has_one_of_the_name_of_the_chip(tmp_path: Path) -> None:
    configuration(tmp_path / CHIP)
    found = ConfigurationFolder.find(QubexSettings(config=tmp_path), CHIP)
    assert found.config == tmp_path / CHIP / "config"


@pytest.mark.parametrize("chip", [SYSTEM, CHIP])
def test_a_system_is_that_of_the_chips_name_or_the_only_one_with_such_a_chip(
    tmp_path: Path, chip: str
) -> None:
    system = folder(configuration(tmp_path)).get_system(chip)
    assert (system.system_id, system.chip_id, system.kind, system.n_qubits) == (SYSTEM, CHIP, "quel3", 4)


def test_a_system_that_is_named_needs_no_chip_of_that_name(tmp_path: Path) -> None:
    assert folder(configuration(tmp_path)).get_system("evening", SYSTEM).system_id == SYSTEM


@pytest.mark.parametrize(
    ("named", "missing"), [(None, "no system of a chip 'evening'"), ("SIM4-Q9", "no system 'SIM4-Q9'")]
)
def test_what_system_is_meant_is_not_guessed(tmp_path: Path, named: str | None, missing: str) -> None:
    known = r"\(systems: SIM4-Q3 \(chip SIM4\)\); set QDASH_QUBEX_SYSTEM"
    with pytest.raises(NotFoundError, match=f"there is {missing} .*{known}"):
        folder(configuration(tmp_path)).get_system("evening", named)


def test_two_systems_of_a_chip_are_not_told_apart(tmp_path: Path) -> None:
    configuration(tmp_path)
    write(tmp_path / "config" / "system.yaml", {one: {"chip_id": CHIP, "backend": "quel3"} for one in "AB"})
    with pytest.raises(
        NotFoundError, match=r"there are 2 systems of a chip 'SIM4'.*A \(chip SIM4\), B \(chip SIM4\)"
    ):
        folder(tmp_path).get_system(CHIP)


def test_values_are_in_ghz_whatever_the_unit_of_their_file(tmp_path: Path) -> None:
    system = folder(configuration(tmp_path)).get_system(CHIP)
    assert values(system, "readout_frequency") == pytest.approx({"0": 6.2, "1": 6.25, "2": 6.3})
    assert values(system, "qubit_frequency") == {"0": 4.3415, "1": 4.8056, "2": 4.7922}


def test_a_value_that_is_not_set_is_not_there(tmp_path: Path) -> None:
    configuration(tmp_path)
    parameter(tmp_path, "control_frequency", {"Q0": 4.3, "Q1": None})
    assert values(folder(tmp_path).get_system(CHIP), "qubit_frequency") == {"0": 4.3}


def test_a_value_that_is_not_set_is_the_default_of_its_file(tmp_path: Path) -> None:
    configuration(tmp_path)
    parameter(tmp_path, "readout_amplitude", {"Q0": None, "Q1": 0.2}, default=0.05)
    assert values(folder(tmp_path).get_system(CHIP), "readout_amplitude") == {"0": 0.05, "1": 0.2}


def test_files_of_an_older_folder_are_read_and_newer_ones_win(tmp_path: Path) -> None:
    configuration(tmp_path)
    props = {CHIP: {"control_frequency": {"Q0": 9.9, "Q3": 4.4}, "anharmonicity": {"Q3": -0.3}}}
    write(tmp_path / "params" / SYSTEM / "props.yaml", props)
    known = values(folder(tmp_path).get_system(CHIP), "qubit_frequency")
    assert (known["0"], known["3"]) == (4.3415, 4.4)


def test_the_design_of_a_qubit_is_what_the_files_say_and_qubex_own_usual_values(tmp_path: Path) -> None:
    design = read_design(folder(configuration(tmp_path)).get_system(CHIP))
    assert design["0"] == pytest.approx(
        {
            "qubit_frequency": 4.3415,
            "anharmonicity": -0.33,
            "readout_frequency": 6.2,
            "readout_amplitude": 0.1,
            "control_amplitude": 0.1,
            "readout_length": 384.0,
        }
    )
    assert set(design) == {"0", "1", "2"}


def test_the_boxes_of_a_system_are_those_that_it_is_wired_to(tmp_path: Path) -> None:
    assert folder(configuration(tmp_path)).get_system(CHIP).boxes == ("BOXA",)


@each_case(
    ("path", "content", "said"),
    [
        ("config/chip.yaml", "[1, 2]", r"chip\.yaml is a list"),
        ("config/chip.yaml", "SIM4: {n_qubits: many}", r"n_qubits is 'many'"),
        ("config/system.yaml", "SIM4-Q3: {chip_id: SIM4, backend: quel7}", "neither quel1 nor quel3"),
        (
            f"params/{SYSTEM}/control_frequency.yaml",
            "data: {Q0: fast}",
            r"control_frequency\.yaml, line 1: data\.Q0: .*'fast'",
        ),
        (f"params/{SYSTEM}/control_frequency.yaml", "data: {Q0: [", r"control_frequency\.yaml: not YAML"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, path: str, content: str, said: str) -> None:
    (configuration(tmp_path) / path).write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=said):
        read_design(folder(tmp_path).get_system(CHIP))


@each_case("factory", ["module", "module:", ":name", "a module:name"])
def test_a_controller_is_named_by_module_and_factory(monkeypatch: pytest.MonkeyPatch, factory: str) -> None:
    monkeypatch.setenv("QDASH_QUBEX_CONTROLLER", factory)
    with pytest.raises(InvalidInputError, match="QDASH_QUBEX_CONTROLLER: a factory is module:name"):
        load_qubex_settings()
