"""Last failures of plugins in operations, or when they observe or take part, one small file for each plugin below the home."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from qdash_core.artifacts.atomic import write_atomically
from qdash_core.process.clock import machine_now

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

FOLDER = "plugin-failures"
"""Folder of the files below the home."""
_LONGEST = 1000
_LARGEST_FILE = 10_000


@dataclass(frozen=True, slots=True)
class PluginFailure:
    """Last failure of a plugin in an operation, or in a call about something that happened.

    `at` is the time in UTC, in ISO format. `reason` is one line with the hook or operation, the type of the error and
    its place, without the text of the error, which may hold anything; `full_reason` has that text, too, for
    administrators of the host and users of this machine, or is empty. The next success of `call` removes the failure;
    it stays if `call` is empty.
    """

    plugin: str
    version: str
    at: str
    reason: str
    full_reason: str = ""
    call: str = ""

    def describe(self, *, fully: bool) -> str:
        """Return the reason with its time; `fully` with the text of the error."""
        return f"{(fully and self.full_reason) or self.reason} ({self.at})"


def record_failure(
    home: Path, plugin: str, version: str, reason: str, *, full_reason: str = "", call: str = ""
) -> None:
    """Record a failure in place of the plugin's last one; a disk that cannot be written is only logged."""
    at = machine_now().isoformat(timespec="seconds")
    failure = PluginFailure(plugin, version, at, reason[:_LONGEST], full_reason[:_LONGEST], call)
    try:
        write_atomically(
            _get_path(home, plugin), lambda file: file.write(json.dumps(asdict(failure)).encode())
        )
    except OSError as error:
        logger.debug("the failure of plugin %s cannot be recorded: %s", plugin, error)


def forget_failure(home: Path, plugin: str, call: str) -> None:
    """Remove the plugin's last failure if it was in this call, which works again."""
    path = _get_path(home, plugin)
    try:
        if path.exists() and (failure := _read_failure(path)) is not None and failure.call == call:
            path.unlink(missing_ok=True)
    except OSError as error:
        logger.debug("the failure of plugin %s cannot be removed: %s", plugin, error)


def read_failures(home: Path) -> dict[tuple[str, str], PluginFailure]:
    """Return the last failure of each plugin by name and version; files that cannot be read are left out."""
    folder = home / FOLDER
    read = map(_read_failure, sorted(folder.glob("*.json")) if folder.is_dir() else ())
    return {(failure.plugin, failure.version): failure for failure in read if failure is not None}


def _get_path(home: Path, plugin: str) -> Path:
    # The name of a plugin may be no name of a file.
    return home / FOLDER / f"{sha256(plugin.encode()).hexdigest()[:32]}.json"


def _read_failure(path: Path) -> PluginFailure | None:
    try:
        with path.open() as file:
            return PluginFailure(**json.loads(file.read(_LARGEST_FILE)))
    except (OSError, ValueError, TypeError) as error:
        logger.debug("%s cannot be read: %s", path, error)
        return None
