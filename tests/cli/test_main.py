"""Entry point of `qdash`: interrupts that Python would drop."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import importlib, time
main = importlib.import_module("qdash_cli.main")

class Last:
    def __del__(self):
        raise {raised}

def work(_arguments):
    last = Last()
    del last
    for _ in range({looks}):
        time.sleep(0.01)
    return 0

main.run = work
try:
    main.main([])
except SystemExit as end:
    print(end.code)
"""


def run_main(raised: str, *, looks: int) -> tuple[str, str]:
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(raised=raised, looks=looks)],
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.stdout.strip(), finished.stderr


def test_an_interrupt_that_comes_where_python_drops_it_is_repeated_without_a_complaint() -> None:
    assert run_main("KeyboardInterrupt", looks=3_000) == ("130", "error: cancelled\n")


def test_what_else_is_dropped_is_told_as_usual() -> None:
    said, complaint = run_main("ValueError", looks=1)
    assert said == "0"
    assert "ValueError" in complaint


BREAKING = """
import importlib, signal
main = importlib.import_module("qdash_cli.main")
import qdash_cli.app as app

class Breaks:
    def __set_name__(self, owner, name):
        signal.raise_signal(signal.SIGINT)

def command(**_):
    type("Owner", (), {"breaks": Breaks()})

app.app.main = command
main.main([])
"""


def test_what_an_interrupt_breaks_is_told_as_an_interrupt() -> None:
    """Class creation raises RuntimeError, and a module in C ImportError."""
    done = subprocess.run([sys.executable, "-c", BREAKING], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "error: cancelled\n")
