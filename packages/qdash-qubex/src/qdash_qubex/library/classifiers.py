"""State classifiers of the open session, each used only with the readout it was trained for.

The library uses them even if the readout has changed, with wrong results. A classifier stored by QDash names the
readout of its training; one without this, as from a notebook, is used unchanged.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

_TRAINED_WITH = "qdash_trained_with"
"""Attribute of a classifier, which is stored in its file."""


def get_readout_settings(library: Any, label: str) -> dict[str, float]:
    """Return the readout settings that the library uses for a qubit."""
    return {
        "readout_frequency": float(library.targets[f"R{label}"].frequency),
        "readout_amplitude": float(library.params.get_readout_amplitude(label)),
        "readout_duration": float(library.readout_duration),
    }


def contains_settings(some: Mapping[str, float], others: Mapping[str, float]) -> bool:
    """Return whether `some` contains all settings of `others`."""
    return all(math.isclose(some.get(name, math.nan), value) for name, value in others.items())


def attach_readout_settings(classifier: Any, readout: Mapping[str, float]) -> None:
    """Attach to a classifier the readout settings of its training."""
    setattr(classifier, _TRAINED_WITH, dict(readout))


class ClassifierFilter:
    """Filter that hides classifiers of a session while the readout differs from that of their training."""

    def __init__(self, experiment: Any) -> None:
        self._experiment = experiment
        self._held_back: dict[str, Any] = {}

    def update(self) -> None:
        """Hide classifiers that do not match the current readouts, and restore matching ones."""
        used = self._experiment.classifiers
        for label, classifier in {**self._held_back, **used}.items():
            trained_with = getattr(classifier, _TRAINED_WITH, None)
            if trained_with is None or contains_settings(
                trained_with, get_readout_settings(self._experiment, label)
            ):
                used[label] = classifier
                self._held_back.pop(label, None)
            elif label in used:
                logger.info(
                    "%s: the classifier is not used, as it was trained with other readout settings", label
                )
                self._held_back[label] = used.pop(label)
