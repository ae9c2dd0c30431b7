"""JSON values of laboratory requests and answers, in both directions.

Numbers are exact: JSON has every digit of a float, and arrays are their original bytes in base64.
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


def find_difference(recorded: object, asked: object, where: str = "") -> str | None:
    """Return the first difference between two values of `encode_plain`, or None if there is none beyond the last
    digits.
    """
    if isinstance(recorded, dict) and isinstance(asked, dict):
        keys = [*recorded, *(key for key in asked if key not in recorded)]
        parts = [(recorded.get(key), asked.get(key), f"{where}.{key}".lstrip(".")) for key in keys]
    elif isinstance(recorded, list) and isinstance(asked, list):
        if len(recorded) != len(asked):
            return f"{where} has {len(asked)} values, but the recording has {len(recorded)}"
        parts = [
            (old, new, f"{where}[{i}]") for i, (old, new) in enumerate(zip(recorded, asked, strict=True))
        ]
    elif _is_equal(recorded, asked):
        return None
    else:
        return f"{where} is {asked}, but the recording has {recorded}"
    return next((found for part in parts if (found := find_difference(*part)) is not None), None)


def answer_as_json(answer: object) -> Json:
    """Return an answer as JSON; an invalid answer becomes an error."""
    if isinstance(answer, Trace | ShotRecord):
        kept = {one.name: getattr(answer, one.name) for one in dataclasses.fields(answer)}
        arrays = {name: _pack_array(value) for name, value in kept.items() if isinstance(value, np.ndarray)}
        return {"class": type(answer).__name__, "began_s": encode_plain(answer.began_s), **arrays}
    return encode_error(BackendError(f"a {type(answer).__name__} instead of an answer"))


def answer_from(kept: Json) -> Answer:
    """Return a recorded answer, or raise the recorded exception."""
    if "raised" in kept:
        raise decode_error(kept)
    arrays = {name: _unpack_array(value) for name, value in kept.items() if isinstance(value, dict)}
    began_s = _number(kept["began_s"])
    if kept["class"] == ShotRecord.__name__:
        return ShotRecord(arrays["iq"], began_s)
    return Trace(**arrays, began_s=began_s)


def encode_error(error: Exception) -> Json:
    """Return an exception as its class and message."""
    return {"raised": type(error).__name__, "message": str(error)}


def decode_error(kept: Json) -> QDashError:
    """Return the recorded exception; one from outside QDash becomes a `BackendError` with its name."""
    found = getattr(errors, kept["raised"], None)
    if isinstance(found, type) and issubclass(found, QDashError):
        return found(kept["message"])
    return BackendError(f"{kept['raised']}: {kept['message']}")


def decode_limits(kept: Json) -> Limits:
    """Return recorded limits."""
    fields = {name: _number(value) for name, value in kept.items() if name != "class"}
    fields["lines"] = {qid: _decode_line(line) for qid, line in kept["lines"].items()}
    fields["usual_line"] = _decode_line(kept["usual_line"])
    fields["readout"] = ReadoutLimits(**_decode_ranges(kept["readout"]))
    fields["readout_ranges"] = {
        qid: tuple(tuple(ends) for ends in ranges) for qid, ranges in kept.get("readout_ranges", {}).items()
    }
    return Limits(**{**fields, "keeps": frozenset(kept["keeps"]), "resets": frozenset(kept["resets"])})


def _decode_line(kept: Json) -> LineLimits:
    return LineLimits(**_decode_ranges(kept))


def _decode_ranges(kept: Json) -> Json:
    fields = {name: _number(value) for name, value in kept.items() if name != "class"}
    return {**fields, "frequencies_ghz": tuple(tuple(ends) for ends in kept["frequencies_ghz"])}


def _number(value: object) -> Any:
    return float(value) if isinstance(value, str) else value


def _is_equal(recorded: object, asked: object) -> bool:
    if isinstance(recorded, float | int) and isinstance(asked, float | int):
        return math.isclose(recorded, asked, rel_tol=_ALIKE)
    return recorded == asked


def _pack_array(array: NDArray[Any]) -> Json:
    kept = np.ascontiguousarray(array)
    kept = kept.astype(kept.dtype.newbyteorder("<"))
    return {
        "dtype": kept.dtype.str,
        "shape": list(kept.shape),
        "base64": base64.b64encode(kept.tobytes()).decode(),
    }


def _unpack_array(kept: Json) -> NDArray[Any]:
    array = make_array(base64.b64decode(kept["base64"]), kept["dtype"], tuple(kept["shape"]))
    return array.astype(array.dtype.newbyteorder("="))
