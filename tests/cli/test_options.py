"""`--json`: standard output belongs to the JSON alone during a command, and to everyone afterwards."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from qdash_cli import options
from qdash_cli.rendering.output import emit_json
from qdash_core import InvalidInputError

PROGRAM = """
import os, sys
import click
from qdash_cli import options
from qdash_cli.rendering.output import emit_json

before = sys.stdout

@click.command()
@options.json_option
@click.option("--number", type=int, default=1)
def command(as_json, number):
    os.system("echo from a process")
    before.write("from an older reference\\n")
    print("from python")
    emit_json({"number": number})
    1 / (number - 3)

for arguments in (["--json"], ["--json", "--number", "3"], ["--json", "--number", "many"]):
    try:
        command.main(arguments, standalone_mode=False)
    except (ZeroDivisionError, click.UsageError):
        pass
    assert sys.stdout is before
    sys.stdout.flush()
    os.system("echo between")
print("end")
"""


def test_the_document_stands_alone_and_standard_output_comes_back_whatever_happens() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    first, second, third, end = done.stdout.split("between\n")
    assert (json.loads(first), json.loads(second), third, end) == ({"number": 1}, {"number": 3}, "", "end\n")
    for written in ("from a process", "from an older reference", "from python"):
        assert done.stderr.count(written) == 2


def test_where_the_streams_are_a_test_runners_python_is_kept_apart() -> None:
    @click.command()
    @options.json_option
    def command(as_json: bool) -> None:
        print("noise")  # noqa: T201  what a library does
        if as_json:
            emit_json({"n": 1})

    found = CliRunner().invoke(command, ["--json"], catch_exceptions=False)
    assert (json.loads(found.stdout), found.stderr) == ({"n": 1}, "noise\n")
    assert CliRunner().invoke(command, []).stdout == "noise\n"


@pytest.mark.parametrize("given", [("CheckX=5", "CheckX.shots=64"), ("CheckX.shots=64", "CheckX=5")])
def test_a_name_is_a_task_or_a_run_parameter(given: tuple[str, str]) -> None:
    with pytest.raises(InvalidInputError, match="both a task and a run parameter"):
        options.parse_run_parameters(given)
