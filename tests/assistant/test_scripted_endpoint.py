"""The scripted endpoint as a command, and its scripts."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from qdash_assistant.testing.script import read_script
from qdash_core.errors import InvalidInputError

from .conftest import ask, make_tool

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
answers:
  - question: T1
    turns:
      - tool_calls: [{name: chip_values, arguments: {}}]
      - text: "T1 is <<chip_values:t1.value>> µs, not <<chip_values:t2.value>>."
  - turns: [{text: I know T1 only.}]
"""


def test_the_command_serves_a_script_to_several_conversations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "script.yaml").write_text(SCRIPT)
    command = [sys.executable, "-m", "qdash_assistant.testing.scripted_endpoint", "--script", "script.yaml"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            monkeypatch.setenv("QDASH_ASSISTANT_URL", process.stdout.readline().strip())
            monkeypatch.setenv("QDASH_ASSISTANT_MODEL", "scripted")

            answers = [ask(question, tools=[make_tool()]).text for question in ("T2?", "T1?", "T1?")]
        finally:
            process.terminate()

    assert answers == ["I know T1 only.", *["T1 is 51.5 µs, not <<chip_values:t2.value>>."] * 2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("answers: [{turns: []}]", "answers.0.turns: "),
        ("answers: [{turns: [{txt: a}]}]", "answers.0.turns.0.txt: there is no such field"),
        ("answers: [", "not YAML"),
    ],
    ids=["empty", "misspelt", "malformed"],
)
def test_a_wrong_script_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "script.yaml").write_text(content)

    with pytest.raises(InvalidInputError, match=said):
        read_script(tmp_path / "script.yaml")
