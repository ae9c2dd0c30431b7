"""View models of imported and exported files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import AliasPath, ConfigDict, Field

from qdash_builtin.exchange.views.devices import LeftOutDocument
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_builtin.exchange.import_result import ExportedFiles, ImportPreview, ImportResult

StandingText = Literal["new", "differs", "older", "same", "unknown"]


class FormatDocument(Document):
    """A format of files for the import or export of chips."""

    name: str
    title: str
    is_reader: bool
    """True if files of this format can be imported."""
    is_writer: bool
    """True if chips can be exported in this format."""
    writes_devices: bool
    """True if it writes the usable part of a chip, within limits."""
    copies_files: bool
    """True if it copies files of the host, which only administrators may receive."""


class ComparedNumber(Document):
    """A number with its error and time; the value is absent if a design value is recorded as absent."""

    value: float | int | None = None
    error: float | None = None
    measured_at: UtcDatetime | None = None


class ComparedDocument(Document):
    """A number of an imported file beside the chip's number."""

    kind: Literal["value", "design"]
    target: str
    parameter: str
    unit: str
    standing: StandingText
    file: ComparedNumber = Field(validation_alias=AliasPath("imported"))
    chip: ComparedNumber | None = Field(default=None, validation_alias=AliasPath("had"))
    """Absent if the chip has no number."""
    sigmas: float | None = None
    """Difference of the two numbers, in standard deviations of the difference."""
    place: str
    """Place in the files, such as a key."""
    why: OmitEmpty[str] = None
    """Reason if the standing is unknown."""


class IgnoredEntryDocument(Document):
    """An entry of a file that was ignored, with the reason."""

    file: str
    key: str
    why: str


class ImportDocument(Document):
    """Comparison of a file with a chip, and the result of the import."""

    chip_id: str
    makes_a_chip: bool
    path: str
    format: str
    written: bool
    """True if the file was imported: all new and different numbers, and older ones on request."""
    execution_id: str | None = None
    """The execution that records the imported values."""
    numbers: list[ComparedDocument]
    n_changes: int
    """Number of these numbers that the import writes."""
    wiring: StandingText | None = None
    changes_wiring: bool
    """True if the import writes the wiring."""
    layout: OmitEmpty[str] = None
    """Difference between the files and the chip in qubits or couplings, if any."""
    not_understood: list[IgnoredEntryDocument]
    warnings: OmitEmpty[list[str]] = None
    """Imported values that are far from those in use, and contradictions with others of their target."""
    basis: str
    """Checksum of the comparison: an import with it is refused if the file or the chip has changed since."""

    @property
    def changes_something(self) -> bool:
        """True if the import changes or makes the chip."""
        return self.makes_a_chip or bool(self.n_changes) or self.changes_wiring

    @classmethod
    def from_preview(cls, incoming: ImportPreview, arrived: ImportResult | None = None) -> Self:
        """Return the view model of an import, or of its preview."""
        found = incoming.comparison
        return cls.from_record(
            incoming,
            path=incoming.source.path,
            format=incoming.source.format,
            written=arrived is not None,
            execution_id=None if arrived is None else arrived.execution_id,
            numbers=found.numbers,
            n_changes=len(found.changes),
            wiring=found.wiring,
            changes_wiring=found.changes_wiring,
            layout=found.layout,
            not_understood=found.not_understood,
            warnings=list(found.warnings),
        )


class ExportedDeviceDocument(Document):
    """Size of an exported device."""

    device_id: str
    chip_id: str
    n_qubits: int
    n_couplings: int


class ExportedFilesDocument(Document):
    """A chip as files, with the targets that they leave out and notes on others."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    files: dict[str, bytes]
    """Contents by path relative to the output folder, in order of path."""
    one_file: bool
    """True if the format always writes one file, with any name."""
    device: ExportedDeviceDocument | None = None
    """The exported part of the chip; absent if the format writes the whole chip."""
    left_out: list[LeftOutDocument]
    """Targets that a format for use does not have, with the reasons."""
    notes: list[LeftOutDocument]
    """Notes on exported targets: why unfit ones may not be used, and on a device which values are not trusted."""

    @classmethod
    def from_files(cls, exported: ExportedFiles) -> Self:
        """Return the view model of exported files."""
        device = exported.device
        left_out = exported.left_out if device is None else device.left_out
        size = None
        if device is not None:
            size = ExportedDeviceDocument.from_record(
                device, n_qubits=len(device.qubits), n_couplings=len(device.couplings)
            )
        return cls(
            files=exported.files,
            one_file=exported.one_file,
            device=size,
            left_out=[LeftOutDocument.from_record(one) for one in left_out],
            notes=[LeftOutDocument.from_record(one) for one in exported.notes],
        )


class ExportDocument(Document):
    """The files to which a chip was written."""

    chip_id: str
    format: str
    files: list[str]
    notes: list[LeftOutDocument]
    """Notes on exported targets: why unfit ones may not be used, and on a device which values are not trusted."""
