"""Impact of a result: its uses, all of them or those of some values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.provenance.feature import PROVENANCE
from qdash_builtin.provenance.views.impacts import ImpactDocument
from qdash_builtin.provenance.views.provenance import ProvenanceDocument
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter
from qdash_core.errors import NotFoundError

from ...access import ADMIN
from ...core.bench import CHIP, make_task

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

PULSE = make_task("Pulse", {"amplitude": Parameter(0.2, 0.01, "a.u."), "beta": Parameter(0.5, 0.1, "ns")})
T1 = make_task("T1", needs=["amplitude"])
LIMIT = make_task("Limit", {"limit": Parameter(0.99, 0.001)}, needs=["amplitude", "t1"])


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(PULSE, T1, LIMIT)


def find_impact(bench: Bench, task_id: str, parameters: Collection[str] | None = None) -> ImpactDocument:
    return ImpactDocument.from_graph(bench.qdash.get(PROVENANCE).find_impact(ADMIN, task_id, parameters))


@pytest.mark.every_store
def test_only_what_used_the_given_values_is_affected(make_bench: MakeBench) -> None:
    bench = make_bench(PULSE, T1, LIMIT)
    pulse, t1, limit = bench.run("Pulse"), bench.run("T1"), bench.run("Limit")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    whole = find_impact(bench, pulse.task_id)
    assert {one.task_id: one.steps for one in whole.results} == {t1.task_id: 1, limit.task_id: 1}
    assert {one.parameter for one in whole.values} == {"t1", "limit"}
    assert [one.name for one in whole.releases] == ["friday"]

    assert find_impact(bench, pulse.task_id, ["amplitude"]).results == whole.results
    beta = find_impact(bench, pulse.task_id, ["beta"])
    assert (beta.results, beta.values) == ([], [])
    assert [one.name for one in beta.releases] == ["friday"], "it contains the value itself"


def test_a_release_without_a_value_is_not_affected_by_it(bench: Bench) -> None:
    pulse = bench.run("Pulse")
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"beta": Parameter(0.7)}, reason="by hand")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    assert [one.name for one in find_impact(bench, pulse.task_id, ["amplitude"]).releases] == ["friday"]
    assert find_impact(bench, pulse.task_id, ["beta"]).releases == []


def test_a_value_that_a_result_does_not_have_is_named(bench: Bench) -> None:
    pulse = bench.run("Pulse")
    with pytest.raises(NotFoundError, match=r"has no value of bta; did you mean 'beta'\?.*amplitude, beta"):
        find_impact(bench, pulse.task_id, ["bta"])


def test_a_graph_of_one_step_has_the_edges_between_its_nodes(bench: Bench) -> None:
    pulse, t1 = bench.run("Pulse"), bench.run("T1")
    limit = bench.run("Limit")
    graph = ProvenanceDocument.from_graph(
        bench.qdash.get(PROVENANCE).trace_result(ADMIN, limit.task_id, depth=1)
    )
    used = {(one.activity, one.entity) for one in graph.used}
    amplitude = f"value:{pulse.task_id}/amplitude"
    assert used == {
        (f"result:{limit.task_id}", amplitude),
        (f"result:{limit.task_id}", f"value:{t1.task_id}/t1"),
        (f"result:{t1.task_id}", amplitude),
    }
