"""A review on a terminal: twenty flagged results by keys alone, while others decide and a run records."""

from __future__ import annotations

import os
import pty
import re
import signal
import termios
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.values.feature import VALUES
from qdash_core.models.task import LatestResultModel, Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import Settings

from .command_line import PATIENCE_S, wait_for_end, wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from datetime import datetime

    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

    from .command_line import CommandLine

TASKS = ("CheckT1", "CheckT2Echo", "CheckRabi")
_LOCAL_FLAGS = 3


@dataclass
class Terminal:
    """A terminal, with its output and a keyboard."""

    keyboard: int
    process: subprocess.Popen[str]
    shown: bytearray = field(default_factory=bytearray)
    pressed: int = 0

    @property
    def text(self) -> str:
        """All output, without control sequences."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.shown.decode(errors="replace")).replace("\r", "")

    def read(self) -> None:
        """Collect the output until its last user has gone."""
        try:
            while chunk := os.read(self.keyboard, 4096):
                self.shown += chunk
        except OSError:  # a terminal raises it when its last user has gone
            return

    def press(self, keys: str, *, after: str) -> None:
        """Press keys when a text has been shown and single keys are read."""
        wait_until(lambda: after in self.text and self._reads_keys(), what=f"{after!r} in {self.text}")
        self._write(keys)

    def answer(self, text: str, *, after: str) -> None:
        """Answer a question with a line."""
        wait_until(lambda: after in self.text and not self._reads_keys(), what=f"{after!r} in {self.text}")
        self._write(f"{text}\n")

    def interrupt(self, *, after: str) -> None:
        """Send what a controlling terminal sends for Ctrl-C during a question."""
        wait_until(lambda: after in self.text and not self._reads_keys(), what=f"{after!r} in {self.text}")
        self.process.send_signal(signal.SIGINT)

    def _write(self, text: str) -> None:
        self.pressed += len(text)
        os.write(self.keyboard, text.encode())

    def _reads_keys(self) -> bool:
        return not termios.tcgetattr(self.keyboard)[_LOCAL_FLAGS] & termios.ICANON


@contextmanager
def open_review(qdash: CommandLine, *options: str) -> Iterator[Terminal]:
    """Start a review on a terminal, and wait for its successful end when the block ends."""
    main_end, process_end = pty.openpty()
    with qdash.with_settings(TERM="xterm", COLUMNS="120").start(
        "review", "bench", *options, stdin=process_end, stdout=process_end, stderr=process_end
    ) as process:
        os.close(process_end)
        terminal = Terminal(main_end, process)
        reader = threading.Thread(target=terminal.read)
        reader.start()
        yield terminal
        assert wait_for_end(process).status == 0, terminal.text
    reader.join(PATIENCE_S)
    os.close(main_end)


def flag_copies(qdash: CommandLine) -> list[str]:
    """Record a flagged copy of a result, with its raw data, for three tasks on each of seven qubits; return the ids of the last twenty, newest
    first.
    """
    assert qdash.home is not None
    found = []
    with open_qdash(Settings(home=qdash.home)) as opened:
        repositories, access = opened.repositories, opened.access("admin")
        for task in TASKS:
            (measured, *_) = repositories.of(TaskResultHistoryRepository).select(
                {"project_id": access.project_id, "chip_id": "bench", "name": task, "qid": "0"},
                order=("-start_at",),
            )
            for qid in map(str, range(7)):
                now = utc_now()
                found.append(_record_copy(opened, measured, f"flagged-{task}-{qid}", qid, now))
        opened.get(VALUES).reject(access, found.pop(0), reason="only twenty are reviewed")
    return found[::-1]


def _record_copy(opened: QDash, measured: TaskResultModel, task_id: str, qid: str, now: datetime) -> str:
    values = {
        name: value.model_copy(update={"value": 3 * value.value, "calibrated_at": now, "task_id": task_id})
        for name, value in measured.output_parameters.items()
    }
    changes = {"task_id": task_id, "qid": qid, "start_at": now, "end_at": now, "output_parameters": values}
    judged = {"verdict": Verdict.FLAGGED, "reasons": ["three times the last value"], "flagged_by": ["jump"]}
    copied = measured.model_copy(update={**changes, **judged})
    opened.repositories.of(TaskResultHistoryRepository).add(copied)
    shared = {name: getattr(copied, name) for name in LatestResultModel.model_fields if hasattr(copied, name)}
    opened.repositories.of(LatestResultRepository).put(LatestResultModel(**shared, flagged_task_id=task_id))
    return task_id


@pytest.mark.slow
def test_twenty_flagged_results_are_reviewed_with_the_keyboard_alone(bench: CommandLine) -> None:
    flagged, keys = flag_copies(bench), "aaaarrrllaaaaaaarrra"
    with open_review(bench) as terminal:
        for number, key in enumerate(keys, start=1):
            terminal.press(key, after=f"\n{number} of 20: ")
            if key == "r":  # the last reason is the default
                terminal.answer("" if "drift" in terminal.text else "drift", after=f"\n{number} of 20: ")
        terminal.press("q", after="all reviewed")
    assert "20 results: 12 accepted, 6 rejected, 2 later" in terminal.text
    assert terminal.pressed == len(keys) + len("drift\n") + 5 + len("q")
    waiting = {one["task_id"] for one in bench.read_json("review", "bench")}
    assert waiting == {task_id for task_id, key in zip(flagged, keys, strict=True) if key == "l"}


def test_an_interrupt_ends_a_question_and_then_the_review_and_a_run_may_record_meanwhile(
    bench: CommandLine,
) -> None:
    flag_copies(bench)
    with open_review(bench, "--qids", "0") as terminal:
        terminal.press("a", after="\n1 of 2: CheckRabi on qubit 0")
        terminal.press("r", after="\n2 of 2: CheckT2Echo on qubit 0")
        terminal.interrupt(after="Reason:")
        bench.does("task", "run", "CheckT2Echo", "--chip", "bench", "--qid", "0", "--save")
        terminal.press("u", after="nothing was changed")
        terminal.press("\x03", after="is undone by event")
    assert "2 results: 2 not reviewed" in terminal.text
    assert [one["task"] for one in bench.read_json("review", "bench", "--qids", "0")] == ["CheckRabi"]
