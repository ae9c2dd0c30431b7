"""Readings of the machine's clock: only the module of the clock does that, so that a home has one time."""

from __future__ import annotations

import ast
import re

import pytest

from .test_sources import ROOT, SOURCES

READINGS = {
    *(("datetime", name) for name in ("now", "utcnow", "today")),
    ("date", "today"),
    *(("time", name) for name in ("time", "time_ns", "clock_gettime", "clock_gettime_ns")),
    *(("time", name) for name in ("localtime", "gmtime", "ctime", "strftime")),
}
EXCEPTIONS = {
    "packages/qdash-core/src/qdash_core/process/clock.py": "the clock itself",
    "packages/qdash-assistant/src/qdash_assistant/testing/scripted_endpoint.py": "imitates a service on the internet",
}
_MAY_READ = re.compile(
    "|".join(rf"\b{owner}\.{name}\b" for owner, name in sorted(READINGS))
    + r"|\bimport[^\n]* (?:time|datetime) as\b|\bfrom (?:time|datetime) import (?:\(|[^\n]* as\b)|\bfrom time import\b"
)
"""Texts without which a source reads no clock: most need not be parsed."""
ADVICE = "read qdash_core.process.clock: utc_now for what is recorded, shown, aged or planned; machine_now for locks, time-outs, tokens and logs"


def list_readings(source: str) -> list[int]:
    """Return the lines of a source that read the machine's clock, or import a function that does, whatever its name there."""
    if not any(name in source for _, name in READINGS) or not _MAY_READ.search(source):
        return []
    nodes = list(ast.walk(ast.parse(source)))
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.asname: alias.name for node in imports for alias in node.names if alias.asname}
    lines = [
        node.lineno
        for node in imports
        if isinstance(node, ast.ImportFrom)
        and any((node.module, alias.name) in READINGS for alias in node.names)
    ]
    for node in nodes:
        if isinstance(node, ast.Attribute):
            owner = getattr(node.value, "id", None) or getattr(node.value, "attr", None)
            if (names.get(owner, owner), node.attr) in READINGS:
                lines.append(node.lineno)
    return lines


def test_only_the_clock_reads_the_machine() -> None:
    found = {str(path.relative_to(ROOT)): list_readings(path.read_text("utf-8")) for path in SOURCES}
    wrong = [f"{path}:{line}" for path, lines in found.items() if path not in EXCEPTIONS for line in lines]
    assert not wrong, f"{ADVICE}: {', '.join(wrong)}"
    assert all(found[path] for path in EXCEPTIONS), "an exception that is no longer needed"


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime\ndatetime.now(UTC)",
        "import datetime\ndatetime.datetime.utcnow()",
        "import datetime\ndatetime.date.today()",
        "import time\nbegan = time.time()",
        "import time\nclock = time.time_ns",
        "import time\ntime.clock_gettime(time.CLOCK_REALTIME)",
        "import time as clock\nclock.time()",
        "import datetime as dt\ndt.datetime.now()",
        "from datetime import datetime as dt\ndt.now()",
        "from datetime import (UTC, datetime as dt)\ndt.now(UTC)",
        "\nfrom time import time",
        "\nfrom time import sleep, time_ns as now",
    ],
)
def test_a_reading_is_found(source: str) -> None:
    assert list_readings(source) == [2]


def test_durations_are_no_readings() -> None:
    assert list_readings("import time\ntime.monotonic()\ntime.sleep(1)\nclock.now()") == []
    assert (
        list_readings("from time import perf_counter, time_series\nimport datetime as dt\ndt.date(1, 1, 1)")
        == []
    )
