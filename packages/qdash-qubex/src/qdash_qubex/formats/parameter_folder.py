"""Configuration folder of qubex as a format: chip, wiring and parameters of one system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core import (
    Format,
    ImportedData,
    InitialValue,
    InvalidEntriesError,
    InvalidInputError,
    NotFoundError,
    Parameter,
    SkippedEntry,
    get_control_qubit,
)
from qdash_qubex.folder import ConfigurationFolder, check_configuration_file
from qdash_qubex.formats.layout import make_chip, make_files
from qdash_qubex.formats.systems import select_system
from qdash_qubex.names import Names
from qdash_qubex.parameter_files import check_parameter_file, collect_parameters, find_controls
from qdash_qubex.parameter_writing import make_parameter_files
from qdash_qubex.parameters import FILE_PARAMETERS, explain_omission
from qdash_qubex.settings import load_qubex_settings

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from qdash_core.chips import Chip
    from qdash_qubex.parameter_files import FileValue
    from qdash_qubex.system_config import QubexSystem

_QUANTITIES = tuple(f"{file}.yaml" for one in FILE_PARAMETERS.values() for file in one.files)
_EXPORT_BEGINS = b"chip_id:"


class QubexParameters(Format):
    """The folder `params/SYSTEM`, with `chip.yaml` and `wiring.yaml` where the whole configuration is given.

    The laboratory's own files, if its configuration has a system for the chip, are copied with the numbers of QDash:
    comments, other keys and the units of files stay.
    """

    name = "qubex-params"
    title = "configuration folder of qubex: chip, wiring and parameter files of a system"
    copies_files = True
    for_use = True

    def reads(self, path: Path) -> bool:
        """Return whether a path is a folder with a chip.yaml or with parameter files of qubex."""
        if not path.is_dir():
            return False
        whole = any(map(_is_chip_file, (path / "config" / "chip.yaml", path / "chip.yaml")))
        return whole or _has_quantities(path) or any(map(_has_quantities, path.glob("params/*")))

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        """Return chip, wiring and values of the selected system; see `Format.read`."""
        system, whole = select_system(path, chip)
        values, skipped, problems = collect_parameters(system)
        controls, values, both = find_controls(values)
        below = os.path.relpath(system.params, path)
        told = [SkippedEntry(_place(below, one.file), one.key, one.why) for one in (*skipped, *both)]
        layout = make_chip(system, controls) if whole else None
        if layout is not None:
            told += [SkippedEntry(_place("config", one.file), one.key, one.why) for one in layout.skipped]
        parts = None if layout is None else layout.parts
        imported = ImportedData(parts, _collect_initial_values(values, below), tuple(told))
        if problems:
            raise InvalidEntriesError(problems, imported)
        return imported

    def check_file(self, path: PurePosixPath, text: str) -> bool:
        """Validate a parameter file, a chip.yaml or a system.yaml; see `Format.check_file`."""
        from qdash_core.parsing.yaml_parser import parse_yaml  # only a reader of such a file needs PyYAML

        if path.name not in (*_QUANTITIES, "chip.yaml", "system.yaml"):
            return False  # most files of a root are not of the library: they are not parsed a second time
        try:
            content = parse_yaml(text)
        except InvalidInputError:
            return False  # tags, merge keys and further documents have a meaning for the library that is unknown here
        if not isinstance(content, Mapping):
            return False
        return check_parameter_file(path, content) or check_configuration_file(path.name, content)

    def write(self, chip: Chip, folder: Path) -> list[Path]:
        """Write the changed parameter files, and the files that describe a chip unknown to qubex.

        Raises InvalidInputError, a line with the name, if nothing changes, a file cannot be read, or a value or the
        chip does not fit.
        """
        known = _find_system(chip)
        system_id = chip.header.chip_id if known is None else known.system_id
        # Without a configuration there is no file to preserve.
        params = folder / "params" / system_id if known is None else known.params
        texts = make_parameter_files(
            params,
            {
                target: {name: Parameter(one.value, one.error, one.unit) for name, one in model.data.items()}
                for target, model in {**chip.qubits, **chip.couplings}.items()
            },
            Names(chip.header.size),
            controls={coupling: get_control_qubit(model) for coupling, model in chip.couplings.items()},
        )
        # The folder has the layout of the laboratory's: params/SYSTEM or SYSTEM/params.
        files = {Path(*params.parts[-2:], name): text for name, text in texts.items()}
        if known is None:
            files |= {Path("config", name): text for name, text in make_files(chip).items()}
        if not files:
            raise InvalidInputError(
                f"{params} already has all values of chip {chip.header.chip_id} that it can hold{_list_omitted(chip)}"
            )
        return [_read_written(folder / path, text) for path, text in sorted(files.items())]


def _find_system(chip: Chip) -> QubexSystem | None:
    """Return the system of a chip, or None if the laboratory's configuration has none."""
    settings, chip_id = load_qubex_settings(), chip.header.chip_id
    try:
        system = ConfigurationFolder.find(settings, chip_id).get_system(chip_id, settings.system)
    except NotFoundError:
        return None
    if system.n_qubits != chip.header.size:
        raise InvalidInputError(
            f"chip {chip_id} has {chip.header.size} qubits, but {system.chip_id} in qubex's configuration has "
            f"{system.n_qubits}: set QDASH_QUBEX_SYSTEM to the right system"
        )
    return system


def _list_omitted(chip: Chip) -> str:
    """Return the values that no parameter file can hold, with the reasons."""
    names = {name for model in (*chip.qubits.values(), *chip.couplings.values()) for name in model.data}
    reasons: dict[str, list[str]] = {}
    for name in sorted(names - FILE_PARAMETERS.keys()):
        reasons.setdefault(explain_omission(name), []).append(name)
    return "".join(f"; {', '.join(those)}: {why}" for why, those in reasons.items())


def _is_chip_file(path: Path) -> bool:
    """Return whether a file describes chips by their ids, unlike the chip.yaml of an archive that QDash exports."""
    return path.is_file() and not path.read_bytes().startswith(_EXPORT_BEGINS)


def _has_quantities(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _QUANTITIES)


def _place(folder: str, file: str) -> str:
    return Path(folder, file).as_posix()


def _collect_initial_values(values: list[FileValue], below: str) -> dict[str, dict[str, InitialValue]]:
    seeds: dict[str, dict[str, InitialValue]] = {}
    for one in values:
        parameter = Parameter(one.value, None, FILE_PARAMETERS[one.name].unit)
        seeds.setdefault(one.target, {})[one.name] = InitialValue(parameter, _place(below, one.file), one.key)
    return seeds


def _read_written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
