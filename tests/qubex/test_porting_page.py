"""Page for users of the original: its tables, against the tasks and the table of parameters."""

from pathlib import Path

from qdash_qubex.native.tasks import NATIVE_TASKS
from qdash_qubex.parameters import FILE_PARAMETERS
from qdash_qubex.system.tasks import SYSTEM_TASKS
from qdash_tasks.tasks import TASKS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "porting-from-qubex.md"


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_tasks_that_are_here_are_marked_and_no_others():
    tasks = rows("Tasks")
    names = {row[0].strip("`") for row in tasks}
    system = {task.name for task in SYSTEM_TASKS}
    standard = {row[0].strip("`") for row in tasks if row[2] == "yes"}
    native = {row[0].strip("`") for row in tasks if row[3] == "yes"}
    assert standard == (names & {task.name for task in TASKS}) | system
    assert native == (names & {task.name for task in NATIVE_TASKS}) | system
    assert native - system == {task.name for task in NATIVE_TASKS}
    assert all(row[4] for row in tasks if row[2] != "yes"), "what does the same is said"


def test_every_parameter_of_a_file_has_its_row():
    listed = {
        name.strip("`"): {file.strip("` ") for file in row[1].split(",")}
        for row in rows("Parameter files")
        for name in row[0].split(", ")
    }
    for name, parameter in FILE_PARAMETERS.items():
        assert "of the same name" in listed[name] or set(parameter.files) <= listed[name], name
