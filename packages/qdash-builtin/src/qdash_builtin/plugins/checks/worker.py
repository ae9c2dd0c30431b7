"""Process that examines one plugin: `python -m qdash_builtin.plugins.checks.worker PLUGIN DISTRIBUTION SECONDS`.

It prints each part that it begins and each finding as a line of JSON. A part that takes too long ends it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any

from qdash_builtin.plugins.checks.examination import examine_plugin
from qdash_builtin.plugins.checks.trial import PluginFinding, PluginTrial
from qdash_core.features.discovery import find_installed
from qdash_core.hooks.host import describe_slow_import
from qdash_core.hooks.manager import load_plugins

if TYPE_CHECKING:
    from qdash_core.features.discovery import PluginCandidate


class _Watch:
    """Watch over the time of each part, at most `limit_s` seconds, which writes findings."""

    def __init__(self, candidate: PluginCandidate, output: IO[str], limit_s: float) -> None:
        self._candidate, self._output, self._limit_s = candidate, output, limit_s
        self._part, self._end = "import", time.monotonic() + limit_s
        threading.Thread(target=self._end_late_part, daemon=True).start()

    def begin(self, part: str) -> None:
        """Begin a part."""
        self._part, self._end = part, time.monotonic() + self._limit_s
        self._write({"part": part})

    def report(self, finding: PluginFinding) -> None:
        """Write a finding."""
        self._write(finding._asdict())

    def end(self) -> None:
        """Say that nothing follows."""
        self._write({"part": ""})

    def _write(self, line: dict[str, Any]) -> None:
        print(json.dumps(line), file=self._output, flush=True)

    def _end_late_part(self) -> None:
        while time.monotonic() < self._end:
            time.sleep(0.1)
        detail = f"takes longer than {self._limit_s:g} s{self._find_place()}: nothing after it was examined"
        self.report(PluginFinding(self._candidate.name, self._part, "failed", detail))
        self.end()
        os._exit(1)

    def _find_place(self) -> str:
        """Return the place in the package of the plugin that a thread is at, or empty text."""
        package = self._candidate.module.partition(".")[0]
        for innermost in sys._current_frames().values():
            frame = innermost
            while frame is not None:
                if str(frame.f_globals.get("__name__", "")).partition(".")[0] == package:
                    return f" ({PurePath(frame.f_code.co_filename).name}:{frame.f_lineno})"
                frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
        return ""


def _import_first(trial: PluginTrial) -> None:
    """Import the plugin, and report a failure, a long time and output."""
    printed, before, began = StringIO(), len(sys.modules), time.perf_counter()
    with trial.examine("import"), redirect_stdout(printed):
        trial.candidate.load()
    took_s = time.perf_counter() - began
    if (slow := describe_slow_import(took_s)) is not None:
        trial.tell("import", "warning", f"{slow} ({len(sys.modules) - before} modules)")
    if printed.getvalue():
        trial.tell("import", "warning", f"prints on standard output: {printed.getvalue()[:80]!r}")


def main(name: str, distribution: str, limit_s: float) -> None:
    """Examine a plugin of a distribution."""
    # A plugin, or a process that it starts, prints to standard error.
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    (candidate,) = (one for one in find_installed() if (one.name, one.distribution) == (name, distribution))
    watch = _Watch(candidate, output, limit_s)
    trial = PluginTrial(candidate, load_plugins, watch.begin, watch.report)
    _import_first(trial)
    if not trial.failed:
        if trial.record.error:
            trial.tell("plugin", "failed", trial.record.error)
        else:
            examine_plugin(trial)
    watch.end()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
    os._exit(0)  # threads of a plugin do not end
