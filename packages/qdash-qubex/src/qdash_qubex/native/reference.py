"""Reference of the library's signals: its Rabi calibration, repeated after a change of the readout.

It contains the positions of |0> and |1> in the IQ plane. The library uses it even after the readout was changed: a
decay is then lost, and a Ramsey fringe inverted. QDash therefore adds the settings to its note entry; one without them
is used unchanged.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from qdash_core import MissingInputError, utc_now
from qdash_qubex.library.classifiers import contains_settings, get_readout_settings
from qdash_qubex.native.declarations import USUAL_WAIT_NS
from qdash_qubex.note import make_time_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

logger = logging.getLogger(__name__)

SECTION = "rabi_params"
SMALLEST_R2 = 0.9
"""Smallest R2 for which the library does not warn."""
_MADE_WITH, _WAIT = "qdash_made_with", "shot_interval"


def make_reference_note(library: Any, label: str, wait_ns: float) -> dict[str, Any]:
    """Return the note field with the settings and shot interval of a new Rabi calibration."""
    return {_MADE_WITH: {**_get_settings(library, label), _WAIT: wait_ns}}


def explain_missing_reference(
    library: Any, labels: Collection[str], options: Mapping[str, Any]
) -> dict[str, MissingInputError]:
    """Return an error for each qubit label without a valid Rabi calibration. Touches hardware.

    Outdated calibrations are repeated first, with the library's arguments `options` for shots.
    """
    wait_ns = get_wait_ns(options)
    outdated = [label for label in labels if _is_outdated(library, label, wait_ns)]
    if outdated:
        logger.info(
            "the readout of %s or the wait has changed since CheckRabi: measuring again",
            ", ".join(outdated),
        )
        _measure_again(library, outdated, options)
    there = library.rabi_params
    return {
        label: _describe_missing(label, again=label in outdated) for label in labels if label not in there
    }


def _measure_again(library: Any, labels: Collection[str], options: Mapping[str, Any]) -> None:
    note = library.calib_note
    for label in labels:
        note.remove_property(SECTION, label)  # it is of no use any more, whatever comes
    library.obtain_rabi_params(
        list(labels), **options, simultaneous=True, fit_threshold=SMALLEST_R2, plot=False
    )
    for label in labels:
        if (entry := note.get_property(SECTION, label)) is not None:
            said = make_reference_note(library, label, get_wait_ns(options)) | make_time_fields(utc_now())
            note.put_property(SECTION, label, {**entry, **said})


def get_wait_ns(options: Mapping[str, Any]) -> float:
    """Return the library's wait after each shot for these arguments, in ns."""
    return float(options.get(_WAIT, USUAL_WAIT_NS))


def _is_outdated(library: Any, label: str, wait_ns: float) -> bool:
    entry = library.calib_note.get_property(SECTION, label)
    before = (entry or {}).get(_MADE_WITH)
    if before is None:
        return False
    if before.get(_WAIT, wait_ns) < wait_ns:
        return True  # shots that begin a little excited have less contrast
    return not contains_settings(before, _get_settings(library, label))


def _get_settings(library: Any, label: str) -> dict[str, float]:
    driven = {"control_amplitude": float(library.params.get_control_amplitude(label))}
    return get_readout_settings(library, label) | driven


def _describe_missing(label: str, *, again: bool) -> MissingInputError:
    if again:
        return MissingInputError(
            f"{label}: the readout has changed since CheckRabi, and shows no oscillation now: run CheckRabi"
        )
    return MissingInputError(
        f"the library has no valid Rabi calibration of {label} in its note: run CheckRabi"
    )
