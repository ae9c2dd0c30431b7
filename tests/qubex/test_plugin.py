"""What qubex brings as a plugin, and that nobody imports it who only looks at what there is."""

from __future__ import annotations

import subprocess
import sys

import pytest

from qdash_core import load_plugins
from qdash_qubex import plugin

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
