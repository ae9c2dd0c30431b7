"""Processes that examine plugins, each with a temporary home and a limit of time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Timer
from typing import TYPE_CHECKING

from qdash_builtin.plugins.checks.trial import PluginFinding
from qdash_core.errors import NotFoundError
from qdash_core.features.discovery import find_installed, sort_by_precedence
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from qdash_core.features.discovery import PluginCandidate

_GRACE_S = 5.0
"""Time after the limit of a part at which its process is killed: it cannot tell the place itself, as compiled code runs."""


def select_plugins(name: str | None) -> list[PluginCandidate]:
    """Return the installed plugin of a name, or all that are not QDash's own; raise NotFoundError if there is none of this name."""
    installed = sort_by_precedence(find_installed())
    if name is None:
        return [one for one in installed if not one.is_own]
    found = [one for one in installed if one.name == name]
    if not found:
        known = {one.name for one in installed}
        raise NotFoundError(
            f"there is no plugin {name!r} installed{suggest(name, known)}; `qdash plugins list` lists them"
        )
    return found


def examine_plugins(
    candidates: Collection[PluginCandidate], *, limit_s: float
) -> Iterator[tuple[str, PluginFinding | None]]:
    """Yield the part that is examined next, and each finding. A part of a plugin takes at most `limit_s` seconds."""
    for candidate in candidates:
        if candidate.broken:
            yield candidate.name, PluginFinding(candidate.name, "entry point", "failed", candidate.broken)
        else:
            with TemporaryDirectory(prefix="qdash-check-") as folder:
                yield from _examine(candidate, Path(folder), limit_s)


def _examine(
    candidate: PluginCandidate, folder: Path, limit_s: float
) -> Iterator[tuple[str, PluginFinding | None]]:
    words = (candidate.name, candidate.distribution, str(limit_s))
    part = "import"
    with TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "qdash_builtin.plugins.checks.worker", *words],
            env=_make_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            start_new_session=True,
        )
        try:
            while line := _read_line(process, limit_s + _GRACE_S):
                read = parse_json(line)
                if "status" in read:
                    yield part, PluginFinding(**read)
                else:
                    part = read["part"]
                    yield part, None
                if read["part"] == "":
                    return
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    ended = f"the process ended with status {process.returncode}: nothing after it was examined"
    yield part, PluginFinding(candidate.name, part, "failed", ended)


def _read_line(process: subprocess.Popen[str], patience_s: float) -> str:
    """Return the next line of a process, or empty text if it ended or had to be killed."""
    assert process.stdout is not None
    killer = Timer(patience_s, process.kill)
    killer.start()
    try:
        return process.stdout.readline()
    finally:
        killer.cancel()


def _make_environment(folder: Path) -> Mapping[str, str]:
    """Return the environment of a process with a home of its own: no other setting of QDash is in force."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QDASH_")}
    return {**kept, "QDASH_HOME": str(folder / "home"), "XDG_CONFIG_HOME": str(folder / "config")}
