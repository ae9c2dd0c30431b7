"""Releases: named, immutable sets of the accepted values of a chip."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.comparisons.feature import COMPARISONS
from qdash_builtin.exchange.feature import EXCHANGE, RELEASES
from qdash_builtin.exchange.import_filter import ImportFilter
from qdash_builtin.exchange.releases import ReleaseService
from qdash_builtin.values.feature import VALUES
from qdash_builtin.values.selection import TargetChoice
from qdash_core import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    Parameter,
    StoreError,
    open_qdash,
)
from qdash_core.models.chip import TargetStatus
from qdash_core.models.project import ProjectRole
from qdash_core.models.times import format_day
from qdash_core.process.clock import utc_now
from qdash_core.settings import load_settings

from ...access import ADMIN
from ...core.bench import CHIP, make_task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

T1 = make_task("T1", {"t1": Parameter(80.0, 1.5, "us"), "t2": Parameter(60.0, 1.0, "us")})
GATE = make_task("Gate", {"fidelity": Parameter(0.99)}, task_type="coupling")


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Chip whose qubit 0 has a T1 of 45 µs."""
    bench = make_bench(T1, GATE)
    set_values(bench, "0", t1=45.0)
    return bench


def set_values(bench: Bench, qid: str, **values: float) -> None:
    parameters = {name: Parameter(value) for name, value in values.items()}
    bench.qdash.get(VALUES).set(ADMIN, CHIP, qid, parameters, reason="test")


def read_values(bench: Bench) -> dict[str, dict[str, float]]:
    chip = bench.qdash.get(CHIPS).show(ADMIN, CHIP)
    targets = (*chip.qubits.values(), *chip.couplings.values())
    return {one.qid: {name: value.value for name, value in one.data.items()} for one in targets}


@pytest.mark.every_store
def test_a_release_keeps_the_values_and_never_changes(make_bench: MakeBench) -> None:
    bench = make_bench(T1, GATE)
    set_values(bench, "0", t1=45.0)
    created = bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday", note="good")
    assert (created.n_values, created.last_event, created.username) == (1, 1, "admin")
    set_values(bench, "0", t1=20.0, t2=10.0)
    kept = bench.qdash.get(RELEASES).show(ADMIN, CHIP, "friday").chip
    assert {name: value.value for name, value in kept.qubits["0"].data.items()} == {"t1": 45.0}
    with pytest.raises(ConflictError, match="choose another name"):
        bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    assert [event.kind for event in bench.list_events()] == ["value.set", "release.created", "value.set"]


def test_a_release_without_a_name_has_that_of_the_day(bench: Bench) -> None:
    day = format_day(utc_now(), bench.qdash.zone)
    names = [bench.qdash.get(RELEASES).create(ADMIN, CHIP).name for _ in range(3)]
    assert names == [day, f"{day}-2", f"{day}-3"]
    assert [one.name for one in bench.qdash.get(RELEASES).list_by_chip(ADMIN, CHIP)] == names[::-1]


@pytest.mark.parametrize("name", ["", " a", "a/b", "now", "-a", "ä", "a" * 65, "a\n"])
def test_an_invalid_name_is_refused(bench: Bench, name: str) -> None:
    with pytest.raises(InvalidInputError, match="not a name of a release"):
        bench.qdash.get(RELEASES).create(ADMIN, CHIP, name)


def test_a_chip_without_values_has_no_release(make_bench: MakeBench) -> None:
    with pytest.raises(InvalidInputError, match="no values yet"):
        make_bench(T1).qdash.get(RELEASES).create(ADMIN, CHIP)


@pytest.mark.every_store
def test_half_of_a_chip_is_reverted_to_a_release_and_back(make_bench: MakeBench) -> None:
    bench = make_bench(T1, GATE)
    for qid in ("0", "1"):
        set_values(bench, qid, t1=45.0)
    bench.run("Gate", "0-1")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    for qid in ("0", "1"):
        bench.run("T1", qid)
    before = read_values(bench)
    bench.qdash.chip_record.set_directions("default", CHIP, {"0-1": "1"})

    choice = TargetChoice(("1",), (), ("0-1",))
    reverted = bench.qdash.get(VALUES).revert(ADMIN, CHIP, "release:friday", targets=choice)
    assert [(one.qid, one.name) for one in reverted.values] == [("1", "t1"), ("0-1", "fidelity")]
    assert [(one.qid, one.name) for one in reverted.kept] == [("1", "t2")]
    assert read_values(bench) == {**before, "1": {"t1": 45.0, "t2": 60.0}}
    bench.qdash.get(VALUES).undo(ADMIN)
    assert read_values(bench) == {**before, "0-1": {}}
    assert bench.get_coupling("0-1").control == "1"


