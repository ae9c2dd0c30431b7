"""Features of QDash without their entry points: everything else works, in a new store and in an existing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.deletion import describe_deletion
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.home.pruning.references import find_references
from qdash_builtin.home.store_integrity import check_documents
from qdash_builtin.people.deletion import count_contents
from qdash_core.features.declarations import list_known_features
from qdash_core.features.discovery import find_installed
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS

from ...access import ADMIN
from ..bench import CHIP, PROJECT, Bench, make_task

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_settings")
WITH_RECORDS = sorted(feature.name for feature in list_known_features() if feature.collections)


def uninstall(monkeypatch: pytest.MonkeyPatch, feature: str) -> None:
    rest = [one for one in find_installed() if one.name != feature]
    for module in ("features.declarations", "hooks.manager"):
        monkeypatch.setattr(f"qdash_core.{module}.find_installed", lambda: rest)
    monkeypatch.setattr("qdash_core.features.declarations._REMEMBERED", {})


def calibrate(folder: Path) -> Bench:
    bench = Bench.open(folder, f"sqlite:///{folder}/qdash.db", make_task())
    result = bench.run(tags=["morning"])
    assert bench.qdash.get(CHIPS).show(ADMIN, CHIP).header.chip_id == CHIP
    with bench.qdash.store.read() as snapshot:
        assert find_references(snapshot, PROJECT).results >= {result.task_id}
        assert count_contents(snapshot, PROJECT) == {"chips": 1, "executions": 1}
        impact = describe_deletion(snapshot, Repositories(snapshot), PROJECT, CHIP)
        assert impact.kept["task_result_history"] == 1
    assert check_documents(bench.qdash.store, lambda *_: None).status == "ok"
    return bench


@pytest.mark.parametrize("feature", WITH_RECORDS)
def test_a_new_store_lacks_the_collections_of_an_absent_feature_only(
    feature: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = {*COLLECTIONS}
    uninstall(monkeypatch, feature)
    bench = calibrate(tmp_path)
    missing = {name for name in everything if name not in bench.qdash.store.collections}
    assert missing
    assert missing.isdisjoint(COLLECTIONS)


def test_the_repository_of_an_absent_feature_finds_nothing_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uninstall(monkeypatch, "cooldowns")
    bench = calibrate(tmp_path)
    assert bench.repositories.of(CooldownRepository).list_by_project(PROJECT) == []
    with (
        bench.qdash.store.transaction() as transaction,
        pytest.raises(KeyError, match="no collection 'cooldown'"),
    ):
        transaction.put("cooldown", {"project_id": PROJECT, "cooldown_id": "1"})
