"""Laboratory that records requests and answers, so that a run can be repeated from the file."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from qdash_core.errors import BackendError
from qdash_core.process.clock import utc_now
from qdash_tasks.laboratory.port import Answers, Laboratory
from qdash_tasks.laboratory.recording_file import FORMAT, Json
from qdash_tasks.laboratory.recording_json import encode_answer, encode_error, encode_plain
from qdash_tasks.laboratory.request_kinds import list_request_classes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from qdash_core.backends.base import BaseBackend
    from qdash_tasks.laboratory.coupling_settings import CouplingSettings
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import Shots

_recorders: WeakKeyDictionary[BaseBackend, Recorder] = WeakKeyDictionary()
_making = threading.Lock()


class Recorder(Laboratory):
    """Laboratory that records another one: every call is one line, on disk before its answer is used.

    It writes a new file at `path`, with the design values of the backend, by qubit.

    Raises `FileExistsError` if there is one.
    """

    def __init__(
        self, laboratory: Laboratory, path: Path, design: Mapping[str, Mapping[str, float]] | None = None
    ) -> None:
        super().__init__({})
        self.requests = laboratory.requests  # type: ignore[misc]  # those of an instance, here
        self.limits = laboratory.limits
        self._laboratory, self._path = laboratory, path
        self._numbers, self._writing = itertools.count(1), threading.Lock()
        header = {
            "format": FORMAT,
            "laboratory": type(laboratory).__name__,
            "requests": sorted({one.__name__ for one in list_request_classes() if laboratory.supports(one)}),
            "limits": encode_plain(laboratory.limits),
            "design": encode_plain(design or {}),
            **self._collect_settings([*laboratory.settings, *laboratory.couplings]),
        }
        with path.open("x") as new:
            new.write(json.dumps(header) + "\n")

    def supports(self, request: type[Request]) -> bool:
        """Return whether the recorded laboratory supports requests of this kind."""
        return self._laboratory.supports(request)

    @property
    def settings(self) -> Mapping[str, Settings]:
        """Settings of the recorded laboratory."""
        return self._laboratory.settings

    @property
    def couplings(self) -> Mapping[str, CouplingSettings]:
        """Couplings of the recorded laboratory."""
        return self._laboratory.couplings

    def adjust(self, target: str, values: Mapping[str, float | None]) -> None:
        """Change settings of the recorded laboratory."""
        self._laboratory.adjust(target, values)

    def apply(self, target: str, calibrated: Mapping[str, float]) -> None:
        """Apply calibrated values to the recorded laboratory."""
        self._laboratory.apply(target, calibrated)

    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        """Measure and record: requests, settings in use, and answers or exceptions. Touches hardware."""
        asked = {
            "shots": encode_plain(shots),
            **self._collect_settings(requests),
            "requests": {target: [encode_plain(one) for one in each] for target, each in requests.items()},
        }
        try:
            answers = self._laboratory.measure(requests, shots)
        except Exception as error:
            self._write({**asked, "answers": encode_error(error)})
            raise
        self._write({**asked, "answers": _encode_answers(answers)})
        return answers

    def wraps(self, laboratory: Laboratory) -> bool:
        """Return whether this recorder wraps the laboratory."""
        return self._laboratory is laboratory

    def close(self) -> None:
        """Close the recorded laboratory."""
        self._laboratory.close()

    def _collect_settings(self, targets: Iterable[str]) -> Json:
        """Return the settings in use of the qubits and couplings of these targets."""
        targets = list(targets)
        qids = dict.fromkeys(qid for target in targets for qid in target.split("-"))
        couplings = [target for target in targets if target in self.couplings]
        return {
            "settings": {qid: self.settings[qid].as_note() for qid in qids if qid in self.settings},
            "couplings": {name: self.couplings[name].as_note() for name in couplings},
        }

    def _write(self, call: Json) -> None:
        with self._writing, self._path.open("a") as recording:
            recording.write(json.dumps({"call": next(self._numbers), **call}) + "\n")


def get_recorder(laboratory: Laboratory, backend: BaseBackend, folder: Path) -> Recorder:
    """Return the one recorder of a backend's laboratory; its file in the folder is named after chip and time."""
    with _making:
        # By backend, which the recorder does not reference: both end with their session.
        known = _recorders.get(backend)
        if known is None or not known.wraps(laboratory):
            known = _recorders[backend] = _start_recorder(laboratory, backend, folder)
        return known


def _start_recorder(laboratory: Laboratory, backend: BaseBackend, folder: Path) -> Recorder:
    folder.mkdir(parents=True, exist_ok=True)
    began = utc_now().strftime("%Y%m%d-%H%M%S")
    for number in itertools.count(1):
        path = folder / f"{backend.context.chip_id}-{began}-{number}.jsonl"
        try:
            return Recorder(laboratory, path, type(backend).design(backend.context))
        except FileExistsError:
            continue
    raise AssertionError("the numbers are infinite")


def _encode_answers(answers: object) -> object:
    if not isinstance(answers, Mapping):
        return encode_error(_make_missing_answers_error(answers))
    return {target: _encode_answer(each) for target, each in answers.items()}


def _encode_answer(answers: object) -> object:
    if isinstance(answers, Exception):
        return encode_error(answers)
    if not isinstance(answers, Sequence):
        return encode_error(_make_missing_answers_error(answers))
    return [encode_answer(one) for one in answers]


def _make_missing_answers_error(given: object) -> BackendError:
    return BackendError(f"a {type(given).__name__} instead of answers")