def test_a_release_is_compared_with_the_present_chip(bench: Bench) -> None:
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    set_values(bench, "0", t1=20.0)
    set_values(bench, "1", t1=30.0)
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, "release:friday", chip_id=CHIP)
    assert [(one.change.target, one.change.change, one.change.difference) for one in found.values] == [
        ("0", "changed", -25.0),
        ("1", "appeared", None),
    ]


def test_an_exported_release_can_be_imported(bench: Bench) -> None:
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    set_values(bench, "0", t1=20.0)
    exchange = bench.qdash.get(EXCHANGE)
    (exported,) = bench.qdash.get(RELEASES).export(ADMIN, CHIP, "friday", "json").files.items()
    incoming = exchange.compare_contents(ADMIN, *exported, chip_id=CHIP, choice=ImportFilter(older=True))
    exchange.perform_import(ADMIN, incoming)
    assert bench.get_value() == 45.0


def test_a_deleted_release_is_gone_with_its_targets(bench: Bench) -> None:
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    bench.qdash.get(RELEASES).delete(ADMIN, CHIP, "friday")
    with bench.qdash.store.read() as snapshot:
        assert snapshot.count("release_target", {}) == 0
    for use in (
        lambda: bench.qdash.get(RELEASES).show(ADMIN, CHIP, "friday"),
        lambda: bench.qdash.get(RELEASES).delete(ADMIN, CHIP, "friday"),
        lambda: bench.qdash.get(VALUES).revert(ADMIN, CHIP, "release:friday"),
    ):
        with pytest.raises(NotFoundError, match="no release 'friday'"):
            use()
    assert bench.get_value() == 45.0


def test_a_viewer_reads_releases_only(bench: Bench) -> None:
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    viewer = replace(ADMIN, role=ProjectRole.VIEWER)
    assert bench.qdash.get(RELEASES).show(viewer, CHIP, "friday").header.name == "friday"
    with pytest.raises(AccessDeniedError):
        bench.qdash.get(RELEASES).delete(viewer, CHIP, "friday")


_STATES = st.dictionaries(
    st.sampled_from(["0", "1"]),
    st.dictionaries(st.sampled_from(["t1", "t2"]), st.floats(1.0, 1e3), min_size=1),
    min_size=1,
)


_NUMBERS = itertools.count()


@given(before=_STATES, after=_STATES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_reversion_restores_every_value_of_a_release(
    bench: Bench, before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]]
) -> None:
    values, chip_id = bench.qdash.get(VALUES), f"chip-{next(_NUMBERS)}"
    bench.add_chip(chip_id)

    def set_state(state: Mapping[str, Mapping[str, float]]) -> None:
        for qid, of_target in state.items():
            given = {name: Parameter(value) for name, value in of_target.items()}
            values.set(ADMIN, chip_id, qid, given, reason="test", confirmed=True)

    set_state(before)
    bench.qdash.get(RELEASES).create(ADMIN, chip_id, "friday")
    set_state(after)
    values.revert(ADMIN, chip_id, "release:friday")
    found = bench.qdash.get(CHIPS).show(ADMIN, chip_id).qubits
    for qid in ("0", "1"):
        shown = {name: value.value for name, value in found[qid].data.items()}
        assert shown == {**after.get(qid, {}), **before.get(qid, {})}


@pytest.mark.every_store
def test_a_repeated_request_creates_one_release(make_bench: MakeBench) -> None:
    bench = make_bench(T1, GATE)
    set_values(bench, "0", t1=45.0)
    releases = bench.qdash.get(RELEASES)
    first = releases.create(ADMIN, CHIP, key="k")
    assert releases.create(ADMIN, CHIP, key="k") == first
    with pytest.raises(ConflictError, match=f"which became release {first.name}"):
        releases.create(ADMIN, CHIP, "other", key="k")
    assert releases.list_by_chip(ADMIN, CHIP) == [first]


