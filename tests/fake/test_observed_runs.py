"""Plugins that observe the run of a twin and take part in it, on stores in memory and on disk."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import CalibService, hookimpl
from qdash_core.errors import InvalidInputError
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.hooks.manager import load_plugins
from qdash_core.hooks.plugin_failures import read_failures
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip

from ..access import ADMIN
from .conftest import make_table

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.runtime.application import QDash

TASK = "CheckResonatorSpectroscopy"


class ObservingPlugin:
    """Plugin with a list of its observations."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.refusal: str | None = None

    @hookimpl
    def qdash_run_planned(self, plan: Any) -> str | None:
        self.seen.append(("planned", ", ".join(name for stage in plan.stages for name in stage.tasks)))
        return self.refusal

    @hookimpl
    def qdash_before_task(self, result: Any) -> None:
        self.seen.append(("before", result.name))

    @hookimpl
    def qdash_after_task(self, result: Any) -> None:
        self.seen.append(("after", f"{result.name} {result.status} {result.verdict}"))

    @hookimpl
    def qdash_value_changed(self, event: Any) -> None:
        self.seen.append(("changed", ", ".join(name for part in event.parts for name in part.parameters)))


def calibrate(qdash: QDash) -> str:
    service = CalibService("admin", "chip", project_id=ADMIN.project_id, qdash=qdash)
    return run_to_end(service, QubitTargets(["0"]), [CustomOneQubit([TASK])]).status


@pytest.mark.parametrize("url", ["memory://", "sqlite:///{}/qdash.db"], ids=["memory", "sqlite"])
def test_a_run_is_observed_although_another_plugin_hangs(tmp_path: Path, url: str) -> None:
    watching, ended = ObservingPlugin(), threading.Event()

    @hookimpl
    def wait(result: Any) -> None:
        ended.wait(60)

    plugins = {"watching": watching, "slow": SimpleNamespace(qdash_before_task=wait)}
    settings = load_settings(home=tmp_path, store_url=url.format(tmp_path))
    with open_qdash(settings, load_plugins(extra=plugins)) as qdash:
        qdash.participants.limit_s = 0.3
        create_twin_chip(qdash, ADMIN, "chip", make_table({}), seed=1)
        watching.seen.clear()  # the design of the chip
        assert calibrate(qdash) == "completed"
        watching.refusal = "the cryostat is warm"
        with pytest.raises(InvalidInputError, match="refuses this run: the cryostat is warm"):
            calibrate(qdash)
    ended.set()
    kinds = [kind for kind, _ in watching.seen]
    assert kinds[:2] == ["planned", "before"]
    assert sorted(kinds[2:4]) == ["after", "changed"]
    assert kinds[4:] == ["planned"]
    assert ("after", f"{TASK} completed accepted") in watching.seen
    (changed,) = [text for kind, text in watching.seen if kind == "changed"]
    assert "resonator_frequency" in changed
    assert [name for name, _ in read_failures(tmp_path)] == ["slow"]
