"""File formats for chips: those of QDash, and those of other programs that it reads."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from qdash_builtin.exchange.formats.device_topology import KEYS, read_device_topology
from qdash_builtin.exchange.formats.ibm_properties import IbmProperties
from qdash_builtin.exchange.formats.qibocal_calibration import QibocalCalibration
from qdash_builtin.exchange.formats.value_collector import looks_like
from qdash_builtin.exchange.formats.value_table import is_table, read_table
from qdash_builtin.exchange.views.chip_export import CHIP_FILE, export, export_zip
from qdash_builtin.exchange.zip_archives import unzip
from qdash_builtin.metrics.judged_values import judge_values
from qdash_builtin.metrics.selection import SelectedTargets
from qdash_builtin.metrics.values_in_use import collect_values
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.formats import Format
from qdash_core.hooks.imported_data import ImportedData, InitialValue, InvalidEntriesError
from qdash_core.models.estimates import Parameter
from qdash_core.parsing.limits import CSV, JSON_EXPORT, ZIP
from qdash_core.parsing.text_files import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.exchange.views.chip_export import ExportFormat
    from qdash_core.chips.chip import Chip
    from qdash_core.chips.parts import ChipParts
    from qdash_core.documents.base import Document
    from qdash_core.hooks.usable_device import UsableDevice
    from qdash_core.models.chip_values import ChipValues

_GLANCE = 4096
"""Number of characters read from the beginning of a file to recognize its format."""


class _SingleFileFormat(Format):
    """Base class of formats that write a single file for a chip."""

    one_file = True
    suffix: ClassVar[str]

    def write(self, chip: Chip, folder: Path) -> list[Path]:
        """Write one file, named after the chip."""
        file = folder / f"{chip.header.chip_id}{self.suffix}"
        file.write_bytes(self._contents(chip))
        return [file]

    def _contents(self, chip: Chip) -> bytes:
        format_: ExportFormat = self.name  # type: ignore[assignment]
        return export(chip, _list_values(chip), format_).encode()


class _CompleteFormat(_SingleFileFormat):
    """Base class of formats with all data of a chip, which can be read again."""

    begins: ClassVar[tuple[str, ...]]

    def reads(self, path: Path) -> bool:
        """Return whether a file begins as this format does."""
        if not path.is_file():
            return False
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return file.read(_GLANCE).lstrip().startswith(self.begins)

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        """Return the chip and its values."""
        del chip
        return _read_chip(read_text(path, "chip", size=JSON_EXPORT.size), path.name)


class JsonFormat(_CompleteFormat):
    """JSON format with all data of a chip."""

    name = "json"
    title = "a chip with its values as JSON; imported again it is the same chip"
    suffix = ".json"
    begins = ("{",)

    def reads(self, path: Path) -> bool:
        """Return whether a file is JSON that names a chip near its beginning."""
        return super().reads(path) and '"chip_id"' in path.read_text("utf-8", errors="replace")[:_GLANCE]


class YamlFormat(_CompleteFormat):
    """YAML format with all data of a chip."""

    name = "yaml"
    title = "a chip with its values as YAML"
    suffix = ".yaml"
    begins = ("chip_id:",)


class CsvFormat(_SingleFileFormat):
    """CSV format with the values of a chip."""

    name = "csv"
    title = "its values as a table, one a row"
    suffix = ".csv"

    def reads(self, path: Path) -> bool:
        """Return whether a file begins with the column names."""
        if not path.is_file():
            return False
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return is_table(file.read(_GLANCE))

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        """Return the values of the table."""

        del chip
        return read_table(read_text(path, "values", size=CSV.size), path.name)


class TopologyFile(_SingleFileFormat):
    """File format for the layout of a chip."""

    name = "topology"
    title = "its layout, for `qdash chip create --topology`"
    suffix = "-topology.json"


class DesignFile(_SingleFileFormat):
    """File format for the design values of a chip."""

    name = "design"
    title = "its design values, for `qdash chip create --design`"
    suffix = "-design.json"


class ZipFormat(_SingleFileFormat):
    """ZIP archive with every other format."""

    name = "zip"
    title = "all of these in one archive"
    suffix = ".zip"

    def reads(self, path: Path) -> bool:
        """Return whether a file is such an archive, or a folder is an unpacked one."""
        return self._find_chip(path) is not None

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        """Return the chip and its values, from the complete file in the archive."""
        del chip
        contents = self._find_chip(path)
        if contents is None:
            raise InvalidInputError(f"{path} is no archive with a file {CHIP_FILE}")
        return _read_chip(contents, CHIP_FILE)

    def _find_chip(self, path: Path) -> bytes | None:
        """Return the complete file of the chip, or None if there is none."""
        if path.is_dir():
            file = path / CHIP_FILE
            return file.read_bytes() if file.is_file() else None
        if path.suffix.lower() != self.suffix or not path.is_file() or path.stat().st_size > ZIP.size:
            return None
        with suppress(InvalidInputError):
            return next(
                (one for name, one in unzip(path.read_bytes()).items() if name.name == CHIP_FILE), None
            )
        return None

    def _contents(self, chip: Chip) -> bytes:
        return export_zip(chip, _list_values(chip))


class _DeviceFormat(Format):
    """Base class of formats that write the usable part of a chip as one JSON document."""

    one_file = True

    def write_device(self, device: UsableDevice, folder: Path) -> list[Path]:
        """Write one file, named after the chip and the format."""
        file = folder / f"{device.chip_id}-{self.name}.json"
        file.write_text(self._make_document(device).as_json_text(), encoding="utf-8")
        return [file]

    def _make_document(self, device: UsableDevice) -> Document:
        raise NotImplementedError


class DeviceTopologyFormat(_DeviceFormat):
    """Device file of OQTOPUS' device gateway."""

    name = "device-topology"
    title = "its usable part, for OQTOPUS' device gateway"

    def reads(self, path: Path) -> bool:
        """Return whether a file has the keys of such a device."""
        return looks_like(path, *KEYS)

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        """Return the values of the device, by the numbers of the qubits on the chip."""
        del chip
        return read_device_topology(path)

    def _make_document(self, device: UsableDevice) -> Document:
        from qdash_builtin.exchange.views.device_topology import DeviceTopologyDocument

        return DeviceTopologyDocument.from_device(device)


