"""A plugin outside the repository: installed, used by name, broken in many ways, and fixed."""

from __future__ import annotations

import json
import shutil
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from .command_line import CommandLine, wait_for_end

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = '''
"""A laboratory with a backend and a task of its own."""

import numpy as np

from qdash_core import BaseBackend, BaseTask, OutputParameter, Parameter, RawData, RunParameter, TaskOutput, hookimpl

print("The Laboratory Library (tm), version 3")


class Amplifier(BaseBackend):
    name = "amplifier"

    def connect(self):
        print("connected to the amplifier")

    def get_instance(self):
        return lambda x: 3.0 * x


class MeasureGain(BaseTask):
    """Gain from input and output."""

    name = "MeasureGain"
    backend = "amplifier"
    task_type = "qubit"
    run_parameters = {"points": RunParameter(value=11, value_type="int", minimum=2)}
    output_parameters = {"gain": OutputParameter(unit="", description="output over input", minimum=0.0)}

    def run(self, backend):
        print("measuring", self.context.qid)
        x = np.linspace(0, 1, self.context.parameters["points"])
        return RawData(arrays={"x": (x, "a.u."), "y": (backend.get_instance()(x), "a.u.")}, attributes={})

    def postprocess(self, backend, result):
        (x, _), (y, _) = result.arrays["x"], result.arrays["y"]
        gain = float(x @ y / (x @ x))
        return TaskOutput(parameters={"gain": Parameter(value=gain, error=0.01, unit="")})


@hookimpl
def qdash_backends():
    return [Amplifier]


@hookimpl
def qdash_tasks():
    return [MeasureGain]
'''

BROKEN = {
    "it does not parse": ("import numpy as np", "import numpy as", "SyntaxError"),
    "its library is not there": ("import numpy as np", "import qubic_vendor", "qubic_vendor"),
    "it exits on import": ('print("The', 'raise SystemExit("no licence") #', "no licence"),
    "its hook raises": ("return [MeasureGain]", "raise ConnectionError('no route')", "no route"),
    "its hook gives no list": ("return [MeasureGain]", "return MeasureGain", "not a list"),
    "its hook gives something else": ("return [MeasureGain]", "return ['MeasureGain']", "BaseTask"),
    "its hook has an unknown name": ("def qdash_tasks():", "def qdash_task():", "did you mean 'qdash_tasks'"),
    "its hook wants an argument": ("def qdash_tasks():", "def qdash_tasks(chip):", "chip"),
    "its task has no name": ('    name = "MeasureGain"\n', "", "has no name"),
    "its backend takes a name that is taken": ('name = "amplifier"', 'name = "fake"', "taken"),
    "its backend is unfinished": ("def get_instance(self):", "def got_instance(self):", "lacks get_instance"),
    "its hook is not marked": ("@hookimpl\ndef qdash_tasks", "def qdash_tasks", "write @hookimpl above it"),
    "its task is of an unknown type": (
        'task_type = "qubit"',
        'task_type = "qbit"',
        "unknown task_type, 'qbit'",
    ),
    "its default is outside its own bounds": ("value=11", "value=1", "1 is below the minimum of 2"),
    "its backend wants an address": (
        "def connect(self):",
        "def __init__(self, address): ...\n    def connect(self):",
        "has an __init__ that needs arguments",
    ),
    "it is written for another major": (
        "import numpy as np",
        "QDASH_PLUGIN_API = 2\nimport numpy as np",
        "2",
    ),
}
QUICKLY_BROKEN = {"its library is not there"}
"""Faults among the quick tests; tests/core/hooks has the others, within one process."""


