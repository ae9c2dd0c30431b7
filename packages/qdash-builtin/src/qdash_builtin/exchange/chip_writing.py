"""Writing of a chip, present or of a release, as files in a format."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qdash_builtin.exchange.device_request import WHOLE_CHIP
from qdash_builtin.exchange.device_selection import describe_device, describe_unfitness
from qdash_builtin.exchange.format_detection import convert_format_errors, find_writer
from qdash_builtin.exchange.import_result import ExportedFiles
from qdash_core.errors import AccessDeniedError, InvalidInputError, PluginError
from qdash_core.hooks.usable_device import LeftOut
from qdash_core.models.simulated_time import FILE, describe_simulated_time, get_simulated_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from qdash_builtin.exchange.device_request import DeviceRequest
    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.formats import Format
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.chip import CouplingModel, QubitModel


def choose_writer(registry: Registry, format_name: str, *, gives_files: bool) -> Format:
    """Return a format that can write.

    Raises
    ------
    InvalidInputError
        If there is no such format, or it cannot write.
    AccessDeniedError
        If it copies files of this machine, and the caller may not receive them (`gives_files`).
    """
    format_ = find_writer(registry, format_name)
    if format_.copies_files and not gives_files:
        raise AccessDeniedError(
            f"format {format_name} copies what stands in the laboratory's files on the host: administrators are given it, or "
            "`qdash export` on that machine"
        )
    return format_


def write_chip(chip: Chip, format_: Format, request: DeviceRequest, *, now: datetime) -> ExportedFiles:
    """Return a chip, or its usable part if the format writes devices, as files in a format.

    Raises
    ------
    NotFoundError
        If the request names a qubit or coupling that the chip does not have.
    InvalidInputError
        If the format cannot represent the chip, no qubit of it is usable, or a format of whole chips is given a
        request.
    PluginError
        If the format fails.
    """
    if format_.writes_devices:
        device = describe_device(chip, request, now=now)
        return replace(_write_files(chip, format_, partial(format_.write_device, device)), device=device)
    if format_.for_use and replace(request, with_unfit=False) == WHOLE_CHIP:
        left_out = _list_unfit(chip, with_unfit=request.with_unfit)
        without = {one.target for one in left_out}
        unfit = tuple(one for one in _list_unfit(chip) if one.target not in without)
        kept = _remove_values(chip, without)
        return replace(
            _write_files(kept, format_, partial(format_.write, kept)), left_out=left_out, unfit=unfit
        )
    if request != WHOLE_CHIP:
        raise InvalidInputError(
            f"format {format_.name} writes the whole chip: limits and exclusions are for formats of devices, such as device-topology"
        )
    return _write_files(chip, format_, partial(format_.write, chip))


def _list_unfit(chip: Chip, *, with_unfit: bool = False) -> tuple[LeftOut, ...]:
    """Return the targets with values that may not be used, with the reasons; if unfit ones are requested, only those that users set aside."""
    targets: list[QubitModel | CouplingModel] = [*chip.qubits.values(), *chip.couplings.values()]
    return tuple(
        LeftOut(target.qid, reason)
        for target in targets
        if target.data and (reason := describe_unfitness(chip, target, with_unfit=with_unfit)) is not None
    )


def _remove_values(chip: Chip, targets: Collection[str]) -> Chip:
    """Return a chip without the values of some targets."""
    none: dict[str, object] = {"data": {}}
    return replace(
        chip,
        qubits={q: one.model_copy(update=none) if q in targets else one for q, one in chip.qubits.items()},
        couplings={
            q: one.model_copy(update=none) if q in targets else one for q, one in chip.couplings.items()
        },
    )


def _write_files(chip: Chip, format_: Format, write: Callable[[Path], list[Path]]) -> ExportedFiles:
    with (
        TemporaryDirectory(prefix="qdash-export-") as made,
        convert_format_errors(format_, f"write chip {chip.header.chip_id}"),
    ):
        folder = Path(made).resolve()
        written = [(folder / path).resolve() for path in write(folder)]
        if any(folder not in path.parents or not path.is_file() for path in written) or not written:
            raise PluginError(
                f"format {format_.name} names no file, or one that is not in the folder that it was given"
            )
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(written)}
    one_file = format_.one_file and len(files) == 1
    if not one_file and (moment := get_simulated_time()) is not None:
        files[FILE] = f"{describe_simulated_time(moment, UTC)}\n".encode()
    return ExportedFiles(files, one_file=one_file)
