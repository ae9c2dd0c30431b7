"""Task lists of the original's steps."""

__all__ = [
    "BRINGUP_TASKS",
    "CHECK_1Q_TASKS",
    "EXPERIMENTAL_SIMULTANEOUS_BRINGUP_TASKS",
    "FULL_1Q_TASKS",
    "FULL_1Q_TASKS_AFTER_CHECK",
    "FULL_2Q_TASKS",
]

_RABI_AND_HPI = ("CheckRabi", "CreateHPIPulse", "CheckHPIPulse")

BRINGUP_TASKS = [
    "CheckResonatorSpectroscopy",
    "CheckQubitSpectroscopy",
    "CheckControlAmplitude",
    "CheckChevron",
]
EXPERIMENTAL_SIMULTANEOUS_BRINGUP_TASKS = [
    "CheckSimultaneousQubitSpectroscopy" if name == "CheckQubitSpectroscopy" else name
    for name in BRINGUP_TASKS
]
CHECK_1Q_TASKS = ["CheckRabi", *_RABI_AND_HPI, *_RABI_AND_HPI, "CheckT1", "CheckT2Echo", "CheckRamsey"]
FULL_1Q_TASKS_AFTER_CHECK = [
    *_RABI_AND_HPI,
    "CreatePIPulse",
    "CheckPIPulse",
    "CreateDRAGHPIPulse",
    "CheckDRAGHPIPulse",
    "CreateDRAGPIPulse",
    "CheckDRAGPIPulse",
    "ReadoutClassification",
    "CheckT1Average",
    "CheckT2EchoAverage",
    "Check1QGateCoherenceLimit",
    "RandomizedBenchmarking",
    "X90InterleavedRandomizedBenchmarking",
]
FULL_1Q_TASKS = [*CHECK_1Q_TASKS, *FULL_1Q_TASKS_AFTER_CHECK]
FULL_2Q_TASKS = [
    "CheckCrossResonance",
    "CreateZX90",
    "CheckZX90",
    "CheckBellState",
    "CheckBellStateTomography",
    "Check2QGateCoherenceLimit",
    "ZX90InterleavedRandomizedBenchmarking",
]