@dataclass(frozen=True)
class Laboratory:
    """A plugin as pip installs it: a module and its metadata in a folder on the path."""

    site: Path
    qdash: CommandLine

    def install(self, source: str = PLUGIN) -> None:
        """Write the distribution, replacing the previous one."""
        metadata = self.site / "lab_plugin-1.2.dist-info"
        metadata.mkdir(parents=True, exist_ok=True)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-plugin\nVersion: 1.2\n", "utf-8")
        (metadata / "entry_points.txt").write_text("[qdash]\nlab = lab_plugin\n", "utf-8")
        (self.site / "lab_plugin.py").write_text(source, "utf-8")

    def replace(self, what: str, by: str) -> None:
        """Install the plugin with one replacement in its source."""
        assert what in PLUGIN
        self.install(PLUGIN.replace(what, by))


def make_laboratory(qdash: CommandLine) -> Laboratory:
    site = qdash.folder / "site"
    # Without bytecode, since the source changes within the resolution of its time stamp.
    found = Laboratory(site, qdash.with_settings(PYTHONPATH=str(site), PYTHONDONTWRITEBYTECODE="1"))
    found.install()
    return found


@pytest.fixture(scope="module")
def home_with_a_rack(tmp_path_factory: pytest.TempPathFactory, calibrated: CommandLine) -> Path:
    """The calibrated home with an additional chip `rack`: two qubits, measured by the plugin's backend."""
    folder = tmp_path_factory.mktemp("rack")
    assert calibrated.home is not None
    shutil.copytree(calibrated.home, folder / "home")
    topology = folder / "rack.json"
    qubits = [{"id": qid, "row": 0, "col": int(qid), "mux": 0} for qid in ("0", "1")]
    topology.write_text(json.dumps({"name": "rack", "qubits": qubits, "couplings": [["0", "1"]]}), "utf-8")
    qdash = make_laboratory(calibrated.with_home(folder / "home", folder=folder)).qdash
    qdash.does("chip", "create", "rack", "--topology", topology, "--backend", "amplifier")
    return folder / "home"


@pytest.fixture
def laboratory(qdash: CommandLine, home_with_a_rack: Path) -> Laboratory:
    """The installed plugin, and a copy of the home with its chip."""
    assert qdash.home is not None
    shutil.copytree(home_with_a_rack, qdash.home)
    return make_laboratory(qdash)


def test_a_task_is_run_by_its_name_on_the_chip_of_its_backend(laboratory: Laboratory) -> None:
    outcome = laboratory.qdash("calibrate", "rack", "--flow", "MeasureGain", "--json")

    assert outcome.document["tasks"] == {"completed": 2}, outcome
    gains = laboratory.qdash.read_json("metrics", "rack")["qubits"]
    assert {qid: values["gain"]["value"] for qid, values in gains.items()} == {
        "0": pytest.approx(3.0),
        "1": pytest.approx(3.0),
    }


def test_what_a_library_prints_does_not_get_into_the_document(laboratory: Laboratory) -> None:
    outcome = laboratory.qdash("task", "run", "MeasureGain", "--chip", "rack", "--qid", "0", "--json")

    assert outcome.document["output_parameters"]["gain"]["value"] == pytest.approx(3.0)
    for printed in ("The Laboratory Library", "connected to the amplifier", "measuring 0"):
        assert printed in outcome.err


