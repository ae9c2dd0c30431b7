"""JSON values of laboratory requests and answers, in both directions.

Numbers are exact: floats have every digit, and arrays are their original bytes in base64.
"""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import errors
from qdash_core.errors import BackendError, QDashError
from qdash_core.parsing.numpy_archives import make_array
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.recording_file import Json

_ALIKE = 1e-6
"""Relative difference of numbers that count as equal: fits on another machine differ in the last digits."""


def encode_plain(value: object) -> Any:
    """Return a request, limits or shots as JSON values; infinity becomes text, a class its name."""
    if isinstance(value, np.generic):
        return encode_plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, np.ndarray):
        return encode_plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): encode_plain(one) for key, one in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(encode_plain(one) for one in value)
    if isinstance(value, Sequence):
        return [encode_plain(one) for one in value]
    if dataclasses.is_dataclass(value):
        fields = {one.name: encode_plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
        return {"class": type(value).__name__, **fields}
    return repr(value)


def find_difference(recorded: object, requested: object, where: str = "") -> str | None:
    """Return the first difference between two values of `encode_plain`, other than in the last digits, or None."""
    if isinstance(recorded, dict) and isinstance(requested, dict):
        keys = [*recorded, *(key for key in requested if key not in recorded)]
        parts = [(recorded.get(key), requested.get(key), f"{where}.{key}".lstrip(".")) for key in keys]
    elif isinstance(recorded, list) and isinstance(requested, list):
        if len(recorded) != len(requested):
            return f"{where} has {len(requested)} values, but the recording has {len(recorded)}"
        parts = [
            (old, new, f"{where}[{i}]") for i, (old, new) in enumerate(zip(recorded, requested, strict=True))
        ]
    elif _is_equal(recorded, requested):
        return None
    else:
        return f"{where} is {requested}, but the recording has {recorded}"
    return next((found for part in parts if (found := find_difference(*part)) is not None), None)


def encode_answer(answer: object) -> Json:
    """Encode an answer as JSON; an invalid answer becomes an error."""
    if isinstance(answer, Trace | ShotRecord):
        record = {one.name: getattr(answer, one.name) for one in dataclasses.fields(answer)}
        arrays = {name: _pack_array(value) for name, value in record.items() if isinstance(value, np.ndarray)}
        return {"class": type(answer).__name__, "began_s": encode_plain(answer.began_s), **arrays}
    return encode_error(BackendError(f"a {type(answer).__name__} instead of an answer"))


def decode_answer(record: Json) -> Answer:
    """Decode a recorded answer, or raise the recorded exception."""
    if "raised" in record:
        raise decode_error(record)
    arrays = {name: _unpack_array(value) for name, value in record.items() if isinstance(value, dict)}
    began_s = _number(record["began_s"])
    if record["class"] == ShotRecord.__name__:
        return ShotRecord(arrays["iq"], began_s)
    return Trace(**arrays, began_s=began_s)


def encode_error(error: Exception) -> Json:
    """Return an exception as its class and message."""
    return {"raised": type(error).__name__, "message": str(error)}


def decode_error(record: Json) -> QDashError:
    """Return the recorded exception; one from outside QDash becomes a `BackendError` with its name."""
    found = getattr(errors, record["raised"], None)
    if isinstance(found, type) and issubclass(found, QDashError):
        return found(record["message"])
    return BackendError(f"{record['raised']}: {record['message']}")


def decode_limits(record: Json) -> Limits:
    """Return recorded limits."""
    fields = {name: _number(value) for name, value in record.items() if name != "class"}
    fields["lines"] = {qid: _decode_line(line) for qid, line in record["lines"].items()}
    fields["usual_line"] = _decode_line(record["usual_line"])
    fields["readout"] = ReadoutLimits(**_decode_ranges(record["readout"]))
    fields["readout_ranges"] = {
        qid: tuple(tuple(ends) for ends in ranges) for qid, ranges in record.get("readout_ranges", {}).items()
    }
    return Limits(**{**fields, "keeps": frozenset(record["keeps"]), "resets": frozenset(record["resets"])})


def _decode_line(record: Json) -> LineLimits:
    return LineLimits(**_decode_ranges(record))


def _decode_ranges(record: Json) -> Json:
    fields = {name: _number(value) for name, value in record.items() if name != "class"}
    return {**fields, "frequencies_ghz": tuple(tuple(ends) for ends in record["frequencies_ghz"])}


def _number(value: object) -> Any:
    return float(value) if isinstance(value, str) else value


def _is_equal(recorded: object, requested: object) -> bool:
    if isinstance(recorded, float | int) and isinstance(requested, float | int):
        return math.isclose(recorded, requested, rel_tol=_ALIKE)
    return recorded == requested


def _pack_array(array: NDArray[Any]) -> Json:
    record = np.ascontiguousarray(array)
    record = record.astype(record.dtype.newbyteorder("<"))
    return {
        "dtype": record.dtype.str,
        "shape": list(record.shape),
        "base64": base64.b64encode(record.tobytes()).decode(),
    }


def _unpack_array(record: Json) -> NDArray[Any]:
    array = make_array(base64.b64decode(record["base64"]), record["dtype"], tuple(record["shape"]))
    return array.astype(array.dtype.newbyteorder("="))
