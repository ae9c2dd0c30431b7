"""The laboratory of the recording: its backend, its assistant, its files, and an observer of its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dulwich import porcelain
from dulwich.repo import Repo

from qdash_core import hookimpl
from qdash_core.hooks.assistants import (
    AssistantState,
    AssistantTool,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UsagePart,
)
from qdash_core.models.progress import SilentProgress
from qdash_fake.backend import FakeBackend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recorder import Recorder

    from qdash_core.hooks.notice import Notice


CHIP, PROJECT = "quartet", "default"


class Rack(FakeBackend):
    """Backend of the chip that has a twin besides its own backend."""

    name = "rack"


class Board:
    """Notifier of a board on a wall."""

    name = "board"

    def notify(self, notice: Notice) -> None:
        """Show a notice."""


class Laboratory:
    """Plugin with the backend, a notifier, and an assistant that reads the values of the chip and proposes to exclude a qubit."""

    name = "scripted"

    @hookimpl
    def qdash_backends(self) -> list[type[FakeBackend]]:
        """Return the backend."""
        return [Rack]

    @hookimpl
    def qdash_notifiers(self) -> list[Board]:
        """Return the notifier."""
        return [Board()]

    @hookimpl
    def qdash_assistants(self) -> list[Laboratory]:
        """Return the assistant."""
        return [self]

    def get_state(self) -> AssistantState:
        """Return that it is ready."""
        return AssistantState(self.name, ready=True, model="small-model", reason="")

    def answer(self, _question: str, *, tools: list[AssistantTool], **_given: Any) -> Iterator[Any]:
        """Yield the parts of the only answer."""
        exclusion = {"chip_id": CHIP, "targets": ["1"], "reason": "unstable"}
        calls: dict[str, dict[str, Any]] = {"chip_values": {}, "propose_exclude": exclusion}
        for number, (name, arguments) in enumerate(calls.items(), start=1):
            yield ToolCallPart(str(number), name, arguments)
            (tool,) = (one for one in tools if one.name == name)
            summary = str(tool.call(arguments).document)
            yield ToolResultPart(str(number), name, ok=True, summary=summary, seconds=0.1)
        yield TextPart(f"T1 of qubit 0 is fine [chip:{CHIP}].")
        yield UsagePart(1_200, 90, 0.01, "USD")


class Observer(SilentProgress):
    """Observer of a run that asks for its progress once.

    Parameters
    ----------
    recorder : Recorder
        Asks.
    number : int
        Number of the task at whose start it asks.
    """

    def __init__(self, recorder: Recorder, number: int) -> None:
        self._recorder, self._left = recorder, number

    def started(self, _task: str, _target: str) -> None:
        """Ask for the progress at the start of a task."""
        self._left -= 1
        if self._left == 0:
            self._recorder.ask("execution_progress")


def make_remote(folder: Path) -> Path:
    """Make a git repository with one file, for the root that is a work tree; return its folder."""
    folder.mkdir()
    Repo.init(folder, default_branch=b"main").close()
    (folder / "t2.yaml").write_text("Q00: 52.0\n")
    porcelain.add(folder, [folder / "t2.yaml"])
    porcelain.commit(folder, message=b"first values", author=b"bob <>", committer=b"bob <>")
    return folder
