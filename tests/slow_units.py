"""Units of the slow tests: each runs in one process, the longest start first.

Tests that share a server, a browser or an import of seconds are one unit or two, long tests that share nothing are units of
their own, and the other units are files. A process takes the next unit when it has nearly finished the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

BROWSER, LATER_PAGES = "tests/ui/browser/", "tests/ui/browser/test_live.py"
"""Folder whose tests share the dashboard with its browser, and the first file of its second half."""
TOGETHER = (BROWSER, "tests/prefect/", "tests/qubex/")
"""Folders whose tests share the dashboard, Prefect's server and qubex."""
APART = tuple(
    f"{BROWSER}test_{name}.py" for name in ("api_pages", "documentation", "editor", "every_page", "night")
)
"""Files there with a server of their own, and one that takes as long as the others of a half."""
ALONE = ("tests/docs/test_samples.py", "tests/enforcement/test_checkers.py")
"""Files with tests of a minute."""
LONG_SLOW = (
    "tests/prefect/",
    LATER_PAGES,
    f"{BROWSER}test_assistant.py",
    "tests/docs/test_samples.py",
    "tests/enforcement/",
    *APART,
    *TOGETHER,
    "tests/faults/",
    "tests/releases/",
    "tests/journeys/",
    "tests/fake/",
    "tests/conformance/",
)
"""Prefixes of the slow tests that start first, in this order. The other tests keep their order."""


def find_unit(nodeid: str) -> str:
    """Return the unit of a test."""
    file = nodeid.partition("::")[0]
    if file in ALONE:
        return nodeid
    folder = next((one for one in TOGETHER if file.startswith(one)), file)
    if file in APART or folder != BROWSER:
        return file if file in APART else folder
    return f"{folder}{'second' if file >= LATER_PAGES else 'first'} half"


def rank(nodeid: str) -> int:
    """Return the place of a test's unit in the order of starts."""
    return next((at for at, prefix in enumerate(LONG_SLOW) if nodeid.startswith(prefix)), len(LONG_SLOW))


def make_scheduler(config: pytest.Config, log: Any) -> object:
    """Return a scheduler that assigns whole units in their order."""
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False  # by the number of tests
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = find_unit  # type: ignore[method-assign]
    return scheduler
