"""Service for import and export: read, compare and record files atomically, and write them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qdash_builtin.chips.design_writing import write_design
from qdash_builtin.chips.new_chip import add_chip, make_described_chip, make_new_chip
from qdash_builtin.exchange.chip_writing import choose_writer, write_chip
from qdash_builtin.exchange.device_request import WHOLE_CHIP
from qdash_builtin.exchange.device_selection import describe_device
from qdash_builtin.exchange.format_detection import convert_format_errors, find_reader
from qdash_builtin.exchange.formats.comparison import ChipComparison, compare_with_chip
from qdash_builtin.exchange.import_filter import ImportFilter
from qdash_builtin.exchange.import_gate import read_admitted
from qdash_builtin.exchange.import_record import ImportSource, record_values
from qdash_builtin.exchange.import_result import ExportedFiles, ImportPreview, ImportResult
from qdash_builtin.exchange.uploads import unpack_if_archive, write_upload
from qdash_builtin.values.gate import ValueGate
from qdash_core.chips.chip import Chip, read_chip
from qdash_core.chips.wiring import validate_wiring
from qdash_core.errors import ConflictError, InvalidInputError, QDashError, StaleError
from qdash_core.models.project import ProjectRole
from qdash_core.models.times import format_day
from qdash_core.process.cancellation import checkpoint
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_builtin.chips.service import ChipService
    from qdash_builtin.exchange.device_request import DeviceRequest
    from qdash_builtin.metrics.service import MetricsService
    from qdash_core.chips.parts import ChipParts
    from qdash_core.hooks.formats import Format
    from qdash_core.hooks.imported_data import ImportedData
    from qdash_core.hooks.usable_device import UsableDevice
    from qdash_core.models.access import Access
    from qdash_core.models.chip import DesignValues
    from qdash_core.runtime.runtime import Runtime


class ExchangeService:
    """Import and export service of one store."""

    def __init__(self, runtime: Runtime, chips: ChipService, metrics: MetricsService) -> None:
        self._runtime = runtime
        self._chips = chips
        self._metrics = metrics

    def list_formats(self, access: Access) -> list[Format]:
        """Return the installed formats that read or write chips."""
        del access  # they are the same in every project
        formats = self._runtime.registry.formats().values()
        return [one for one in formats if one.is_reader or one.is_writer]

    def compare(
        self,
        access: Access,
        path: Path,
        *,
        chip_id: str | None = None,
        new_id: str | None = None,
        backend: str | None = None,
        format_name: str | None = None,
        choice: ImportFilter | None = None,
    ) -> ImportPreview:
        """Return a preview of the import of a file or folder, or of the folder in a ZIP archive. Nothing is written.

        Parameters
        ----------
        chip_id : str or None
            The chip; if it does not exist, it is created if the file describes a chip. None for a new chip
            with the id in the file.
        new_id : str or None
            The id of a new chip, instead of `chip_id`.
        backend : str or None
            Backend of a new chip, or None for the backend in the file.
        format_name : str or None
            Format of the file, or None for the only format that recognizes it.
        choice : ImportFilter or None
            Import filter, or None for everything.

        Raises
        ------
        NotFoundError
            If there is no such file, backend or chip.
        InvalidInputError
            If the file cannot be read or has an invalid entry; the message is one line with the place.
        ConflictError
            If the new chip exists already.
        PluginError
            If the format fails.
        """
        named = new_id or chip_id
        there = None if new_id is not None or named is None else self._find_chip(access, named)
        wanted = choice or ImportFilter()
        with unpack_if_archive(path) as unpacked:
            format_ = find_reader(self._runtime.registry, unpacked, format_name)
            with convert_format_errors(format_, f"read {path}"):
                gate = ValueGate(self._runtime.registry.quantities(), utc_now())
                imported = read_admitted(lambda: format_.read(unpacked, there), wanted, gate, unpacked)
        checkpoint()
        source = ImportSource(str(path), format_.name)
        if there is not None:
            _check_wiring(imported, there)
            found = self._compare(imported, there, older=wanted.older)
            return ImportPreview(source, there.header.chip_id, None, imported, found)
        parts, name = self._make_new_chip(access, imported, named, path)
        measured_by = _choose_backend(parts, backend, path)
        self._runtime.require_backend(measured_by)
        make_described_chip(
            access, name, parts, backend=measured_by
        )  # contradictory data are rejected before the preview
        empty = make_new_chip(access, name, parts.topology, backend=measured_by)
        # Values that another QDash accepted come with the chip, even if their tasks are not installed here.
        kept = {name for values in parts.values.values() for name in values}
        return ImportPreview(
            source,
            name,
            measured_by,
            imported,
            compare_with_chip(imported, empty, self._collect_names() | kept),
        )

    def compare_contents(
        self,
        access: Access,
        name: str,
        contents: bytes,
        *,
        source: str = "",
        chip_id: str | None = None,
        new_id: str | None = None,
        backend: str | None = None,
        format_name: str | None = None,
        choice: ImportFilter | None = None,
    ) -> ImportPreview:
        """Return a preview of the import of uploaded contents; raise as `compare`.

        A ZIP archive stands for the folder that it contains. The record and messages name `source`, or the file.
        """
        shown = source or name
        with TemporaryDirectory(prefix="qdash-import-") as folder:
            path = write_upload(Path(folder), name, contents)
            try:
                found = self.compare(
                    access,
                    path,
                    chip_id=chip_id,
                    new_id=new_id,
                    backend=backend,
                    format_name=format_name,
                    choice=choice,
                )
            except QDashError as error:
                error.args = (str(error).replace(str(path), shown),)
                raise
        return replace(found, source=replace(found.source, path=shown))

    def perform_import(
        self, access: Access, incoming: ImportPreview, *, basis: str | None = None
    ) -> ImportResult:
        """Perform an import atomically: a new chip, design and wiring, and values as task results.

        The results record the author, the file and the format, and are accepted. Equal and unknown values are
        skipped, and older ones unless the filter includes them.

        Parameters
        ----------
        basis : str or None
            `ImportPreview.basis` of the comparison that the caller has seen, or None for this one.

        Raises
        ------
        StaleError
            If the chip or the file was changed since the comparison.
        ConflictError
            If the new chip exists by the time of the import.
        """
        access.require(ProjectRole.EDITOR)
        checkpoint()
        changed = f"chip {incoming.chip_id} was changed since it was compared: compare it once more"
        if basis not in (None, incoming.basis):
            raise StaleError(changed)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            if incoming.backend is not None:
                chip = self._make(repositories, access, incoming, incoming.backend)
                comparison = _omit_recorded_values(incoming)
            else:
                chip = read_chip(repositories, access.project_id, incoming.chip_id)
                comparison = incoming.comparison
                if self._compare(incoming.imported, chip, older=comparison.older) != comparison:
                    raise StaleError(changed)
                self._change(repositories, access, chip, incoming)
            values = [one for one in comparison.changes if one.kind == "value"]
            execution = (
                record_values(
                    self._runtime,
                    repositories,
                    access,
                    chip,
                    values,
                    incoming.source,
                    comparison.warnings,
                )
                if values
                else None
            )
        after = self._chips.show(access, incoming.chip_id)
        return ImportResult(after, None if execution is None else execution.execution_id)

    def describe_device(self, access: Access, chip_id: str, request: DeviceRequest) -> UsableDevice:
        """Return the usable part of a chip, and the targets left out.

        Raises
        ------
        NotFoundError
            If there is no such chip, or it has no qubit or coupling that the request names.
        InvalidInputError
            If no qubit is usable.
        """
        return describe_device(self._metrics.get_judged_chip(access, chip_id), request, now=utc_now())

    def export(
        self,
        access: Access,
        chip_id: str,
        format_name: str,
        request: DeviceRequest = WHOLE_CHIP,
        *,
        gives_files: bool = True,
    ) -> ExportedFiles:
        """Return a chip as files in a format.

        Parameters
        ----------
        request : DeviceRequest
            Limits and exclusions, for formats that write devices.
        gives_files : bool
            Whether the caller may receive contents of files on this machine, which some formats copy; False
            refuses such formats.

        Raises
        ------
        AccessDeniedError
            If the format copies such files, and the caller may not receive them.
        NotFoundError
            If there is no such chip, or it has no qubit or coupling that the request names.
        InvalidInputError
            If there is no such format, it cannot write, it cannot represent this chip, or it writes the whole
            chip and there is a request.
        PluginError
            If the format fails.
        """
        format_ = choose_writer(self._runtime.registry, format_name, gives_files=gives_files)
        return write_chip(self._metrics.get_judged_chip(access, chip_id), format_, request, now=utc_now())

    def _find_chip(self, access: Access, chip_id: str) -> Chip | None:
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            if repositories.of(ChipRepository).find(access.project_id, chip_id) is None:
                return None
            return read_chip(repositories, access.project_id, chip_id)

    def _make_new_chip(
        self, access: Access, imported: ImportedData, named: str | None, path: Path
    ) -> tuple[ChipParts, str]:
        """Return the parts and the id of a new chip; raise InvalidInputError if the file describes none."""
        if imported.chip is None:
            if named is not None:
                self._runtime.repositories.of(ChipRepository).require(access.project_id, named)
            raise InvalidInputError(f"{path} describes no chip: name the chip of these values with --chip")
        name = named or imported.chip.chip_id
        if name is None:
            raise InvalidInputError(f"{path} does not name its chip: name it with --chip")
        try:
            self._chips.check_new(access, name)
        except ConflictError as error:
            raise ConflictError(f"{error}: `--chip {name}` imports the differences") from error
        return imported.chip, name

    def _make(
        self, repositories: Repositories, access: Access, incoming: ImportPreview, backend: str
    ) -> Chip:
        assert incoming.imported.chip is not None
        made = make_described_chip(access, incoming.chip_id, incoming.imported.chip, backend=backend)
        today = format_day(utc_now(), self._runtime.zone)
        add_chip(repositories, made, username=access.username, today=today, source=incoming.source.path)
        return made

    def _change(
        self, repositories: Repositories, access: Access, chip: Chip, incoming: ImportPreview
    ) -> None:
        """Write the design and the wiring of an existing chip where they differ."""
        now = utc_now()
        header, design = chip.header, _collect_design(incoming.comparison)
        if design:
            today = format_day(now, self._runtime.zone)
            header = write_design(
                repositories, header, design, username=access.username, today=today, now=now
            )
        parts = incoming.imported.chip
        if incoming.comparison.changes_wiring and parts and parts.wiring:
            repositories.of(ChipRepository).put(
                header.with_validated_changes({"wiring": parts.wiring}, {"wiring"}, now=now)
            )
            log_chip(repositories, access.project_id, header.chip_id, "wiring", username=access.username)

    def _compare(self, imported: ImportedData, chip: Chip, *, older: bool) -> ChipComparison:
        """Return the comparison of imported data with an existing chip."""
        definitions = self._runtime.registry.quantities()
        return compare_with_chip(imported, chip, self._collect_names(), definitions=definitions, older=older)

    def _collect_names(self) -> set[str]:
        """Return the names of the known parameters."""
        of_metrics = (self._metrics.file.get_metrics(kind) for kind in ("qubit", "coupling"))
        return {*self._runtime.registry.quantities(), *(name for names in of_metrics for name in names)}


def _check_wiring(imported: ImportedData, chip: Chip) -> None:
    """Raise InvalidInputError if the wiring does not fit an existing chip."""
    if imported.chip is None or imported.chip.wiring is None:
        return
    try:
        validate_wiring(imported.chip.wiring, chip.topology)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"the wiring does not fit chip {chip.header.chip_id}: {error}; leave it out with --only values,design"
        ) from error


def _choose_backend(parts: ChipParts, named: str | None, path: Path) -> str:
    backend = named or parts.backend
    if backend is None:
        raise InvalidInputError(f"{path} does not name the backend of its chip: name it with --backend")
    return backend


def _omit_recorded_values(incoming: ImportPreview) -> ChipComparison:
    """Return the comparison without values that come recorded with a new chip and keep their origins."""
    assert incoming.imported.chip is not None
    kept = incoming.imported.chip.values
    numbers = (one for one in incoming.comparison.numbers if one.parameter not in kept.get(one.target, {}))
    return replace(incoming.comparison, numbers=tuple(numbers))


def _collect_design(comparison: ChipComparison) -> dict[str, DesignValues]:
    found: dict[str, DesignValues] = {}
    for one in comparison.changes:
        if one.kind == "design":
            found.setdefault(one.target, {})[one.parameter] = one.imported.value
    return found
