"""Single-shot readout fidelities from the library's classifiers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import ArrayDeclaration, OutputParameter, utc_now
from qdash_core.process.file_modes import ensure_file, make_folder
from qdash_qubex.library.classifiers import attach_readout_settings, get_readout_settings
from qdash_qubex.native.base import NativeTask, collect_options, get_label
from qdash_qubex.native.declarations import INTERVAL, SHOTS
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue
from qdash_qubex.note import make_time_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core import BaseBackend

_BLIND = 0.5
"""Fidelity of guessing."""
_CHANCE = 5.0
"""Number of standard deviations (of as many coin tosses) by which a classifier must be better than guessing."""


class ReadoutClassification(NativeTask):
    """`build_classifier` with two states: a Gaussian mixture and the fidelities of each target.

    The fidelities are those of prepared states, as usual, but at the boundary of the mixture instead of the best
    threshold, and counted on the training shots. The library gives no errors. A classifier no better than guessing is not accepted.
    Until one is accepted, the library continues with the previous one, in its session and its files, and only while the
    readout is the one with which it was trained.
    """

    name = "ReadoutClassification"
    description = (
        "Assignment fidelities of prepared states, by the classifier trained by qubex's build_classifier."
    )
    expected_s = 4.0
    note_section = "state_params"
    run_parameters = MappingProxyType(
        {
            "shots": replace(SHOTS, minimum=64, description="shots of each state, by default 10 000"),
            "interval": INTERVAL,
        }
    )
    output_parameters = MappingProxyType(
        {
            "average_readout_fidelity": OutputParameter(
                description="1 - (p(1|0) + p(0|1)) / 2", minimum=0.5, maximum=1.0
            ),
            "readout_fidelity_0": OutputParameter(description="1 - p(1|0)", minimum=0.0, maximum=1.0),
            "readout_fidelity_1": OutputParameter(description="1 - p(0|1)", minimum=0.0, maximum=1.0),
        }
    )
    arrays = MappingProxyType(
        {
            "prepared_*": ArrayDeclaration(
                "a.u.", "every shot in the IQ plane for prepared 0 or 1, shape (shots,)"
            )
        }
    )

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Read all targets simultaneously. Touches hardware."""
        found = library.build_classifier(
            list(tasks),
            **collect_options(tasks),
            n_states=2,
            simultaneous=True,
            save_classifier=False,
            plot=False,
        )
        figures = found.figures or {}
        return {
            label: {
                "fidelities": fidelities,
                "average": found["average_readout_fidelity"].get(label),
                "shots": found["data"][label],
                "classifier": found["classifiers"][label],
                "figures": [figures.get(f"{label}_prepared_{state}") for state in (0, 1)],
            }
            for label, fidelities in found["readout_fidelities"].items()
        }

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the fidelities and every shot."""
        zero, one = (float(fidelity) for fidelity in answer["fidelities"])
        said = []
        shots = sum(np.size(answer["shots"][state]) for state in (0, 1))
        if not (min(zero, one) > _BLIND and (zero + one) / 2 > _BLIND + _CHANCE * _BLIND / np.sqrt(shots)):
            said.append(
                f"the classifier reads 0 as 0 in {zero:.1%} and 1 as 1 in {one:.1%}, no better than guessing"
            )
        return LibraryResult(
            values={
                "average_readout_fidelity": LibraryValue(float(answer["average"])),
                "readout_fidelity_0": LibraryValue(zero),
                "readout_fidelity_1": LibraryValue(one),
            },
            arrays={
                f"prepared_{state}": (np.asarray(answer["shots"][state]).ravel(), "a.u.") for state in (0, 1)
            },
            figures=answer["figures"],
            said=said,
        )

    @classmethod
    def get_state(cls, library: Any, label: str) -> Any:
        """Return the note entry and the classifier of a target."""
        return super().get_state(library, label), library.classifiers.get(label)

    @classmethod
    def restore_state(cls, library: Any, label: str, held: Any) -> None:
        """Restore the note entry and the classifier to the given state."""
        entry, classifier = held
        super().restore_state(library, label, entry)
        library.classifiers.pop(label, None)
        if classifier is not None:
            library.classifiers[label] = classifier

    @classmethod
    def make_state(cls, library: Any, label: str, answer: Any) -> Any:
        """Return the note entry with its time, and the classifier marked with its readout settings."""
        attach_readout_settings(answer["classifier"], get_readout_settings(library, label))
        entry, _ = cls.get_state(library, label)
        return entry and {**entry, **make_time_fields(utc_now())}, answer["classifier"]

    def accepted(self, backend: BaseBackend) -> None:
        """Apply the classifier to the library, and save it for the next session."""
        library = backend.get_instance()
        label, (_, classifier) = get_label(library, self), self._to_hold
        folder = Path(library.classifier_dir) / library.chip_id
        make_folder(folder)
        written = folder / f"{label}.pkl.new"
        ensure_file(written)
        classifier.save(written)  # a full disk stops it here, where the library still has what it had
        super().accepted(backend)
        written.replace(folder / f"{label}.pkl")  # half a classifier would keep the library from opening
