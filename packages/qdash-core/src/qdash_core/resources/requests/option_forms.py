"""Forms of options that refer to other objects, the same in all commands of QDash."""

from __future__ import annotations

from qdash_core.operations.command import OnCommandLine

COOLDOWN = OnCommandLine(metavar="ID")
EXECUTION = OnCommandLine(metavar="ID|last")
METRIC = OnCommandLine(metavar="KEY")
RESULT = OnCommandLine(name="result", metavar="TASK_ID")
TARGET = OnCommandLine(metavar="Q")
TASK = OnCommandLine(metavar="NAME")
USER = OnCommandLine(metavar="USER")
WORDS = OnCommandLine(name="search", metavar="WORDS")