@pytest.mark.every_store
def test_a_release_has_every_target_with_design_direction_and_status(make_bench: MakeBench) -> None:
    bench = make_bench(T1, GATE)
    set_values(bench, "0", t1=45.0)
    bench.qdash.get(CHIPS).set_design(ADMIN, CHIP, {"1": {"qubit_frequency": 5.1}})
    bench.qdash.chip_record.set_directions("default", CHIP, {"0-1": "1"})
    bench.qdash.chip_record.set_status("default", CHIP, "0", TargetStatus.CALIBRATED)
    before = bench.qdash.get(CHIPS).show(ADMIN, CHIP)
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    bench.qdash.get(CHIPS).set_design(ADMIN, CHIP, {"1": {"qubit_frequency": 5.2}})
    bench.qdash.chip_record.set_directions("default", CHIP, {"0-1": "0"})
    bench.qdash.chip_record.set_status("default", CHIP, "0", TargetStatus.FAILED)

    assert bench.qdash.get(RELEASES).show(ADMIN, CHIP, "friday").chip == before
    compared = bench.qdash.get(COMPARISONS).compare(ADMIN, "release:friday", chip_id=CHIP)
    assert (compared.designs, compared.directions, compared.same_wiring) == (("1",), ("0-1",), True)
    assert [(one.target, one.before, one.after) for one in compared.statuses] == [
        ("0", "calibrated", "failed")
    ]


@pytest.mark.every_store
def test_a_deleted_chip_takes_its_releases_along(make_bench: MakeBench) -> None:
    bench = make_bench(T1, GATE)
    set_values(bench, "0", t1=45.0)
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    bench.add_chip(CHIP)
    assert bench.qdash.get(RELEASES).list_by_chip(ADMIN, CHIP) == []
    with bench.qdash.store.read() as snapshot:
        assert snapshot.count("release_target", {}) == 0


def test_a_damaged_release_is_not_restored(bench: Bench) -> None:
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    set_values(bench, "0", t1=20.0)
    before = read_values(bench)
    with bench.qdash.store.transaction() as transaction:
        transaction.delete("release_target", {"project_id": "default", "name": "friday", "qid": "3"})
    for use in (
        lambda: bench.qdash.get(RELEASES).show(ADMIN, CHIP, "friday"),
        lambda: bench.qdash.get(VALUES).revert(ADMIN, CHIP, "release:friday"),
        lambda: bench.qdash.get(VALUES).revert(ADMIN, CHIP, "release:friday", targets=TargetChoice(("0",))),
        lambda: bench.qdash.get(RELEASES).export(ADMIN, CHIP, "friday", "json"),
    ):
        with pytest.raises(StoreError, match="is damaged: 8 of its 9"):
            use()
    assert read_values(bench) == before


def test_the_metrics_file_in_use_is_kept(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "metrics.yaml"
    file.write_text("qubit_metrics: {}\n")
    qdash = bench.qdash
    service = ReleaseService(qdash.store, qdash.zone, qdash.registry, metrics_file=file)
    service.create(ADMIN, CHIP, "friday")
    file.write_text("changed")
    assert qdash.get(RELEASES).show(ADMIN, CHIP, "friday").header.metrics_file == "qubit_metrics: {}\n"


@pytest.mark.parametrize("format_name", ["json", "yaml"])
def test_an_exported_release_is_the_same_chip_in_another_home(
    bench: Bench, tmp_path: Path, format_name: str
) -> None:
    as_it_was = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, format_name)
    before = bench.qdash.get(CHIPS).show(ADMIN, CHIP).qubits["0"].data["t1"]
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    set_values(bench, "0", t1=20.0)
    exported = bench.qdash.get(RELEASES).export(ADMIN, CHIP, "friday", format_name)
    assert exported == as_it_was
    file = tmp_path / f"friday.{format_name}"
    file.write_bytes(*exported.files.values())
    home = load_settings(home=tmp_path / "other", store_url=f"memory://{tmp_path.name}")
    with open_qdash(home, bench.qdash.registry) as other:
        incoming = other.get(EXCHANGE).compare(ADMIN, file, backend="bench")
        after = other.get(EXCHANGE).perform_import(ADMIN, incoming).chip.qubits["0"].data["t1"]
    assert (after.value, after.error, after.calibrated_at) == (
        before.value,
        before.error,
        before.calibrated_at,
    )
