from typing import Literal

NoteScope = Literal[
    "chip", "cooldown", "coupling", "coupling_metric", "cryostat", "qubit", "qubit_metric", "task_result"
]

NOTE_SCOPE_VALUES: set[NoteScope] = {
    "chip",
    "cooldown",
    "coupling",
    "coupling_metric",
    "cryostat",
    "qubit",
    "qubit_metric",
    "task_result",
}


def check_note_scope(value: str) -> NoteScope:
    if value in NOTE_SCOPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {NOTE_SCOPE_VALUES!r}")
