"""Request for a device: the qubits and couplings of a chip that another program may use, and limits for their values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qdash_builtin.metrics.selection import parse_marks
from qdash_core.errors import InvalidInputError
from qdash_core.models.target_lists import parse_qubits, parse_targets
from qdash_core.models.times import parse_duration
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta
    from typing import Self

    from qdash_core.models.marks import Mark

_LONGEST_NAME = 100
_KEYS = ("name", "device_id", "qubits", "exclude_couplings")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRequest:
    """Request for a device. The default is every qubit and coupling that has all values and is not unfit.

    Parameters
    ----------
    name, device_id : str or None
        Name and id of the device in files, or None for the id of the chip.
    qubits : tuple of str
        The only qubits that may be part of it, or empty for all.
    min_qubit_fidelity, min_readout_fidelity, min_coupling_fidelity : float or None
        Lowest `x90_gate_fidelity`, mean of `readout_fidelity_0` and `_1`, and `zx90_gate_fidelity`, whatever their
        errors; None for no limit.
    max_age : timedelta or None
        Highest age of a measured value, or None for no limit.
    marks : tuple of Mark
        A value with one of these marks does not count.
    largest_part : bool
        Whether only the largest connected part is kept.
    """

    name: str | None = None
    device_id: str | None = None
    qubits: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    min_qubit_fidelity: float | None = None
    min_readout_fidelity: float | None = None
    min_coupling_fidelity: float | None = None
    max_age: timedelta | None = None
    marks: tuple[Mark, ...] = ()
    largest_part: bool = False
    with_unfit: bool = False

    def __post_init__(self) -> None:
        """Raise InvalidInputError if a name is empty or too long, or a fidelity is not from 0 to 1."""
        for field in ("name", "device_id"):
            text = getattr(self, field)
            if text is not None and not (text.strip() and len(text) <= _LONGEST_NAME and text.isprintable()):
                raise InvalidInputError(
                    f"{field} is {text!r}: write 1 to {_LONGEST_NAME} printable characters"
                )
        for field in ("min_qubit_fidelity", "min_readout_fidelity", "min_coupling_fidelity"):
            limit = getattr(self, field)
            if limit is not None and not 0.0 <= limit <= 1.0:
                raise InvalidInputError(f"{field} is {limit}: write a number from 0 to 1, as in 0.99")

    @classmethod
    def parse(
        cls,
        *,
        qubits: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] = (),
        max_age: str | None = None,
        without_marks: str | Iterable[str] = (),
        request: str | bytes | None = None,
        **fields: Any,
    ) -> Self:
        """Return a request from the texts that a user writes.

        Parameters
        ----------
        qubits : str or iterable of str or None
            Qubits and ranges, as in `0-3,7`; None for all.
        exclude : str or iterable of str
            Qubits, ranges and couplings, as in `0..3,7,8-9`.
        max_age : str or None
            A duration such as `24h`.
        without_marks : str or iterable of str
            Names of marks, as in `too-old,disputed`, or `any`.
        request : str or bytes or None
            Contents of a JSON file with `name`, `device_id`, `qubits` and `exclude_couplings`, as in requests to
            the original's route `device_topology`; other arguments add to it.
        **fields
            The other fields of the request.

        Raises
        ------
        InvalidInputError
            If one of them is invalid.
        """
        begun = cls() if request is None else cls._parse_file(request)
        given = {name: value for name, value in fields.items() if value is not None}
        return replace(
            begun,
            **given,
            qubits=begun.qubits if qubits is None else _parse_only(qubits),
            exclude=tuple(dict.fromkeys((*begun.exclude, *parse_targets(exclude)))),
            max_age=None if max_age is None else parse_duration(max_age),
            marks=parse_marks(without_marks.split(",") if isinstance(without_marks, str) else without_marks),
        )

    @classmethod
    def _parse_file(cls, contents: str | bytes) -> Self:
        document = parse_json(contents)
        if not isinstance(document, dict):
            raise InvalidInputError(f"the device request is not a JSON object with {', '.join(_KEYS)}")
        for key in document:
            if key not in _KEYS:
                raise InvalidInputError(
                    f"the device request has {key!r}{suggest(key, _KEYS)}; it may have {', '.join(_KEYS)}. Limits are options "
                    "of the export"
                )
        lists: dict[str, Sequence[str]] = {}
        for key in ("qubits", "exclude_couplings"):
            entries = document.get(key, [])
            if not isinstance(entries, list) or not all(isinstance(one, str) for one in entries):
                raise InvalidInputError(f"{key} of the device request is not a list of texts such as '0'")
            lists[key] = entries
        if document.get("qubits") == []:
            raise InvalidInputError("qubits of the device request is empty: leave it out for all qubits")
        for key in ("name", "device_id"):
            if not isinstance(document.get(key, ""), str):
                raise InvalidInputError(f"{key} of the device request is not a text")
        return cls(
            name=document.get("name"),
            device_id=document.get("device_id"),
            qubits=parse_qubits(lists["qubits"]),
            exclude=parse_targets(lists["exclude_couplings"]),
        )


def _parse_only(qubits: str | Iterable[str]) -> tuple[str, ...]:
    # An empty selection of a program is not the request for every qubit.
    if not (found := parse_qubits(qubits)):
        raise InvalidInputError("the list of qubits is empty: leave it out for all qubits")
    return found


WHOLE_CHIP = DeviceRequest()
"""Request for every usable qubit and coupling."""