@pytest.mark.parametrize("as_usual", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_neither_does_what_is_written_past_python(laboratory: Laboratory, as_usual: bool) -> None:
    writes = (
        "import ctypes, os; os.system('echo from a process')",
        "os.write(1, b'from the descriptor')",
        "ctypes.CDLL(None).puts(b'from a library in C'); ctypes.CDLL(None).fflush(None)",
    )
    written = {"from a process", "from the descriptor", "from a library in C"}
    laboratory.replace('print("measuring", self.context.qid)', "; ".join(writes))
    run = ("task", "run", "MeasureGain", "--chip", "rack", "--qid", "0")
    start = laboratory.qdash if as_usual else laboratory.qdash.run_in_new_process
    outcome = start(*run, "--json")
    assert outcome.document["output_parameters"]["gain"]["value"] == pytest.approx(3.0)
    assert {text for text in written if text in outcome.err} == written
    said = laboratory.qdash(*run).err
    assert {text for text in written if text in said} == written, "standard output is for results"


@pytest.mark.slow
def test_a_command_that_cannot_be_shown_does_not_take_the_help_away(laboratory: Laboratory) -> None:
    command = "\n@hookimpl\ndef qdash_cli(app):\n    app.add_command('hello', 'hello')\n"
    laboratory.install(PLUGIN + command)
    outcome = laboratory.qdash("--help")
    assert (outcome.status, "calibrate" in outcome.out, "hello" in outcome.out) == (0, True, False)
    plugins = {plugin["name"]: plugin for plugin in laboratory.qdash.read_json("plugins", "list")}
    assert plugins["lab"]["error"] == "qdash_cli: the command 'hello' is str, not a click.Command"


def test_it_adds_a_command_to_the_group_store(laboratory: Laboratory) -> None:
    command = """
@hookimpl
def qdash_cli(app):
    import click

    @app.commands["store"].command("weigh")
    def weigh():
        '''Say how much the store weighs.'''
        click.echo("7 kg")
"""
    laboratory.install(PLUGIN + command)

    assert "weigh " in laboratory.qdash("store", "--help").out
    assert laboratory.qdash("store", "weigh").out == "7 kg\n"
    assert "Did you mean 'weigh'?" in laboratory.qdash("store", "weig").err


def test_a_command_of_the_group_store_is_not_replaced(laboratory: Laboratory) -> None:
    command = """
@hookimpl
def qdash_cli(app):
    import click

    app.commands["store"].add_command(click.Command("backup"))
"""
    laboratory.install(PLUGIN + command)

    plugins = {plugin["name"]: plugin for plugin in laboratory.qdash.read_json("plugins", "list")}
    assert plugins["lab"]["error"] == "qdash_cli: the command name 'store backup' is taken by QDash itself"
    assert "Write a compressed backup" in laboratory.qdash("store", "backup", "--help").out


def test_it_is_listed_with_its_distribution_and_what_it_provides(laboratory: Laboratory) -> None:
    plugins = {plugin["name"]: plugin for plugin in laboratory.qdash.read_json("plugins", "list")}

    assert plugins["lab"] == {
        "name": "lab",
        "distribution": "lab-plugin",
        "version": "1.2",
        "status": "ok",
        "error": None,
        "provides": {"qdash_backends": ["amplifier"], "qdash_tasks": ["MeasureGain"]},
    }


@pytest.mark.slow
def test_a_standard_task_that_it_replaces_is_named_and_a_rerun_lists_its_distribution(
    laboratory: Laboratory,
) -> None:
    qdash = laboratory.qdash
    original = qdash.read_json("task", "results", "--chip", "bench", "--task", "CheckT1", "--target", "0")[0]
    replaced = PLUGIN.replace('"MeasureGain"', '"CheckT1"').replace(
        'backend = "amplifier"', 'backend = "fake"'
    )
    laboratory.install(replaced.replace("backend.get_instance()(x)", "3.0 * x"))

    by = "CheckT1 of plugin lab (lab-plugin 1.2) replaces that of plugin tasks (qdash-tasks "
    assert by in qdash.does("plugins", "list")
    assert by in qdash.does("task", "show", "CheckT1", "--chip", "bench")
    found = qdash.read_json("task", "rerun", original["task_id"])
    assert [(one["name"], "first" in one, one["second"]) for one in found["software"]] == [
        ("lab-plugin", False, "1.2")
    ]
    assert [one["name"] for one in found["outputs"]] == ["t1", "gain"]
    assert by in qdash.does("executions", "logs", "last")


def test_its_run_parameters_are_checked_like_any_others(laboratory: Laboratory) -> None:
    run = ("calibrate", "rack", "--flow", "MeasureGain", "--set")

    outcome = laboratory.qdash(*run, "points=1")
    assert outcome.status == 2
    assert "MeasureGain.points: 1 is below the minimum of 2" in outcome.err
    assert laboratory.qdash(*run, "points=5").status == 0


@pytest.mark.parametrize(
    ("what", "by", "reason"),
    [
        pytest.param(*broken, id=how, marks=[] if how in QUICKLY_BROKEN else [pytest.mark.slow])
        for how, broken in BROKEN.items()
    ],
)
def test_a_broken_plugin_is_set_aside_and_the_rest_works(
    laboratory: Laboratory, what: str, by: str, reason: str
) -> None:
    laboratory.replace(what, by)

    outcome = laboratory.qdash("doctor", "--json")
    assert outcome.status == 1
    (sick,) = [check for check in outcome.document["checks"] if check["status"] != "ok"]
    assert sick["name"] == "plugin lab"
    assert reason in sick["detail"]
    assert "lab-plugin" in sick["advice"]


@pytest.mark.parametrize(
    "how", [pytest.param("its library is not there", marks=pytest.mark.slow), "its hook raises"]
)
def test_who_asks_for_something_of_a_broken_plugin_is_told_what_is_wrong_with_it(
    laboratory: Laboratory, how: str
) -> None:
    what, by, reason = BROKEN[how]
    laboratory.replace(what, by)

    line = laboratory.qdash("calibrate", "rack", "--flow", "MeasureGain").err.splitlines()[-1]

    assert "plugins set aside: lab" in line
    assert reason in line


@pytest.mark.slow
def test_beside_a_broken_plugin_a_twin_is_calibrated(laboratory: Laboratory) -> None:
    laboratory.install("import qubic_vendor")

    assert laboratory.qdash("calibrate", "bench", "--flow", "CheckT1", "--qids", "0").status == 0
    plugins = {plugin["name"]: plugin for plugin in laboratory.qdash.read_json("plugins", "list")}
    states = {name: plugins[name]["status"] for name in ("core", "fake", "lab")}
    assert states == {"core": "ok", "fake": "ok", "lab": "failed"}
    assert plugins["lab"]["error"] == (
        "cannot be imported: ModuleNotFoundError: No module named 'qubic_vendor' (lab_plugin.py:1)"
    )


def test_measured_data_survive_a_failed_analysis_and_are_analysed_once_it_is_mended(
    laboratory: Laboratory,
) -> None:
    qdash = laboratory.qdash
    broken = PLUGIN.replace("gain = float(x @ y / (x @ x))", "gain = float(x @ y / 0)[0]")
    laboratory.install(broken)
    failed = qdash("task", "run", "MeasureGain", "--chip", "rack", "--qid", "0", "--save", "--json")
    assert (failed.status, failed.document["status"]) == (1, "failed")
    place = 1 + broken[: broken.index("x @ y / 0")].count("\n")
    assert failed.document["message"].startswith("postprocess: ")
    assert failed.document["message"].endswith(f" (lab_plugin.py:{place})")
    assert failed.document["raw_data_path"]
    assert qdash.read_json("metrics", "rack")["qubits"] == {}

    laboratory.install()
    mended = qdash.read_json("task", "refit", failed.document["task_id"])

    assert (mended["status"], mended["refit_of"]) == ("completed", failed.document["task_id"])
    shown = qdash.does("executions", "show", failed.document["execution_id"]).splitlines()
    assert shown[0] == f"{failed.document['execution_id']} on rack: failed no task completed"
    first, second = (line.split(maxsplit=3) for line in shown[-2:])
    assert first[:3] == ["MeasureGain", "0", "failed"]
    assert second[:3] == ["MeasureGain", "0", "accepted"]
    assert second[3].startswith(f"refit of {failed.document['task_id']}, ")
    assert " by admin; gain 3.000(10)" in second[3]
    results = qdash.read_json("executions", "show", failed.document["execution_id"])["results"]
    assert not any("lab_s" in result for result in results), "this backend does not count laboratory time"
    assert qdash.read_json("metrics", "rack")["qubits"]["0"]["gain"]["value"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("what", "by", "message"),
    [
        (
            'print("measuring", self.context.qid)',
            'raise RuntimeError("the fuse\\nhas blown")',
            "the fuse has blown",
        ),
        ('print("measuring", self.context.qid)', "raise SystemExit(7)", "SystemExit: 7"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (
                ('{"gain": Parameter(value=gain, error=0.01, unit="")}', "{}", "gain"),
                ("value=gain, error=0.01", "value=float('nan'), error=0.01", "gain"),
                ('error=0.01, unit=""', 'error=0.01, unit="GHz"', "GHz"),
                ("return TaskOutput(", "return dict(", "TaskOutput"),
            )
        ),
    ],
    ids=["raises", "exits", "gives nothing", "gives no number", "gives another unit", "gives something else"],
)
def test_a_task_that_breaks_its_word_fails_and_says_how(
    laboratory: Laboratory, what: str, by: str, message: str
) -> None:
    laboratory.replace(what, by)

    outcome = laboratory.qdash("task", "run", "MeasureGain", "--chip", "rack", "--qid", "0", "--json")

    assert (outcome.status, outcome.document["status"]) == (1, "failed"), outcome
    assert message in outcome.document["message"]
    assert "\n" not in outcome.document["message"]
    assert outcome.document["output_parameters"] == {}


def test_a_flagged_value_is_said_to_be_unused_wherever_the_run_is_shown(laboratory: Laboratory) -> None:
    laboratory.replace('unit="")})', 'unit="")}, quality={"reduced_chi2": 50.0})')

    outcome = laboratory.qdash("calibrate", "rack", "--flow", "MeasureGain")

    assert "qubit 1: MeasureGain flagged, not used: gain 3.000(10): reduced chi² 50" in outcome.err
    assert "completed: 2 flagged" in outcome.out
    newest = laboratory.qdash.read_json("executions", "list")[0]["execution_id"]
    shown = laboratory.qdash.does("executions", "show", newest)
    assert "2 flagged" in shown
    assert " flagged  reduced chi² 50" in shown


@pytest.mark.parametrize(
    "error",
    [
        pytest.param("ConnectionError('no route to host')", marks=pytest.mark.slow),
        "SystemExit('no route to host')",
    ],
)
def test_a_backend_that_does_not_connect_is_status_1_and_a_failed_execution(
    laboratory: Laboratory, error: str
) -> None:
    laboratory.replace('print("connected to the amplifier")', f"raise {error}")

    outcome = laboratory.qdash("calibrate", "rack", "--flow", "MeasureGain")

    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == "error: backend amplifier does not connect: no route to host"
    (execution, *_) = json.loads(laboratory.qdash("executions", "list", "--json").out)
    assert (execution["status"], execution["chip_id"]) == ("failed", "rack")
    assert laboratory.qdash.list_locks() == []


@pytest.mark.slow
def test_a_run_that_is_interrupted_while_it_connects_is_recorded_as_cancelled(laboratory: Laboratory) -> None:
    waits = (
        "import sys, threading; print('dialling', file=sys.stderr, flush=True); threading.Event().wait(60)"
    )
    laboratory.replace('print("connected to the amplifier")', waits)
    qdash = laboratory.qdash

    with qdash.start("calibrate", "rack", "--flow", "MeasureGain") as process:
        assert process.stderr is not None
        while "dialling" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert wait_for_end(process).status == 130

    assert qdash.list_execution_states() == ["cancelled", "completed"]
    assert qdash.list_locks() == []


def test_the_chips_of_a_plugin_that_is_gone_can_still_be_looked_at(laboratory: Laboratory) -> None:
    laboratory.qdash.does("calibrate", "rack", "--flow", "MeasureGain")
    bare = laboratory.qdash.with_home(laboratory.qdash.home)

    assert bare.read_json("metrics", "rack")["qubits"]["0"]["gain"]
    assert bare.read_json("executions", "list")[0]["status"] == "completed"
    line = bare.run_refused("calibrate", "rack", "--flow", "MeasureGain")
    assert "there is no backend 'amplifier'" in line