class DeviceFormat(_DeviceFormat):
    """Usable part of a chip, with the targets left out."""

    name = "device"
    title = "its usable part, and what was left out with the reasons"

    def _make_document(self, device: UsableDevice) -> Document:
        from qdash_builtin.exchange.views.devices import DeviceDocument

        return DeviceDocument.from_device(device)


FORMATS = (
    JsonFormat(),
    YamlFormat(),
    CsvFormat(),
    TopologyFile(),
    DesignFile(),
    ZipFormat(),
    DeviceTopologyFormat(),
    DeviceFormat(),
    IbmProperties(),
    QibocalCalibration(),
)


def _list_values(chip: Chip) -> ChipValues:
    selected_targets = SelectedTargets(tuple(chip.qubits), tuple(chip.couplings))
    values = collect_values(chip.qubits.values(), chip.couplings.values(), selected_targets)
    return judge_values(values, chip.judgement)


def _read_chip(exported: str | bytes, file: str) -> ImportedData:
    from qdash_builtin.chips.exported_chip import InvalidValuesError, parse_export, validate_parts

    errors: list[tuple[int, str]] = []
    try:
        chip = parse_export(exported)
    except InvalidValuesError as invalid:
        errors, chip = invalid.errors, invalid.chip
    except InvalidInputError as error:
        raise InvalidInputError(f"{file}: {error}") from error
    parts = validate_parts(chip)
    imported = ImportedData(parts, _make_initial_values(parts, file))
    if errors:
        raise InvalidEntriesError([(file, line, said) for line, said in errors], imported)
    return imported


def _make_initial_values(parts: ChipParts, file: str) -> dict[str, dict[str, InitialValue]]:
    return {
        target: {
            name: InitialValue(
                Parameter(known.value, known.error, known.unit),
                file,
                f"{'couplings' if '-' in target else 'qubits'}.{target}.{name}",
                known.calibrated_at,
            )
            for name, known in values.items()
        }
        for target, values in parts.values.items()
    }
