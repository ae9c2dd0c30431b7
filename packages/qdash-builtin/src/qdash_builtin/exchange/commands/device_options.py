"""Options that limit the exported part of a chip, for formats of devices."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from qdash_cli.rendering.output import format_count, print_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.exchange.requests.exports import ExportQuery
    from qdash_builtin.exchange.views.exchange import ExportedFilesDocument

_CHOICES = (
    click.option("--device-name", metavar="NAME", help="Name of the device; default: the chip's."),
    click.option("--device-id", metavar="ID", help="Id of the device; default: the chip's."),
    click.option("--qids", metavar="0-3,7,..", help="Only these qubits and ranges, for a device."),
    click.option(
        "--exclude",
        multiple=True,
        metavar="0..3,8-9",
        help="Without these qubits and couplings, for a device.",
    ),
    click.option("--min-qubit-fidelity", type=float, metavar="F", help="Lowest X90 fidelity, for a device."),
    click.option(
        "--min-readout-fidelity", type=float, metavar="F", help="Lowest mean readout fidelity, for a device."
    ),
    click.option(
        "--min-coupling-fidelity", type=float, metavar="F", help="Lowest ZX90 fidelity, for a device."
    ),
    click.option("--max-age", metavar="24h", help="Highest age of measured values, for a device."),
    click.option(
        "--without-marks",
        is_flag=False,
        flag_value="any",
        metavar="[MARK,..]",
        help="Without values with one of these marks, such as too-old,set-broken, or with any, for a device.",
    ),
    click.option("--largest-part", is_flag=True, help="Only the largest connected part, for a device."),
    click.option(
        "--with",
        "added",
        type=click.Choice(["unfit"]),
        help="Add unfit targets that have the values, for a device and other formats for use.",
    ),
    click.option(
        "--request",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Name, qubits and excluded couplings from a device request in JSON.",
    ),
)


@dataclass(frozen=True, slots=True)
class DeviceOptions:
    """Options of the device, unparsed."""

    device_name: str | None
    device_id: str | None
    qids: str | None
    exclude: tuple[str, ...]
    min_qubit_fidelity: float | None
    min_readout_fidelity: float | None
    min_coupling_fidelity: float | None
    max_age: str | None
    without_marks: str | None
    largest_part: bool
    added: Literal["unfit"] | None
    request: Path | None

    def make_query(self, format_name: str) -> ExportQuery:
        """Return the query for a format; raise InvalidInputError if an option is invalid."""
        from qdash_builtin.exchange.device_request import DeviceRequest
        from qdash_builtin.exchange.requests.exports import ExportQuery
        from qdash_core.parsing.limits import JSON_FILE
        from qdash_core.parsing.text_files import read_text

        request = DeviceRequest.parse(
            name=self.device_name,
            device_id=self.device_id,
            qubits=self.qids,
            exclude=self.exclude,
            min_qubit_fidelity=self.min_qubit_fidelity,
            min_readout_fidelity=self.min_readout_fidelity,
            min_coupling_fidelity=self.min_coupling_fidelity,
            max_age=self.max_age,
            without_marks=() if self.without_marks is None else self.without_marks,
            largest_part=self.largest_part,
            with_unfit=self.added == "unfit",
            request=None
            if self.request is None
            else read_text(self.request, "device request", size=JSON_FILE.size),
        )
        return ExportQuery.from_request(format_name, request)


def device_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a device to a command, passed as one argument `device_options`."""

    @wraps(command)
    def with_device(*args: Any, **given: Any) -> Any:
        chosen = DeviceOptions(*(given.pop(field.name) for field in fields(DeviceOptions)))
        return command(*args, device_options=chosen, **given)

    for option in reversed(_CHOICES):
        with_device = option(with_device)
    return with_device


def print_left_out(exported: ExportedFilesDocument) -> None:
    """Print the size of an exported device, and the targets left out by reason and the notes on others, on standard error."""
    from qdash_builtin.exchange.left_out_targets import group_by_reason

    device = exported.device
    if device is None:
        for line in group_by_reason(exported.left_out):
            print_message(f"left out: {line}", err=True)
        for line in group_by_reason(exported.notes):
            print_message(f"added: {line}", err=True)
        return
    print_message(
        f"device {device.device_id} has {format_count(device.n_qubits, 'qubit')} and {format_count(device.n_couplings, 'coupling')} of chip {device.chip_id}; "
        f"{len(exported.left_out) or 'none'} left out",
        err=True,
    )
    for line in group_by_reason((*exported.left_out, *exported.notes)):
        print_message(f"  {line}", err=True)
