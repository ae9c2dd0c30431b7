"""Laboratory that answers from a recording, so that a run can be repeated without instruments."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING

from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.port import Answer, Answers, Laboratory
from qdash_tasks.laboratory.recording_file import read_lines
from qdash_tasks.laboratory.recording_json import (
    decode_answer,
    decode_error,
    decode_limits,
    encode_plain,
    find_difference,
)
from qdash_tasks.laboratory.request_kinds import list_request_classes
from qdash_tasks.laboratory.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qdash_tasks.laboratory.recording_file import Json
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots


class RecordedLaboratory(Laboratory):
    """Laboratory that replays the calls of a recording, in order for each set of targets, and rejects others.

    It starts with the settings in use when the recording began. Last digits of numbers may differ, as on another
    machine.

    The recording at `path` may be truncated, as after a killed run.

    Raises `InvalidInputError` if the file cannot be read, or is not a recording.
    """

    def __init__(self, path: Path) -> None:
        header, *calls = read_lines(path)
        try:
            super().__init__(
                {qid: Settings(**note) for qid, note in header["settings"].items()},
                {name: CouplingSettings(**note) for name, note in header["couplings"].items()},
            )
            self.limits = decode_limits(header["limits"])
        except (KeyError, TypeError) as error:
            raise InvalidInputError(f"{path} was recorded by another version of QDash: {error}") from error
        requests = (one for one in list_request_classes() if one.__name__ in header["requests"])
        self.requests = frozenset(requests)  # type: ignore[misc]
        self._path, self._asking, self._asked = path, threading.Lock(), 0
        self._calls: dict[tuple[str, ...], list[Json]] = defaultdict(list)
        for call in calls:
            self._calls[tuple(sorted(call["requests"]))].append(call)

    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        """Return the recorded answers to the same requests, or raise the recorded exception.

        Raises `BackendError` with the difference if they are not the next recorded ones of these targets.
        """
        requested = {
            "shots": encode_plain(shots),
            "settings": {qid: one.as_note() for qid, one in self.settings.items()},
            "couplings": {name: one.as_note() for name, one in self.couplings.items()},
            "requests": {target: [encode_plain(one) for one in each] for target, each in requests.items()},
        }
        call = self._find_call(requested)
        answers = call["answers"]
        if "raised" in answers:
            raise decode_error(answers)
        return {target: _decode_answers(answers[target]) for target in requests}

    def _find_call(self, requested: Json) -> Json:
        """Return the recorded call that matches the request."""
        targets = ", ".join(requested["requests"])
        with self._asking:
            self._asked += 1
            left = self._calls[tuple(sorted(requested["requests"]))]
            if not left:
                raise BackendError(
                    f"call {self._asked} of this run measures {targets}, and {self._path} has no further call that does"
                )
            call = left.pop(0)
        for part in ("shots", "settings", "couplings", "requests"):
            same = {key: requested[part].get(key) for key in call[part]}
            if (found := find_difference(call[part], same, part)) is not None:
                raise BackendError(
                    f"call {self._asked} of this run measures {targets}, call {call['call']} of {self._path} differs: {found}"
                )
        return call


def _decode_answers(record: object) -> Sequence[Answer] | Exception:
    if isinstance(record, list):
        return [decode_answer(one) for one in record]
    assert isinstance(record, dict)
    return decode_error(record)
