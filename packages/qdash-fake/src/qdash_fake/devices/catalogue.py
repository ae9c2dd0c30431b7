"""Built-in device tables, and tables in files."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_builtin.chips.topology_files import load_topology
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.limits import JSON_FILE
from qdash_core.parsing.similar_names import suggest
from qdash_core.parsing.text_files import read_text
from qdash_fake.devices.layouts import make_table
from qdash_fake.devices.tables import parse_device

if TYPE_CHECKING:
    from qdash_fake.devices.tables import DeviceTable


def list_device_names() -> tuple[str, ...]:
    """Return the names of the built-in tables."""
    folder = resources.files("qdash_fake.devices")
    return tuple(
        sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    )


def load_device(name_or_path: str) -> DeviceTable:
    """Load a table by the name of a device or topology, or from a JSON or topology file.

    Raises
    ------
    NotFoundError
        If it is neither a known name nor a file.
    InvalidInputError
        If the file breaks its format or holds impossible values; the message names field and index.
    """
    path = Path(name_or_path).expanduser()
    if name_or_path in list_device_names() or not path.is_file():
        return load_known_device(name_or_path, otherwise="neither a file nor")
    text = read_text(path, "device", size=JSON_FILE.size)
    if _is_topology(path, text):
        return make_table(load_topology(path))
    return parse_device(text, origin=str(path))


def load_known_device(name: str, *, otherwise: str = "not") -> DeviceTable:
    """Load a table by the name of a known device or a built-in topology.

    No user file is opened. The message of the `NotFoundError` for an unknown name ends with the alternative `otherwise`.
    """
    if name in list_device_names():
        text = (resources.files("qdash_fake.devices") / f"{name}.json").read_text(encoding="utf-8")
        return parse_device(text, origin=name)
    try:
        return make_table(get_builtin_topology(name))
    except NotFoundError as error:
        known = ", ".join(list_device_names())
        raise NotFoundError(
            f"{name!r} is {otherwise} a known device{suggest(name, list_device_names())} (known: {known}), nor a topology: {error}"
        ) from None


def _is_topology(path: Path, text: str) -> bool:
    """Return whether a file describes only a layout: any YAML file, or JSON that names no device."""
    if path.suffix in {".yaml", ".yml"}:
        return True
    try:
        data = parse_json(text)
    except InvalidInputError:
        return False
    return isinstance(data, dict) and "device" not in data and {"name", "qubits", "couplings"} <= data.keys()
