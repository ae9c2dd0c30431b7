"""Detection of lines that died during the measurement of a pair, so that a rejection can name them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError, NoSignalError
from qdash_tasks.programs.pair_conditions import ROLES
from qdash_tasks.programs.readout_reference import (
    UnreadableError,
    decode_ends,
    get_readout_line,
    list_references,
    read_first_lines,
    read_trace,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.readout_reference import ReadoutLine

_SILENT, _SURELY = 0.05, 5.0
"""A readout is silent at this share of its former signal, or within this number of standard errors of
zero.
"""
_BETWEEN = 0.3
"""Zero signal this near the line from 0 to 1, in units of half its length, cannot be told from a mixed
state.
"""
_ALIKE, _SEEN = 0.2, 0.5
"""Mean square difference of X and Y from Z, as a share of their mean square, below which they are equal, and
the least mean square.
"""
_ALWAYS_0 = 0.8


@contextmanager
def name_dead_lines(raw: RawData) -> Iterator[None]:
    """Replace an `AnalysisError` by the name of the line that died, if the data show one.

    Otherwise it would look like weak coupling, or gates that lose everything.
    """
    try:
        yield
    except AnalysisError as error:
        if (lost := find_dead_line(raw)) is not None:
            raise NoSignalError(lost) from error
        raise


def find_dead_line(raw: RawData) -> str | None:
    """Describe the line that died after the reference points, or return None if none surely did."""
    try:
        lines = read_first_lines(raw)
    except UnreadableError:
        return None
    named = [f"the {role}, qubit {raw.attributes.get(role)}," for role in ROLES]
    for line, role, found in zip(lines, named, _read_pair_traces(raw), strict=True):
        if any(_is_silent(trace, line) for trace in found):
            return f"the readout of {role} failed during the task: there is no signal"
    of_both = (
        _is_dead(raw, "control", "length", _is_always_0),
        _is_dead(raw, "target", "duration", _is_one_component),
    )
    for role, dead in zip(named, of_both, strict=True):
        if dead:
            return f"the drive line of {role} failed during the task: its pulses have no effect"
    return None


def _read_pair_traces(raw: RawData) -> tuple[list[Trace], list[Trace]]:
    """Return the traces of the control and of the target."""
    both = [*_read_sweeps(raw, "length").values(), *_read_sweeps(raw, "state").values()]
    alone = [*_read_sweeps(raw, "duration").values(), *_read_sweeps(raw, "gates").values()]
    return [trace.row(0) for trace in both], [*(trace.row(1) for trace in both), *alone]


def _is_dead(raw: RawData, role: str, x_name: str, shows_dead: Callable[[Trace, ReadoutLine], bool]) -> bool:
    """Return whether the prepared states are no longer separated, or pulses have no effect in a sweep."""
    try:
        for name in list_references(raw):
            get_readout_line(raw, name, role=role)
    except UnreadableError:
        return True
    sweeps = _read_sweeps(raw, x_name).items()
    return any(shows_dead(trace, get_readout_line(raw, name, role=role)) for name, trace in sweeps)


def _read_sweeps(raw: RawData, x_name: str) -> dict[str, Trace]:
    """Return the sweeps over the axis `x_name`, by name."""
    names = [name.removesuffix("_iq") for name in raw.arrays if name.endswith("_iq")]
    return {name: read_trace(raw, name, x_name) for name in names if f"{name}_{x_name}" in raw.arrays}


def _is_silent(trace: Trace, line: ReadoutLine) -> bool:
    """Return whether the readout gives no signal; False if a mixed state would look the same."""
    none = -line.middle / line.towards_0
    if abs(none.imag) < _BETWEEN and abs(none.real) < 1 + _BETWEEN:
        return False
    error = float(np.sqrt(np.sum(np.abs(trace.sigma) ** 2))) / trace.iq.size
    return bool(abs(trace.iq.mean()) < _SILENT * abs(line.middle) + _SURELY * error)


def _is_always_0(trace: Trace, line: ReadoutLine) -> bool:
    """Return whether the control reads 0 even after random sequences that end in 1."""
    values, _ = line.compute_expectations(trace.row(0))
    return bool(values[decode_ends(trace)[:, 0]].mean() > _ALWAYS_0)


def _is_one_component(trace: Trace, line: ReadoutLine) -> bool:
    """Return whether X, Y and Z of the target are equal, as if its pulses had no effect."""
    paths = line.compute_expectations(trace)[0].reshape(2, 3, -1)
    length2 = float((paths**2).sum(axis=1).mean())
    apart2 = float(((paths[:, :2] - paths[:, 2:]) ** 2).sum(axis=1).mean())
    return length2 > _SEEN and apart2 < _ALIKE * length2
