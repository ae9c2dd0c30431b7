"""Pages for users of the original and of the library: their tables, against the tasks and the table of parameters."""

import re
from pathlib import Path

from qdash_qubex.native.tasks import NATIVE_TASKS
from qdash_qubex.parameters import FILE_PARAMETERS
from qdash_qubex.system.tasks import SYSTEM_TASKS
from qdash_tasks.tasks import TASKS

DOCS = Path(__file__).resolve().parents[2] / "docs"
OF_THE_ORIGINAL = re.findall(
    r"\w+",
    """
    LinkUp ConfigureAll CheckStatus CheckNoise Configure ReadoutConfigure DumpBox
    CheckResonatorSpectroscopy CheckResonatorFrequencies CheckReflectionCoefficient CheckElectricalDelay CheckDispersiveShift
    CheckReadoutFrequency CheckOptimalReadoutFrequency CheckReadoutAmplitude CheckOptimalReadoutAmplitude CheckWaveform
    CheckQubitSpectroscopy CheckSimultaneousQubitSpectroscopy CheckQubitFrequencies CheckQubitFrequency CheckControlAmplitude
    CheckChevron CheckCoarseChevron CheckFineChevron CheckQubit CheckRabi
    CreateHPIPulse CheckHPIPulse CreatePIPulse CheckPIPulse CreateDRAGHPIPulse CheckDRAGHPIPulse CreateDRAGPIPulse CheckDRAGPIPulse
    ReadoutClassification CheckT1 CheckT1Average CheckT2Echo CheckT2EchoAverage CheckRamsey
    Check1QGateCoherenceLimit Check2QGateCoherenceLimit RandomizedBenchmarking X90InterleavedRandomizedBenchmarking
    X180InterleavedRandomizedBenchmarking ZX90InterleavedRandomizedBenchmarking
    CheckCrossResonance CreateZX90 CheckZX90 CheckBellState CheckBellStateTomography
    """,
)
"""Tasks of the original."""


def read_rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    section = (DOCS / page).read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_every_task_of_the_original_is_here_and_a_difference_names_one():
    assert set(OF_THE_ORIGINAL) <= {task.name for task in (*TASKS, *SYSTEM_TASKS)}
    different = {
        name for row in read_rows("porting-from-qubex.md", "Tasks") for name in re.findall(r"`(\w+)`", row[0])
    }
    assert different <= set(OF_THE_ORIGINAL)


def test_the_page_of_native_tasks_lists_all_of_them():
    listed = [name for row in read_rows("qubex-native.md", "Procedures") for name in row[0].split(", ")]
    assert sorted(listed) == sorted(task.name for task in NATIVE_TASKS)


def test_every_parameter_of_a_file_has_its_row():
    listed = {
        name.strip("`"): {file.strip("` ") for file in row[1].split(",")}
        for row in read_rows("porting-from-qubex.md", "Parameter files")
        for name in row[0].split(", ")
    }
    for name, parameter in FILE_PARAMETERS.items():
        assert "of the same name" in listed[name] or set(parameter.files) <= listed[name], name
