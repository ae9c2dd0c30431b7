"""Features of single shots of a Bell state: the readout of both qubits, and the correlations."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_analysis import fit_bell
from qdash_analysis.bell import PHI_PLUS
from qdash_core.errors import AnalysisError
from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_tasks.programs.features.clouds import CLOUD_FEATURES, describe_clouds
from qdash_tasks.programs.joint_shots import COMMANDED, count_outcomes, read_commanded_shots
from qdash_tasks.programs.pair_conditions import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.raw_data import RawData

_OF_CLOUDS = (
    "cloud_signal",
    "cloud_distance",
    "cloud_separation",
    "excited_prep0",
    "ground_prep1",
    "far_shots",
)
_CORRELATIONS = tuple(PHI_PLUS)

BELL_FEATURES: Mapping[str, FeatureDeclaration] = MappingProxyType(
    {
        **{
            f"{role}_{name}": FeatureDeclaration(
                CLOUD_FEATURES[name].unit, f"{CLOUD_FEATURES[name].description}, {role}"
            )
            for role in ROLES
            for name in _OF_CLOUDS
        },
        **{
            f"correlation_{basis.lower()}": FeatureDeclaration(
                "", f"correlation {basis} of the Bell state, readout-corrected"
            )
            for basis in _CORRELATIONS
        },
    }
)
"""Declarations of the features of `describe_bell_shots`."""


def describe_bell_shots(raw: RawData) -> dict[str, float]:
    """Return the features of the prepared states of both qubits, and the correlations if the readout gives them."""
    if any(f"commanded_{state}" not in raw.arrays for state in COMMANDED):
        return {}
    found: dict[str, float] = {}
    for place, role in enumerate(ROLES):
        clouds = describe_clouds(*(read_commanded_shots(raw, place, state) for state in "01"))
        found |= {f"{role}_{name}": clouds[name] for name in _OF_CLOUDS if name in clouds}
    if any(f"bell_{basis}" not in raw.arrays for basis in _CORRELATIONS):
        return found
    try:
        fit = fit_bell(*count_outcomes(raw, _CORRELATIONS))
    except AnalysisError:
        return found
    names = {f"correlation_{basis.lower()}" for basis in _CORRELATIONS} & fit.parameters.keys()
    return found | {name: fit.parameters[name].value for name in names}
