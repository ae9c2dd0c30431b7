"""State classifiers of the open session, each used only with the readout with which it was trained.

The library loads them from files and uses them even if the readout has changed; its results are then wrong
without a sign. A classifier stored by QDash therefore names the readout of its training. A classifier without this, as from a
notebook, is used unchanged.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

_TRAINED_WITH = "qdash_trained_with"
"""Attribute of a classifier, which goes into its file with it."""


def get_readout_settings(library: Any, label: str) -> dict[str, float]:
    """Return the readout settings with which the library reads a qubit."""
    return {
        "readout_frequency": float(library.targets[f"R{label}"].frequency),
        "readout_amplitude": float(library.params.get_readout_amplitude(label)),
        "readout_duration": float(library.readout_duration),
    }


def contains_settings(some: Mapping[str, float], others: Mapping[str, float]) -> bool:
    """Return whether all of `others` are those of `some`."""
    return all(math.isclose(some.get(name, math.nan), value) for name, value in others.items())


def mark(classifier: Any, readout: Mapping[str, float]) -> None:
    """Attach to a classifier the readout that it was trained with."""
    setattr(classifier, _TRAINED_WITH, dict(readout))


class Classifiers:
    """Filter that hides the classifiers of a session while their readout is not the one in use.

    Parameters
    ----------
    experiment
        A `qubex.Experiment`.
    """

    def __init__(self, experiment: Any) -> None:
        self._experiment = experiment
        self._held_back: dict[str, Any] = {}

    def follow(self) -> None:
        """Hide classifiers that do not match the current readouts, and restore those that match again."""
        used = self._experiment.classifiers
        for label, classifier in {**self._held_back, **used}.items():
            trained_with = getattr(classifier, _TRAINED_WITH, None)
            if trained_with is None or contains_settings(
                trained_with, get_readout_settings(self._experiment, label)
            ):
                used[label] = classifier
                self._held_back.pop(label, None)
            elif label in used:
                logger.info("%s: the classifier was trained with another readout than the one in use", label)
                self._held_back[label] = used.pop(label)
