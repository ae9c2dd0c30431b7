"""Two commands on one chip: at once on two multiplexers, one after the other if the backend cannot share or they reconfigure."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import product
from typing import TYPE_CHECKING

import pytest

from .command_line import CommandLine, wait_until
from .test_queue import Started, start_command

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = '''
"""A rack with multiplexers that are independent of each other, and a bench without; a measurement takes a while, or waits for that
of another run.
"""

import os
import time
from pathlib import Path

from qdash_core import BaseBackend, BaseTask, FlowTemplate, OutputParameter, Parameter, TaskOutput, hookimpl
from qdash_core.flows.steps import ConfigureAll, CustomOneQubit


class Rack(BaseBackend):
    name = "rack"
    max_parallel = None

    def connect(self):
        self._note = {}

    def get_instance(self):
        return self

    def save_note(self):
        return dict(self._note)

    def update_note(self, note):
        self._note.update(note)

    @classmethod
    def claim_unit(cls, context):
        return "mux"

    @classmethod
    def merge_note(cls, stored, new, targets):
        return {**stored, **{name: value for name, value in new.items() if name in targets}}


class Bench(BaseBackend):
    name = "bench"

    def connect(self):
        self._note = {}

    get_instance, save_note, update_note = Rack.get_instance, Rack.save_note, Rack.update_note


class Level(BaseTask):
    name = "Level"
    task_type = "qubit"
    output_parameters = {"level": OutputParameter(unit="a.u.", description="of nothing")}

    def run(self, backend):
        meeting = Path(os.environ.get("RACK_MEETING", "/nowhere"))
        if meeting.is_dir():
            (meeting / self.context.execution_id).touch()
            while len([*meeting.iterdir()]) < 2 and not self.context.cancelled:
                time.sleep(0.01)
        held = Path(os.environ.get("RACK_HELD", "/nowhere"))
        while held.exists() and not self.context.cancelled:
            time.sleep(0.01)
        backend._note[self.context.qid] = self.context.execution_id

    def postprocess(self, backend, result):
        return TaskOutput(parameters={"level": Parameter(value=1.0, error=0.1, unit="a.u.")})


class Configure(BaseTask):
    name = "ConfigureAll"
    backend = "rack"
    task_type = "system"

    def run(self, backend):
        time.sleep(1)

    def postprocess(self, backend, result):
        return TaskOutput()


@hookimpl
def qdash_backends():
    return [Rack, Bench]


@hookimpl
def qdash_tasks():
    return [Level, Configure]


@hookimpl
def qdash_flows():
    return [
        FlowTemplate("levels", "Measures.", (CustomOneQubit(("Level",)),)),
        FlowTemplate("configured", "Configures and measures.", (ConfigureAll(), CustomOneQubit(("Level",)))),
    ]
'''


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.slow),
        pytest.param("mongodb", marks=pytest.mark.release),
    ]
)
def racks(request: pytest.FixtureRequest, qdash: CommandLine, tmp_path: Path) -> CommandLine:
    """A command line with the plugin, and the chips `rack` and `bench`."""
    (tmp_path / "rack_plugin.py").write_text(PLUGIN)
    info = tmp_path / "rack_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rack-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[qdash]\nrack = rack_plugin\n")
    qdash = qdash.with_settings(PYTHONPATH=str(tmp_path))
    if request.param == "mongodb":
        qdash = qdash.with_settings(QDASH_STORE_URL=request.getfixturevalue("mongo_url"))
    for name in ("rack", "bench"):
        qdash.does("chip", "create", name, "--topology", "square-lattice-mux-16", "--backend", name)
    return qdash


def start(stack: ExitStack, qdash: CommandLine, chip: str, mux: int, flow: str = "levels") -> Started:
    return stack.enter_context(start_command(qdash, "calibrate", chip, "--flow", flow, "--mux", str(mux)))


def count_running(qdash: CommandLine) -> int:
    return qdash.list_execution_states().count("running")


def test_two_commands_on_two_multiplexers_run_at_once(racks: CommandLine, tmp_path: Path) -> None:
    """Let the measurements of each wait for one of the other."""
    (tmp_path / "meeting").mkdir()
    racks = racks.with_settings(RACK_MEETING=str(tmp_path / "meeting"))
    with ExitStack() as stack:
        commands = [start(stack, racks, "rack", mux) for mux in (0, 3)]
        assert [one.wait_for_end().status for one in commands] == [0, 0]
        assert not any("waits for" in one.said for one in commands)


@pytest.mark.parametrize(
    ("racks", "chip", "mux", "flow", "reason"),
    [
        pytest.param(store, *case, marks=pytest.mark.slow if place == 0 else pytest.mark.release)
        for place, (store, case) in enumerate(
            product(
                ("sqlite", "mongodb"),
                (
                    (
                        "rack",
                        1,
                        "levels",
                        r"waits for coupling .* of chip rack, used by execution \S+ of admin",
                    ),
                    ("rack", 3, "configured", r"waits for execution \S+ of admin, which runs"),
                    ("bench", 3, "levels", r"waits for execution \S+ of admin, which runs"),
                ),
            )
        )
    ],
    indirect=["racks"],
)
def test_two_commands_that_cannot_share_run_one_after_the_other(
    racks: CommandLine, chip: str, mux: int, flow: str, reason: str, tmp_path: Path
) -> None:
    """The first run measures until the second has given its reason to wait."""
    held = tmp_path / "held"
    held.touch()
    racks = racks.with_settings(RACK_HELD=str(held))
    with ExitStack() as stack:
        first = start(stack, racks, chip, 0, flow)
        wait_until(lambda: count_running(racks) == 1, what=f"the first runs: {first.said}")
        second = start(stack, racks, chip, mux, flow)
        second.wait_for_text(reason)
        assert count_running(racks) == 1
        held.unlink()
        assert [first.wait_for_end().status, second.wait_for_end().status] == [0, 0]
