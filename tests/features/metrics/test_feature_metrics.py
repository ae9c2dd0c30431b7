"""Metrics of a feature: with their titles and thresholds among those of QDash, under a laboratory's file, and refused if invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.metrics.definition_file import load_builtin, load_builtin_without_limits, read_metrics_file
from qdash_core import Feature
from qdash_core.hooks.manager import load_plugins

if TYPE_CHECKING:
    from pathlib import Path

METRICS: dict[str, Any] = {
    "qubit_metrics": {
        "surface_loss": {
            "title": "Surface loss",
            "unit": "10⁻⁶",
            "scale": 1e6,
            "evaluation": {"mode": "minimize"},
            "threshold": {"value": 2e-6},
        }
    }
}
BAD_KEY = {"qubit_metrics": {"surface_loss": {"title": "Surface loss", "limit": 1}}}
TAKEN = {"qubit_metrics": {"t1": {"title": "Surface loss"}}}
GROUPS: dict[str, Any] = {"table": {}}
LIST = ["surface_loss"]


def load(name: str) -> str | None:
    """Load a plugin whose feature has these metrics, and return why it was set aside, or None."""
    registry = load_plugins(extra={"samples": Feature("samples", metrics=f"{__name__}:{name}")})
    registry.features()
    return next(one.error for one in registry.plugins if one.name == "samples")


def test_a_metric_of_a_feature_has_its_title_unit_and_threshold(tmp_path: Path) -> None:
    assert "surface_loss" not in load_builtin().qubit_metrics
    assert load("METRICS") is None
    found = read_metrics_file(None).qubit_metrics["surface_loss"]
    assert (found.title, found.specification) == ("Surface loss", "at most 2 10⁻⁶")
    assert (found.is_within(1e-6), found.is_within(3e-6)) == (True, False)
    assert not load_builtin_without_limits().qubit_metrics["surface_loss"].has_specification

    own = tmp_path / "metrics.yaml"
    own.write_text("qubit_metrics: {surface_loss: {threshold: {value: 4.0e-6}}}")
    overridden = read_metrics_file(own).qubit_metrics["surface_loss"]
    assert (overridden.title, overridden.is_within(3e-6)) == ("Surface loss", True)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("BAD_KEY", "unknown key qubit_metrics.surface_loss.limit"),
        ("TAKEN", "'t1' is a metric of QDash: rename it"),
        ("GROUPS", "table is for metrics files; use qubit_metrics, coupling_metrics"),
        ("LIST", "is no mapping of qubit_metrics and coupling_metrics"),
        ("NOTHING", "cannot be loaded"),
    ],
)
def test_a_feature_with_unusable_metrics_is_set_aside(name: str, message: str) -> None:
    before = load_builtin()
    assert message in (load(name) or "")
    assert load_builtin() == before
