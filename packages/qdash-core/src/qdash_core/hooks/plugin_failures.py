"""Last failures of plugins that observe or take part, one small file for each plugin below the home."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from qdash_core.artifacts.atomic import write_atomically
from qdash_core.clock import machine_now

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

FOLDER = "plugin-failures"
"""Folder of the files below the home."""
_LONGEST = 1000
_LARGEST_FILE = 10_000


@dataclass(frozen=True, slots=True)
class PluginFailure:
    """Last failure of a plugin in a call about something that happened.

    Parameters
    ----------
    plugin, version : str
        The plugin, and the version of its distribution.
    at : str
        Time in UTC, in ISO format.
    reason : str
        Hook and reason, in one line.
    """

    plugin: str
    version: str
    at: str
    reason: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.at})"


def record_failure(home: Path, plugin: str, version: str, reason: str) -> None:
    """Record a failure in place of the plugin's last one; a disk that cannot be written is only logged."""
    at = machine_now().isoformat(timespec="seconds")
    failure = PluginFailure(plugin, version, at, reason[:_LONGEST])
    # The name of a plugin may be no name of a file.
    path = home / FOLDER / f"{sha256(plugin.encode()).hexdigest()[:32]}.json"
    try:
        write_atomically(path, lambda file: file.write(json.dumps(asdict(failure)).encode()))
    except OSError as error:
        logger.debug("the failure of plugin %s cannot be recorded: %s", plugin, error)


def read_failures(home: Path) -> dict[tuple[str, str], PluginFailure]:
    """Return the last failure of each plugin by name and version; files that cannot be read are left out."""
    found: dict[tuple[str, str], PluginFailure] = {}
    folder = home / FOLDER
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            with path.open() as file:
                failure = PluginFailure(**json.loads(file.read(_LARGEST_FILE)))
        except (OSError, ValueError, TypeError) as error:
            logger.debug("%s cannot be read: %s", path, error)
            continue
        found[failure.plugin, failure.version] = failure
    return found
