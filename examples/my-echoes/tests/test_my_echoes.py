"""Specification of the plugin: its task is offered and runs on every twin, without a change of the twin."""

import pytest
from qdash_builtin.chips import CHIPS
from qdash_core import load_plugins, load_settings, open_qdash
from qdash_testing import run_command


@pytest.fixture(scope="module", params=[(), ("--pulse-level",)], ids=["by formulas", "by pulses"])
def home(request, tmp_path_factory):
    """A home with the twin `lab` and one calibrated qubit."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("QDASH_HOME", str(folder))
        assert run_command(["twin", "create", "lab", "--device", "jakarta", *request.param]) == 0
        assert run_command(["calibrate", "lab", "--flow", "bring-up", "--qids", "0"]) == 0
        yield folder


def test_the_plugin_provides_a_request_and_a_task():
    registry = load_plugins()
    assert "CarrPurcell" in registry.requests()
    assert registry.task("CheckCarrPurcell").requires == {"laboratory", "CarrPurcell"}


def test_the_task_runs_on_a_twin(home):
    assert run_command(["calibrate", "lab", "--flow", "CheckCarrPurcell", "--qids", "0"]) == 0
    with open_qdash(load_settings(home=home)) as qdash:
        values = qdash.get(CHIPS).show(qdash.access("admin"), "lab").qubits["0"].data
    # More echoes refocus slower noise: the signal lasts at least as long as with one.
    longer, echo = values["t2_carr_purcell"], values["t2_echo"]
    assert longer.value > echo.value - 4 * (longer.error + echo.error)
