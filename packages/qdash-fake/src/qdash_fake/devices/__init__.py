"""Published tables of real processors, from which twins are made."""

from qdash_fake.devices.catalogue import list_device_names, load_device, load_known_device
from qdash_fake.devices.snapshots import load_snapshot
from qdash_fake.devices.tables import CouplingRow, DeviceTable, QubitRow, parse_device

__all__ = [
    "CouplingRow",
    "DeviceTable",
    "QubitRow",
    "list_device_names",
    "load_device",
    "load_known_device",
    "load_snapshot",
    "parse_device",
]
