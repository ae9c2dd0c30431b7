"""Distributions with the engine and the features, as tests load them without the plugins of the workspace."""

from __future__ import annotations

from qdash_core.features.discovery import list_feature_distributions

PLAIN = ("qdash-core", "qdash-scheduling", "qdash-sqlite", *sorted(list_feature_distributions()))
