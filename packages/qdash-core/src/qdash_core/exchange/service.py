"""Files of a laboratory, brought into a chip or made of it: read, compared, recorded at once or not at all; written."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qdash_core.cancellation import checkpoint
from qdash_core.chips.chip import Chip, read_chip
from qdash_core.chips.events import log_chip
from qdash_core.chips.making import add_chip, chip_of, new_chip
from qdash_core.chips.outcome import keep_design
from qdash_core.chips.wiring import checked
from qdash_core.errors import AccessDeniedError, ConflictError, InvalidInputError, PluginError, StaleError
from qdash_core.exchange.choice import Choice
from qdash_core.exchange.choosing import asking, reader_of, writer_of
from qdash_core.exchange.passing import Arrived, Exported, Incoming
from qdash_core.exchange.recording import Source, record_values
from qdash_core.exchange.unpacking import put
from qdash_core.formats.comparing import Comparison, compared
from qdash_core.models.base import utc_now
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.chips.parts import ChipParts
    from qdash_core.chips.service import ChipService
    from qdash_core.formats.brought import Brought
    from qdash_core.metrics.service import MetricsService
    from qdash_core.models.access import Access
    from qdash_core.models.chip import DesignValues
    from qdash_core.runtime import Runtime

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class ExchangeService:
    """Files of one laboratory.

    Parameters
    ----------
    runtime : Runtime
        Open.
    chips, metrics
        Services of the same store.
    """

    def __init__(self, runtime: Runtime, chips: ChipService, metrics: MetricsService) -> None:
        self._runtime = runtime
        self._chips = chips
        self._metrics = metrics

    def compare(
        self,
        access: Access,
        path: Path,
        *,
        chip_id: str | None = None,
        new_id: str | None = None,
        backend: str | None = None,
        format_name: str | None = None,
        choice: Choice | None = None,
    ) -> Incoming:
        """Return what a file or folder would bring into a chip. Nothing is written.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        path : Path
            What is read.
        chip_id : str or None
            The chip; one that is not there is made, where the file describes one. None: that which the file describes, and
            that is made.
        new_id : str or None
            The id of a chip that is made, in place of `chip_id`.
        backend : str or None
            With what a chip that is made is measured; None: as the file says.
        format_name : str or None
            How it is read; None: by the only format that knows it.
        choice : Choice or None
            What of it is wanted; None: everything.

        Raises
        ------
        NotFoundError
            If there is no such file, backend or chip.
        InvalidInputError
            If it cannot be read, or something in it cannot be; one line that says where.
        ConflictError
            If a chip would be made that there is.
        PluginError
            If the format fails.
        """
        format_ = reader_of(self._runtime.registry, path, format_name)
        named = new_id or chip_id
        there = None if new_id is not None or named is None else self._found(access, named)
        wanted = choice or Choice()
        with asking(format_, f"read {path}"):
            brought = wanted.of_brought(format_.read(path, there))
        checkpoint()
        source = Source(str(path), format_.name)
        if there is not None:
            _check_wiring(brought, there)
            found = compared(brought, there, self._units(), older=wanted.older)
            return Incoming(source, there.header.chip_id, None, brought, found)
        parts, name = self._new(access, brought, named, path)
        measured_by = _backend(parts, backend, path)
        self._runtime.registry.backend(measured_by)
        chip_of(
            access, name, parts, backend=measured_by
        )  # what does not fit together is refused before it is shown
        empty = new_chip(access, name, parts.topology, backend=measured_by)
        # Whatever another QDash had accepted comes with the chip, whether or not its tasks are installed here.
        kept: dict[str, frozenset[str]] = {one: frozenset() for of in parts.values.values() for one in of}
        return Incoming(source, name, measured_by, brought, compared(brought, empty, self._units() | kept))

    def compare_contents(
        self,
        access: Access,
        name: str,
        contents: bytes,
        *,
        chip_id: str,
        format_name: str | None = None,
        choice: Choice | None = None,
    ) -> Incoming:
        """Return what a file, given by name and contents, would bring into a chip that is there; raises as `compare`.

        A ZIP archive is the folder that was packed into it.
        """
        if not _FILE_NAME.fullmatch(name):
            raise InvalidInputError(
                f"{name!r} is no name of a file: letters, digits, '-', '_' and '.', beginning with a letter or digit"
            )
        self._chips.header(access, chip_id)
        with TemporaryDirectory(prefix="qdash-import-") as folder:
            path = put(Path(folder), name, contents)
            try:
                found = self.compare(access, path, chip_id=chip_id, format_name=format_name, choice=choice)
            except InvalidInputError as error:
                raise InvalidInputError(str(error).replace(str(path), name)) from error
        return replace(found, source=replace(found.source, path=name))

    def bring(self, access: Access, incoming: Incoming) -> Arrived:
        """Write what was compared, all or nothing: a chip that is new, design and wiring, and values as results of their own.

        Values have the author who brings them, say from which file and by which format, and are accepted. Those that are the
        same, those that are older unless they are wanted, and those that nobody knows, are left.

        Raises
        ------
        StaleError
            If the chip was changed since it was compared.
        ConflictError
            If a chip would be made that there is by now.
        """
        access.require(ProjectRole.EDITOR)
        checkpoint()
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            if incoming.backend is not None:
                chip = self._make(repositories, access, incoming, incoming.backend)
                comparison = _not_kept(incoming)
            else:
                chip = read_chip(repositories, access.project_id, incoming.chip_id)
                comparison = incoming.comparison
                if compared(incoming.brought, chip, self._units(), older=comparison.older) != comparison:
                    raise StaleError(
                        f"chip {incoming.chip_id} was changed since it was compared: compare it once more"
                    )
                self._change(repositories, access, chip, incoming)
            values = [one for one in comparison.changes if one.kind == "value"]
            execution = (
                record_values(self._runtime, repositories, access, chip, values, incoming.source)
                if values
                else None
            )
        after = self._chips.show(access, incoming.chip_id)
        return Arrived(after, None if execution is None else execution.execution_id)

    def export(self, access: Access, chip_id: str, format_name: str, *, gives_files: bool = True) -> Exported:
        """Return a chip as files of a format.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        chip_id, format_name : str
            What is written, and as what.
        gives_files : bool
            Whether who asks may be given what stands in files of this machine, which some formats copy; False: they are refused.

        Raises
        ------
        AccessDeniedError
            If the format copies such files, and they may not.
        NotFoundError
            If there is no such chip.
        InvalidInputError
            If there is no such format, it does not write, or cannot hold this chip.
        PluginError
            If the format fails.
        """
        format_ = writer_of(self._runtime.registry, format_name)
        if format_.copies_files and not gives_files:
            raise AccessDeniedError(
                f"format {format_name} copies what stands in the laboratory's files on the host: administrators are given it, or "
                "`qdash export` on that machine"
            )
        chip = self._chips.show(access, chip_id)
        with TemporaryDirectory(prefix="qdash-export-") as made, asking(format_, f"write chip {chip_id}"):
            folder = Path(made).resolve()
            written = [(folder / path).resolve() for path in format_.write(chip, folder)]
            if any(folder not in path.parents or not path.is_file() for path in written) or not written:
                raise PluginError(
                    f"format {format_name} names no file, or one that is not in the folder that it was given"
                )
            files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(written)}
        return Exported(files, one_file=format_.one_file and len(files) == 1)

    def _found(self, access: Access, chip_id: str) -> Chip | None:
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            if repositories.chips.find(access.project_id, chip_id) is None:
                return None
            return read_chip(repositories, access.project_id, chip_id)

    def _new(self, access: Access, brought: Brought, named: str | None, path: Path) -> tuple[ChipParts, str]:
        """Return the chip that is to be made, and its id; refuses where the file describes none."""
        if brought.chip is None:
            if named is not None:
                self._runtime.repositories.chips.require(access.project_id, named)
            raise InvalidInputError(f"{path} describes no chip: say with --chip whose values these are")
        name = named or brought.chip.chip_id
        if name is None:
            raise InvalidInputError(f"{path} does not say what its chip is called: --chip does")
        try:
            self._chips.check_new(access, name)
        except ConflictError as error:
            raise ConflictError(f"{error}: `--chip {name}` brings into it what differs") from error
        return brought.chip, name

    def _make(self, repositories: Repositories, access: Access, incoming: Incoming, backend: str) -> Chip:
        assert incoming.brought.chip is not None
        made = chip_of(access, incoming.chip_id, incoming.brought.chip, backend=backend)
        add_chip(repositories, made, username=access.username)
        return made

    def _change(self, repositories: Repositories, access: Access, chip: Chip, incoming: Incoming) -> None:
        """Write design and wiring of a chip that is there, as far as they are others."""
        now = utc_now()
        header, design = chip.header, _design(incoming.comparison)
        if design:
            today = now.astimezone(self._runtime.zone).strftime("%Y%m%d")
            keep_design(repositories, header, design, today=today)
            header = header.changed({}, frozenset(), now=now)
            repositories.chips.put(header)
            log_chip(
                repositories,
                access.project_id,
                header.chip_id,
                "design",
                username=access.username,
                targets=design,
            )
        parts = incoming.brought.chip
        if incoming.comparison.changes_wiring and parts and parts.wiring:
            repositories.chips.put(header.changed({"wiring": parts.wiring}, {"wiring"}, now=now))
            log_chip(repositories, access.project_id, header.chip_id, "wiring", username=access.username)

    def _units(self) -> dict[str, frozenset[str]]:
        """Return the parameters that there are, each with the units in which tasks make or want it."""
        units: dict[str, set[str]] = {}
        for kind in ("qubit", "coupling"):
            for name in self._metrics.file.of(kind):
                units.setdefault(name, set())
        for task in self._runtime.registry.tasks().values():
            for name, made in task.output_parameters.items():
                units.setdefault(name, set()).add(made.unit)
            for name, wanted in task.input_parameters.items():
                units.setdefault(wanted.source or name, set()).add(wanted.unit)
        return {name: frozenset(found) for name, found in units.items()}


def _check_wiring(brought: Brought, chip: Chip) -> None:
    """Refuse a wiring that does not fit a chip that is there."""
    if brought.chip is None or brought.chip.wiring is None:
        return
    try:
        checked(brought.chip.wiring, chip.topology)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"the wiring does not fit chip {chip.header.chip_id}: {error}; --only values,design leaves it out"
        ) from error


def _backend(parts: ChipParts, named: str | None, path: Path) -> str:
    backend = named or parts.backend
    if backend is None:
        raise InvalidInputError(f"{path} does not say with what its chip is measured: --backend does")
    return backend


def _not_kept(incoming: Incoming) -> Comparison:
    """Return of the comparison of a new chip what it was not made with: its values of another QDash keep their origins."""
    assert incoming.brought.chip is not None
    kept = incoming.brought.chip.values
    numbers = (one for one in incoming.comparison.numbers if one.parameter not in kept.get(one.target, {}))
    return replace(incoming.comparison, numbers=tuple(numbers))


def _design(comparison: Comparison) -> dict[str, DesignValues]:
    found: dict[str, DesignValues] = {}
    for one in comparison.changes:
        if one.kind == "design":
            found.setdefault(one.target, {})[one.parameter] = one.brought.value
    return found
