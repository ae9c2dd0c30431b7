"""qubex as a plugin: its contributions, without an import of qubex for listings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from qdash_builtin.task_pages.page import get_page
from qdash_core import load_plugins
from qdash_qubex import plugin
from qdash_qubex.native.tasks import TASKS

LISTED = """
import sys
from qdash_core import load_plugins
from qdash_qubex import plugin

registry = load_plugins(extra={"qubex": plugin}, installed_too=False, blocked=())
registry.collect_all()
assert [one.error for one in registry.plugins] == [None]
assert not {"qubex", "qxpulse", "qutip", "plotly"} & {name.partition(".")[0] for name in sys.modules}
"""


def test_the_plugin_gives_backends_tasks_and_formats() -> None:
    registry = load_plugins(extra={"qubex": plugin}, installed_too=False, blocked=())
    assert {*registry.backends()} == {"qubex", "qubex-native"}
    assert {*registry.formats()} == {"qubex-params", "qubex-note"}
    names = {name for _, name in registry.tasks()}
    assert names > {
        "LinkUp",
        "ConfigureAll",
        "Configure",
        "ReadoutConfigure",
        "DumpBox",
        "CheckStatus",
        "CheckNoise",
        "CheckRabi",
        "CheckT1",
        "CreateZX90",
    }
    assert registry.task("CheckT1", backend="qubex-native").backend == "qubex-native"


@pytest.mark.slow
def test_who_lists_plugins_does_not_import_qubex() -> None:
    subprocess.run([sys.executable, "-c", LISTED], check=True, timeout=120)


def test_every_task_of_its_own_says_what_it_measures_and_how_it_fails() -> None:
    for task in TASKS:
        page = get_page(task)
        assert page is not None, task.name
        assert page.failures, task.name
