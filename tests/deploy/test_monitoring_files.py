"""Alert rules and dashboard of a server: the host serves each metric that they and the page name, with its labels."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.home.backup_checks import record_backup
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.process.clock import utc_now

from .server_files import ROOT, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi.testclient import TestClient
    from prometheus_client.samples import Sample

    from ..api.conftest import Host

_SELECTOR = re.compile(r"\b(qdash_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(=~|!=|=)\s*"([^"]*)"')
_WITHOUT_SAMPLES = ("qdash_request", "qdash_simulated_time_seconds")
"""Beginnings of the names of metrics whose samples depend on what has happened."""


def list_expressions() -> Iterator[str]:
    """Yield the expression of each alert and of each panel."""
    for group in yaml.safe_load(read_file("prometheus-rules.yml"))["groups"]:
        for rule in group["rules"]:
            assert {"alert", "expr", "annotations"} <= rule.keys() <= {"alert", "expr", "for", "annotations"}
            yield rule["expr"]
    for panel in json.loads(read_file("grafana-dashboard.json"))["panels"]:
        yield from (target["expr"] for target in panel["targets"])


@pytest.fixture
def served(host: Host, owner: TestClient) -> Mapping[str, list[Sample]]:
    """Samples of a host with a chip, by metric."""
    access = host.qdash.access("owner")
    record_backup(host.qdash.store, Path("/var/backups/qdash/qdash-1.tar"), utc_now())
    host.qdash.get(CHIPS).create(access, "bench", get_builtin_topology("linear-2"), backend="fake")
    owner.get("/chips/bench")
    samples: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(owner.get("/prometheus").text):
        samples.setdefault(f"{family.name}_total" if family.type == "counter" else family.name, [])
        for sample in family.samples:
            samples.setdefault(sample.name, []).append(sample)
    return samples


def test_each_alert_and_panel_finds_its_metrics(served: Mapping[str, list[Sample]]) -> None:
    selectors = [found for expression in list_expressions() for found in _SELECTOR.findall(expression)]
    assert len(selectors) > 20
    for name, matchers in selectors:
        assert any(fits(sample, name, matchers) for sample in served[name]), (name, matchers)


def fits(sample: Sample, name: str, matchers: str) -> bool:
    """Return whether a sample has all labels of a selector, with values that it may have."""
    for label, _, value in _MATCHER.findall(matchers):
        if label not in sample.labels:
            return False
        is_fixed = not name.startswith(_WITHOUT_SAMPLES) and "$" not in value
        if is_fixed and re.fullmatch(value, sample.labels[label]) is None:
            return False
    return True


def test_the_page_lists_all_metrics(served: Mapping[str, list[Sample]]) -> None:
    page = (ROOT / "docs/server.md").read_text(encoding="utf-8").partition("### Metrics")[2]
    parts = ("_created", "_bucket", "_sum", "_count")
    named = {
        name
        for row in re.findall(r"^\| (`qdash_[^|]*)\|", page, re.MULTILINE)
        for name in re.findall(r"\w+", row)
    }
    assert named - {"qdash_simulated_time_seconds"} == {name for name in served if not name.endswith(parts)}
    for name, labels in re.findall(
        r"^\| `(qdash_(?:runs|timetables|targets|executions|workers))` \| ([^|]*)\|", page, re.MULTILINE
    ):
        assert set(re.findall(r"`(\w+)`", labels.partition(":")[0])) == set(served[name][0].labels)
        if values := set(re.findall(r"`(\w+)`", labels.partition(":")[2])):
            assert values == {sample.labels["state"] for sample in served[name]}
