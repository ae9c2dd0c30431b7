"""Selection of a qubex system from a whole configuration or from a folder of parameter files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import InvalidInputError
from qdash_qubex.folder import ConfigurationFolder
from qdash_qubex.settings import load_qubex_settings
from qdash_qubex.system_config import QubexSystem

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.chips import Chip


def select_system(path: Path, chip: Chip | None) -> tuple[QubexSystem, bool]:
    """Return the selected system, and whether a configuration describes its chip.

    Parameters
    ----------
    path : Path
        Root of a configuration, its `config/`, or a parameter folder, within a configuration or alone.
    chip : Chip or None
        Chip that receives the data, if there is one: the system may have its name, and parameter files alone do not state
        the number of qubits.

    Raises InvalidInputError with the systems if none can be selected.
    """
    if not path.is_dir():
        raise InvalidInputError(f"{path} is a file: qubex's parameters are in a folder")
    named = load_qubex_settings().system
    folder = _find_configuration(path)
    if folder is not None:
        inside = path.name if path.parent.name == "params" else None
        return _choose_system(folder, chip, inside or named), True
    if chip is None:
        raise InvalidInputError(
            f"{path} has no chip.yaml, so the number of qubits is unknown: name an existing chip with --chip"
        )
    return _make_system(path, chip, named), False


def _find_configuration(path: Path) -> ConfigurationFolder | None:
    """Return the configuration that contains a folder; older configurations have a folder for each chip."""
    for root in (path, path.parent, path.parent.parent):
        config = root / "config"
        if (config / "chip.yaml").is_file():
            of_chip = any((root / "params").glob("*.yaml"))
            return ConfigurationFolder(root.parent if of_chip else root, config)
    if (path / "chip.yaml").is_file():
        return ConfigurationFolder(path.parent, path)
    return None


def _choose_system(folder: ConfigurationFolder, chip: Chip | None, named: str | None) -> QubexSystem:
    systems = folder.list_systems()
    if named is None and len(systems) == 1:
        return next(iter(systems.values()))
    if chip is not None or named is not None:
        return folder.get_system("" if chip is None else chip.header.chip_id, named)
    known = ", ".join(f"{one.system_id} (chip {one.chip_id})" for one in systems.values()) or "none"
    raise InvalidInputError(
        f"{folder.root} has several systems ({known}): name the parameter folder of one, or set QDASH_QUBEX_SYSTEM"
    )


def _make_system(path: Path, chip: Chip, named: str | None) -> QubexSystem:
    chip_id = chip.header.chip_id
    below = [one for one in sorted((path / "params").glob("*")) if one.is_dir()]
    fitting = [one for one in below if one.name == (named or chip_id)] or below
    if len(fitting) > 1:
        raise InvalidInputError(
            f"{path / 'params'} has several folders ({', '.join(one.name for one in fitting)}): name one of them"
        )
    params = fitting[0] if fitting else path
    return QubexSystem(params.name, chip_id, "quel1", chip.header.size, (), params)
