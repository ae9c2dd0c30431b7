"""Applications for browsers: a host with a calibrated chip, its worker and its dashboard; and an empty
Streamlit application.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dulwich import porcelain

from benchmarks import empty_dashboard
from qdash_assistant.testing.script import read_script
from qdash_assistant.testing.scripted_endpoint import ScriptedEndpoint

from ...journeys.command_line import wait_until
from ...journeys.hosts import PASSWORD, Host, free_port, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...journeys.command_line import CommandLine

CHIP = "bench"
_ANSWERS = Path(__file__).with_name("answers.yaml")
_TOKENS = 60_000
"""Tokens of the assistant for a user and day; the last answer of the script uses more."""
_TIMETABLE = {
    "name": "later",
    "request": {"chip_id": CHIP, "flow": "check", "targets": {"qubits": ["0", "1"]}},
    "when": {"kind": "moment", "at": "2100-01-01T00:00:00Z"},
}
_COOLDOWN = {
    "cooldown_id": "past",
    "cryo_id": "K-0",
    "started_at": "2025-03-01T00:00:00Z",
    "ended_at": "2025-09-01T00:00:00Z",
    "chip_ids": [CHIP],
}
"""A cool-down without records."""
_FLOW = '''\
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets


def relax(username, chip_id, qids, *, rounds: int = 1):
    """T1 again and again."""
    cal = CalibService(username, chip_id, flow_name="relax")
    for _ in range(rounds):
        cal.run(QubitTargets(qids), [CustomOneQubit(["CheckT1"])])
    cal.finish_calibration()
'''
_EXAMPLE = Path(__file__).parents[3] / "examples/my-fridge/src"
_PLUGIN = '''
"""Two pages from outside: one that works, and one that ends the process that draws it."""

import sys
from types import SimpleNamespace

import streamlit as st

from qdash_core import hookimpl


def _cryostat(view):
    st.title("Cryostat")
    st.write("Who looks is", view.me.user.username)


def _laser(view):
    st.title("Laser")
    sys.exit("no licence for the laser")


@hookimpl
def qdash_dashboard_pages():
    return [
        SimpleNamespace(title="Cryostat", icon=":material/ac_unit:", group="", render=_cryostat),
        SimpleNamespace(title="Laser", icon=":material/bolt:", group="Plugins", render=_laser),
    ]
'''


@dataclass(frozen=True)
class Dashboard:
    """Address of a dashboard, and its host, with the first user `admin`."""

    url: str
    host: Host
    qdash: CommandLine
    execution: str = ""
    """Execution of the bring-up of qubits 0 and 1."""
    result: str = ""
    """One of its results."""
    files: Path = Path()
    """Folder of the roots `lab`, a folder, and `config`, a git work tree with a remote."""
    issue: str = ""
    """An issue about this result."""

    def list_requests(self, username: str) -> list[str]:
        """Return method and path of all requests of a user to the host, except for events."""
        lines = (line for line in self.host.said.read_text().splitlines() if line.startswith("{"))
        said = (one for one in map(json.loads, lines) if one.get("user") == username and "path" in one)
        return [f"{one['method']} {one['path']}" for one in said if one["path"] != "/events"]


@contextmanager
def run_dashboard(qdash: CommandLine) -> Iterator[Dashboard]:
    """Yield a dashboard, with a worker, of a home with the calibrated chip `bench`, and the users `ed` and
    `vera`.
    """
    with ExitStack() as stack:
        files = qdash.folder / "files"
        roots = json.dumps(make_file_roots(files))
        endpoint = stack.enter_context(ScriptedEndpoint(read_script(_ANSWERS)))
        with_plugins = qdash.with_settings(
            PYTHONPATH=install_plugins(qdash.folder),
            QDASH_FILE_ROOTS=roots,
            QDASH_ASSISTANT_URL=endpoint.url,
            QDASH_ASSISTANT_MODEL="scripted",
            QDASH_ASSISTANT_TOKENS_PER_USER_DAY=str(_TOKENS),
        )
        admin = stack.enter_context(run_host(with_plugins)).set_up()
        for name, role in (("ed", "editor"), ("vera", "viewer")):
            _create_member(admin, name, role)
        assert admin.send_request("POST", "/timetables", _TIMETABLE).status == 201
        for name in ("relax", "former"):
            assert admin.send_request("PUT", f"/flows/{name}", {"source": _FLOW}).status == 200
        assert admin.send_request("DELETE", "/flows/former").status == 200
        assert admin.send_request("POST", "/cryostats", {"cryo_id": "K-0"}).status == 201
        assert admin.send_request("POST", "/cooldowns", _COOLDOWN).status == 201
        err = stack.enter_context((qdash.folder / "said-worker").open("w"))
        stack.enter_context(qdash.start("worker", stdout=err, stderr=err))
        url = stack.enter_context(serve_dashboard(qdash, admin.url))
        execution = admin.get("/executions")["items"][0]["execution_id"]
        (result,) = admin.get(f"/task-results?execution_id={execution}&task=CheckT1&target=1")["items"]
        issue = _open_issue(admin, result["task_id"])
        yield Dashboard(url, admin, qdash, execution, result["task_id"], files, issue)


def make_file_roots(folder: Path) -> dict[str, Any]:
    """Make the folders of two roots with a file each, the second one a git work tree, and return their settings."""
    lab, config, remote = (folder / name for name in ("lab", "config", "remote.git"))
    (lab / "params").mkdir(parents=True)
    (lab / "params/t1.yaml").write_text("Q00: 31.5\nQ01: 28.2\n", "utf-8")
    porcelain.init(remote, bare=True).close()
    porcelain.init(config).close()
    (config / "chip.toml").write_text('name = "64Qv3"\nqubits = 4\n', "utf-8")
    porcelain.add(config, ["chip.toml"])
    porcelain.commit(config, b"first", author=b"a <a@b>", committer=b"a <a@b>")
    porcelain.push(config, str(remote), b"master", errstream=BytesIO())
    shared = {"projects": ["default"]}
    return {
        "lab": {"path": str(lab), **shared},
        "config": {
            "path": str(config),
            "remote_url": f"file://{remote}",
            "remote_branch": "master",
            **shared,
        },
    }


def _open_issue(admin: Host, task_id: str) -> str:
    """Open an issue with a picture and a comment, and return its id."""
    body = {"title": "T1 jumps", "body": f"At noon:\n\n![decay](result:{task_id})", "task_id": task_id}
    opened = admin.send_request("POST", "/issues", body | {"labels": ["readout"], "assignees": ["ed"]})
    assert opened.status == 201, opened
    issue_id = str(opened.body["issue_id"])
    commented = admin.send_request(
        "POST", f"/issues/{issue_id}/comments", {"text": "It also jumps at night."}
    )
    assert commented.status == 201, commented
    return issue_id


def _create_member(admin: Host, name: str, role: str) -> None:
    """Create a user of the default project with the common password."""
    assert admin.send_request("POST", "/users", {"username": name}).status == 201
    link = admin.send_request("POST", f"/users/{name}/setup-link").body
    answer = admin.send_request("POST", "/auth/setup", {"code": link["code"], "password": PASSWORD})
    assert answer.status == 200, answer
    invited = admin.send_request("POST", "/projects/default/members", {"username": name, "role": role})
    assert invited.status == 201, invited
    accepted = admin.with_token(answer.body["token"]).send_request("POST", "/projects/default/members/accept")
    assert accepted.status == 200, accepted


@contextmanager
def serve_dashboard(qdash: CommandLine, host_url: str, *options: str) -> Iterator[str]:
    """Yield the URL of a dashboard with a plugin whose page raises, and one with an entity, started with further options."""
    # Streamlit warns about its own code.
    at_host = qdash.with_settings(
        QDASH_API_URL=host_url, PYTHONWARNINGS="default", PYTHONPATH=install_plugins(qdash.folder)
    )
    port = free_port()
    with (
        (qdash.folder / "said-ui").open("w") as err,
        at_host.start("ui", "--port", str(port), *options, stdout=err, stderr=err) as process,
    ):
        _wait_for(port, process, qdash.folder / "said-ui")
        yield f"http://127.0.0.1:{port}"


def install_plugins(folder: Path) -> str:
    """Install the plugin with pages and the example `my-fridge` in a folder, and return the module path of both."""
    site = folder / "site"
    for name, module in (("laser", "laser_of_a_laboratory"), ("my-fridge", "my_fridge.plugin")):
        info = site / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[qdash]\n{name} = {module}\n")
    (site / "laser_of_a_laboratory.py").write_text(_PLUGIN)
    return os.pathsep.join((str(site), str(_EXAMPLE)))


@contextmanager
def serve_empty_application(folder: Path) -> Iterator[str]:
    """Yield the URL of an empty Streamlit application with as many pages as the dashboard, grouped alike."""
    port = free_port()
    options = ("--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false")
    command = [sys.executable, "-m", "streamlit", "run", str(empty_dashboard.__file__), *options]
    said = folder / "said"
    with (
        said.open("w") as err,
        subprocess.Popen(
            command, stdout=err, stderr=err, cwd=folder, env={**os.environ, "HOME": str(folder)}
        ) as process,
    ):
        try:
            _wait_for(port, process, said)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _wait_for(port: int, process: subprocess.Popen[Any], said: Path) -> None:
    wait_until(lambda: _is_listening(port) or process.poll() is not None, what="the dashboard answers")
    assert process.poll() is None, said.read_text()


def _is_listening(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/_stcore/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
