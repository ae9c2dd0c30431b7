"""Import previews, import results and exported files."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_builtin.exchange.formats.comparison import ChipComparison
    from qdash_builtin.exchange.import_record import ImportSource
    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.imported_data import ImportedData
    from qdash_core.hooks.usable_device import LeftOut, UsableDevice


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """Preview of an import.

    Parameters
    ----------
    chip_id : str
        The chip that the import changes or creates.
    backend : str or None
        Backend of a chip that the import creates, or None if the chip exists.
    imported : ImportedData
        The imported data after the filter.
    """

    source: ImportSource
    chip_id: str
    backend: str | None
    imported: ImportedData
    comparison: ChipComparison

    @property
    def makes_a_chip(self) -> bool:
        """True if the import creates the chip."""
        return self.backend is not None

    @property
    def basis(self) -> str:
        """Checksum of the comparison, which changes with the numbers of the file and of the chip."""
        return sha256(repr((self.chip_id, self.backend, self.comparison)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Result of an import.

    `execution_id` is that of the execution that records the values, or None if no value was imported, or a new chip came with its own
    recorded values.
    """

    chip: Chip
    execution_id: str | None


@dataclass(frozen=True, slots=True)
class ExportedFiles:
    """A chip as files.

    Parameters
    ----------
    files : dict of str to bytes
        Contents by path relative to the output folder, in order of path.
    one_file : bool
        Whether the format always writes one file, with any name.
    device : UsableDevice or None
        The exported part of the chip, or None if the format writes the whole chip.
    left_out : tuple of LeftOut
        Targets whose values a format for use, which writes no device, does not have.
    unfit : tuple of LeftOut
        Unfit targets whose values it has, as requested, with the reasons.
    """

    files: dict[str, bytes]
    one_file: bool
    device: UsableDevice | None = None
    left_out: tuple[LeftOut, ...] = ()
    unfit: tuple[LeftOut, ...] = ()

    @property
    def notes(self) -> tuple[LeftOut, ...]:
        """Notes on exported targets: why unfit ones may not be used, and on a device which values are not trusted."""
        return self.unfit if self.device is None else self.device.notes

    def pack(self, name: str) -> tuple[str, bytes]:
        """Return file name and contents: the only file, otherwise a ZIP archive with a folder `name`."""
        if self.one_file:
            return next(iter(self.files.items()))
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, contents in self.files.items():
                archive.writestr(f"{name}/{path}", contents)
        return f"{name}.zip", buffer.getvalue()
