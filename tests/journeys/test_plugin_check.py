"""Ways to break a plugin: commands work, and `plugins list` and `plugins check` tell plugin, class and line."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from .command_line import PATIENCE_S, QDASH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HEAD = "from qdash_core import *\nfrom types import SimpleNamespace\n"
"""First two lines of each plugin."""


class Broken(NamedTuple):
    """Plugin that is broken in one way.

    Parameters
    ----------
    source : str
        Its module after `HEAD`, or an entry point instead.
    listed : str
        Part of its error in `plugins list`; empty if it stays in use.
    part : str
        Part that `plugins check` reports.
    detail : str
        Part of the reason there; None for that of the list.
    """

    source: str
    listed: str
    part: str
    detail: str | None = None
    entry: str = "{module}"
    status: str = "failed"


def hook(name: str, body: str, arguments: str = "") -> str:
    return f"@hookimpl\ndef {name}({arguments}):\n    {body}\n"


OFTEN = (
    "flow-of-nothing",
    "missing-command",
    "observer",
    "raising-hook",
    "raising-page",
    "raising-route",
    "raising-task",
    "slow",
    "wrong-type",
)
"""Ways that stand for a part of the check each; the others are examined before a release."""


TASK = "class T(BaseTask):\n    {0}\n    def run(self, backend): ...\n    def postprocess(self, backend, result): ...\n"


def measuring(name: str, body: str) -> str:
    """Return a task for every backend whose output is declared and never there."""
    return (
        f"class T(BaseTask):\n    name = {name!r}\n    output_parameters = {{'cold': OutputParameter(unit='K')}}\n"
        f"    def run(self, backend):\n        {body}\n    def postprocess(self, backend, result): return TaskOutput({{}})\n"
    )


WAYS = {
    "import-error": Broken("import no_such", "No module named 'no_such' (import_error.py:3)", "import"),
    "syntax-error": Broken("def (:", "SyntaxError: invalid syntax", "import"),
    "exits": Broken("raise SystemExit(3)", "SystemExit: 3 (exits.py:3)", "import"),
    "wrong-entry": Broken("", "No module named 'elsewhere'", "import", entry="elsewhere"),
    "wrong-attribute": Broken("", "has no attribute 'plugin'", "import", entry="{module}:plugin"),
    "raising-hook": Broken(
        hook("qdash_tasks", "return 1 / 0"),
        "qdash_tasks raised ZeroDivisionError: division by zero (raising_hook.py:5)",
        "hook qdash_tasks",
    ),
    "no-list": Broken(
        hook("qdash_tasks", "return BaseTask"),
        "qdash_tasks returned class BaseTask, not a list (no_list.py:3)",
        "hook qdash_tasks",
    ),
    "wrong-type": Broken(
        "class Odd: ...\n" + hook("qdash_backends", "return [Odd]"),
        "qdash_backends: item 0, class Odd, is not a subclass of BaseBackend (wrong_type.py:3)",
        "hook qdash_backends",
    ),
    "wrong-arguments": Broken(
        hook("qdash_tasks", "return []", "chip"),
        "can not be found in the hookspec (wrong_arguments.py:3)",
        "plugin",
    ),
    "unknown-hook": Broken(
        hook("qdash_taks", "return []"),
        "unknown hook 'qdash_taks'; did you mean 'qdash_tasks'? (unknown_hook.py:3)",
        "plugin",
    ),
    "not-marked": Broken(
        "def qdash_tasks(): return []",
        "qdash_tasks is not marked as a hook: write @hookimpl above it (not_marked.py:3)",
        "plugin",
    ),
    "taken-name": Broken(
        TASK.format("name = 'CheckT1'") + hook("qdash_tasks", "return [T]"),
        "the name 'CheckT1' of the plugin 'taken-name' of taken-name is taken by",
        "hook qdash_tasks",
    ),
    "no-name": Broken(
        TASK.format("'''A task.'''") + hook("qdash_tasks", "return [T]"),
        "qdash_tasks: item 0, class T, has no name (no_name.py:3)",
        "hook qdash_tasks",
    ),
    "abstract": Broken(
        "class B(BaseBackend):\n    name = 'b'\n" + hook("qdash_backends", "return [B]"),
        "class B, lacks connect, get_instance (abstract.py:3)",
        "hook qdash_backends",
    ),
    "taken-command": Broken(
        "import click\n" + hook("qdash_cli", "app.add_command(click.Command('chip'))", "app"),
        "the command name 'chip' is taken by QDash itself",
        "hook qdash_cli",
    ),
    "missing-feature": Broken(
        hook("qdash_features", "return [Feature('cold', requires=('no-such',))]"),
        "the feature 'cold' requires the feature 'no-such', which is not installed",
        "hook qdash_features",
    ),
    "missing-operations": Broken(
        hook("qdash_features", "return [Feature('warm', operations=('missing_operations:nothing',))]"),
        "the feature 'warm' cannot be loaded: AttributeError",
        "hook qdash_operations",
    ),
    "odd-operation": Broken(
        "operations = PluginOperations('odd-operation')\n@operations.get('/x', needs=RequiredRole.VIEWER)\n"
        "def show_x(call: Call):\n    '''Show.'''\n" + hook("qdash_operations", "return [operations]"),
        "does not say what it answers: annotate its result",
        "hook qdash_operations",
    ),
    "missing-command": Broken(
        hook("qdash_features", "return [Feature('lost', commands={'show': 'missing_command:show'})]"),
        "",
        "feature lost: missing_command:show",
        "has no attribute 'show'",
    ),
    "raising-check": Broken(
        "def look(home): return 1 / 0\nHELIUM = HealthCheck('helium', look)\n"
        + hook("qdash_features", "return [Feature('helium', checks=('raising_check:HELIUM',))]"),
        "",
        "check helium",
        "ZeroDivisionError: division by zero (raising_check.py:3)",
    ),
    "raising-fact": Broken(
        "def tell(qdash, access, subject): return [1 / 0]\n"
        + hook("qdash_features", "return [Feature('gas', facts=('raising_fact:tell',))]"),
        "",
        "raising_fact:tell",
        "ZeroDivisionError: division by zero (raising_fact.py:3)",
    ),
    "slow": Broken(
        "import time; time.sleep(1.1)", "", "import", "s, for which commands wait", status="warning"
    ),
    "printing": Broken(
        "print('The Library, version 3')",
        "",
        "import",
        "prints on standard output: 'The Library",
        status="warning",
    ),
    "flow-of-nothing": Broken(
        "from qdash_core.flows.steps import CustomOneQubit\n"
        + hook("qdash_flows", "return [FlowTemplate('nothing', 'None.', [CustomOneQubit(['NoSuch'])])]"),
        "",
        "flow nothing",
        "there is no task 'NoSuch'",
    ),
    "raising-task": Broken(
        measuring("CheckCable", "raise OSError('no cable')") + hook("qdash_tasks", "return [T]"),
        "",
        "task CheckCable",
        "class T: run: OSError: no cable (raising_task.py:7)",
    ),
    "silent-task": Broken(
        measuring("CheckSilence", "return None") + hook("qdash_tasks", "return [T]"),
        "",
        "task CheckSilence",
        "class T: CheckSilence declares cold and did not deliver (silent_task.py:3)",
    ),
    "raising-figure": Broken(
        "class T(BaseTask):\n    name = 'CheckColour'\n    def run(self, backend): return RawData({'x': ([1.0], '')})\n"
        "    def postprocess(self, backend, result): return TaskOutput({})\n    @classmethod\n"
        "    def figure(cls, raw, output): return raw['y']\n" + hook("qdash_tasks", "return [T]"),
        "",
        "task CheckColour",
        "class T: CheckColour.figure failed: KeyError: 'y' (raising_figure.py:8)",
    ),
    "observer": Broken(
        hook("qdash_after_task", "raise RuntimeError('not today')", "result"),
        "",
        "a run on a twin",
        "qdash_after_task raised RuntimeError: not today (observer.py:5)",
    ),
    "raising-route": Broken(
        "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/hot')\ndef hot():\n    return 1 / 0\n"
        + hook("qdash_api_routers", "return [router]"),
        "",
        "route GET /plugins/raising-route/hot",
        "ZeroDivisionError: division by zero (raising_route.py:7)",
    ),
    "raising-page": Broken(
        "def render(view): raise ValueError('no helium')\n"
        + hook(
            "qdash_dashboard_pages", "return [SimpleNamespace(title='Ice', icon='', group='', render=render)]"
        ),
        "",
        "page Ice",
        "ValueError: no helium (raising_page.py:3)",
    ),
    "raising-section": Broken(
        "def draw(view, subject): raise SystemExit(3)\n"
        + hook("qdash_dashboard_sections", "return [Section('result', 'Ice', draw)]"),
        "",
        "section Ice (result)",
        "SystemExit: 3 (raising_section.py:3)",
    ),
}


def install(site: Path, name: str, source: str, entry: str = "{module}") -> Path:
    """Write a distribution with a plugin into a folder of its own, and return the folder."""
    module = name.replace("-", "_")
    info = site / name / f"{module}-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[qdash]\n{name} = {entry.format(module=module)}\n")
    (site / name / f"{module}.py").write_text(HEAD + source)
    return site / name


def run(home: Path, sites: Iterable[Path], *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QDASH_")}
    path = os.pathsep.join(map(str, sites))
    return subprocess.run(
        [str(QDASH), *words],
        env={**kept, "QDASH_HOME": str(home), "PYTHONPATH": path}, cwd=home.parent,
        capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    site = tmp_path_factory.mktemp("sites")
    return {name: install(site, name, way.source, way.entry) for name, way in WAYS.items()}


@pytest.mark.slow
def test_with_every_broken_plugin_at_once_commands_work_and_the_list_tells_why(
    sites: dict[str, Path], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    assert run(home, [], "twin", "create", "lab", "--device", "jakarta").returncode == 0
    chips = run(home, sites.values(), "chip", "list", "--json")
    assert [one["chip_id"] for one in json.loads(chips.stdout)] == ["lab"], chips.stderr

    checks = json.loads(run(home, sites.values(), "doctor", "--deep", "--json").stdout)["checks"]
    found = {one["name"].removeprefix("plugin "): one for one in checks}
    others = [name for name, one in found.items() if name not in WAYS and one["status"] == "failed"]
    assert others == ["raising-check helium"]
    assert found["raising-check helium"]["detail"].endswith("by zero (raising_check.py:3)")

    listed = {
        one["name"]: one for one in json.loads(run(home, sites.values(), "plugins", "list", "--json").stdout)
    }
    for name, way in WAYS.items():
        assert listed[name]["status"] == ("failed" if way.listed else "ok"), listed[name]
        assert way.listed in (listed[name]["error"] or ""), name
        assert found[name]["status"] == (
            "failed"
            if way.listed
            else "warning"
            if "for which commands wait" in found[name]["advice"]  # also on a busy machine
            else "ok"
        )
    assert found["slow"]["status"] == "warning"
    assert listed["slow"]["slow_import"].startswith("its import takes ")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in OFTEN else pytest.mark.release) for name in WAYS],
)
def test_the_check_tells_plugin_class_and_line(sites: dict[str, Path], tmp_path: Path, name: str) -> None:
    home, way = tmp_path / "home", WAYS[name]
    checked = run(home, [sites[name]], "plugins", "check", name, "--json")
    found = [one for one in json.loads(checked.stdout) if one["status"] not in ("ok", "skipped")]
    assert {one["plugin"] for one in found} == {name}
    detail = way.listed if way.detail is None else way.detail
    # A busy machine may add the remark on a slow import.
    (one,) = (one for one in found if one["part"] == way.part and detail in one["detail"])
    assert one["status"] == way.status
    assert checked.returncode == (1 if way.status == "failed" else 0)
    assert not home.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("while True: pass", "import"),
        (hook("qdash_tasks", "while True: pass"), "hook qdash_tasks"),
        ("import os\n" + hook("qdash_tasks", "os._exit(7)"), "hook qdash_tasks"),
    ],
)
def test_a_plugin_that_never_returns_ends_its_own_check_only(tmp_path: Path, source: str, part: str) -> None:
    site = install(tmp_path / "site", "endless", source)
    checked = run(tmp_path / "home", [site], "plugins", "check", "endless", "--limit", "4", "--json")
    last: dict[str, Any] = json.loads(checked.stdout)[-1]
    assert (checked.returncode, last["part"], last["status"]) == (1, part, "failed")
    if "_exit" in source:
        assert last["detail"] == "the process ended with status 7: nothing after it was examined"
    else:
        assert last["detail"].startswith("takes longer than 4 s (endless.py:")


@pytest.mark.slow
def test_a_task_that_plays_what_it_does_not_declare_is_told_of(tmp_path: Path) -> None:
    assert run(tmp_path / "home", [], "plugins", "new", "task", "loose").returncode == 0
    source = (tmp_path / "loose" / "loose.py").read_text().replace("    input_parameters = PULSES\n", "")
    site = install(tmp_path / "site", "loose", source.partition("\n")[2])
    checked = run(tmp_path / "home", [site], "plugins", "check", "loose", "--json")
    told = " ".join(one["detail"] for one in json.loads(checked.stdout) if one["part"] == "task CheckLoose")
    assert "qubit_frequency" in told
    assert "which it does not declare as inputs" in told


@pytest.mark.release
def test_a_task_that_never_returns_is_named_with_its_line(tmp_path: Path) -> None:
    source = measuring("CheckForever", "while True: pass") + hook("qdash_tasks", "return [T]")
    site = install(tmp_path / "site", "endless", source)
    checked = run(tmp_path / "home", [site], "plugins", "check", "endless", "--limit", "30", "--json")
    last: dict[str, Any] = json.loads(checked.stdout)[-1]
    assert (checked.returncode, last["part"], last["status"]) == (1, "task CheckForever", "failed")
    assert last["detail"].startswith("takes longer than 30 s (endless.py:7)")


NOT_RUN = {
    "CheckScan": (
        "requires = frozenset({'HeliumScan'})",
        "needs HeliumScan, which backend fake does not offer",
    ),
    "CheckPump": ("backend = 'cryostat'", "is written for backend cryostat, not for fake"),
    "CheckLine": ("task_type = 'mux'", "it has no target of type mux"),
    "CheckLevel": (
        "input_parameters = {'level': InputParameter(unit='m')}",
        "CheckLevel needs level of 0, which has no accepted value",
    ),
}
"""Tasks that cannot be run on the twin: what they declare, and the reason."""


@pytest.mark.slow
def test_a_task_that_cannot_be_run_on_the_twin_is_skipped_with_the_reason(tmp_path: Path) -> None:
    tasks = (
        measuring(name, "...")
        .replace("class T", f"class {name}")
        .replace("    name", f"    {one[0]}\n    name", 1)
        for name, one in NOT_RUN.items()
    )
    source = "".join(tasks) + hook("qdash_tasks", f"return [{', '.join(NOT_RUN)}]")
    site = install(tmp_path / "site", "helium", source)
    checked = run(tmp_path / "home", [site], "plugins", "check", "helium", "--json")
    assert checked.returncode == 0, checked.stdout
    told = {one["part"]: one for one in json.loads(checked.stdout)}
    for name, (_, reason) in NOT_RUN.items():
        assert told[f"task {name}"]["status"] == "skipped"
        assert reason in told[f"task {name}"]["detail"]


@pytest.mark.slow
def test_a_name_that_is_not_installed_is_refused(tmp_path: Path) -> None:
    refused = run(tmp_path / "home", [], "plugins", "check", "fakee")
    assert refused.returncode == 2
    assert "there is no plugin 'fakee' installed; did you mean 'fake'?" in refused.stderr
