"""Walks along the edges of provenance: reading ahead finds the same nodes as reading each node."""

from __future__ import annotations

import random
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdash_builtin.provenance import walk as walks
from qdash_builtin.provenance.walk import EdgeReader, walk
from qdash_core.models.provenance import ProvenanceEdge, Relation, name_result
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.provenance import ProvenanceRepository

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGUN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a graph of a dozen results reaches."""
    for name, limit in {"_LONG": 1, "_NARROW": 2, "_PAGE": 4, "_MOST_PAGES": 3, "_MOST_LATER": 16}.items():
        monkeypatch.setattr(walks, name, limit)


def make_history(seed: int) -> dict[int, list[int]]:
    """Return results in order of time, each with the earlier ones that it used: mostly recent ones."""
    chance = random.Random(seed)
    recent = chance.choice([2, 4, 12])
    return {
        number: chance.sample(range(max(0, number - recent), number), min(number, chance.randint(0, 2)))
        for number in range(1, chance.randint(2, 40))
    }


def search(edges: Mapping[int, list[int]], root: int, depth: int | None) -> dict[str, int]:
    """Return the number of steps to each node that can be reached."""
    found, frontier, steps = {root: 0}, [root], 0
    while frontier and steps != depth:
        steps += 1
        frontier = list(dict.fromkeys(one for node in frontier for one in edges[node] if one not in found))
        found |= dict.fromkeys(frontier, steps)
    return {name_result(str(node)): count for node, count in found.items()}


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from([None, 1, 3]), st.booleans())
def test_a_walk_finds_every_node_within_its_depth(seed: int, depth: int | None, later: bool) -> None:
    check_walk(seed, depth, later=later)


@pytest.mark.release
@settings(max_examples=300)
@given(st.integers(0, 10**6), st.sampled_from([None, 1, 3]), st.booleans())
def test_a_walk_of_many_histories_finds_every_node_within_its_depth(
    seed: int, depth: int | None, later: bool
) -> None:
    check_walk(seed, depth, later=later)


def check_walk(seed: int, depth: int | None, *, later: bool) -> None:
    history = make_history(seed)
    qids = {number: str(number % 2) for number in (0, *history)}
    with closing(MemoryStore.open(f"memory://{uuid4()}")) as store:
        edges = ProvenanceRepository(store)
        edges.add(
            ProvenanceEdge(
                project_id="p",
                chip_id="copy" if number % 5 == 0 else "original",
                subject=name_result(str(number)),
                object=name_result(str(used)),
                relation=Relation.USED,
                subject_qid=qids[number],
                object_qid=qids[used],
                created_at=BEGUN + timedelta(minutes=number),
            )
            for number, uses in history.items()
            for used in uses
        )
        root = random.Random(seed).choice([0, *history])
        found = walk(EdgeReader(edges, "p", later=later), name_result(str(root)), depth=depth, limit=100)
    following: dict[int, list[int]] = defaultdict(list)
    for number, uses in history.items():
        for used in uses:
            following[used if later else number].append(number if later else used)
    assert found.depths == search(following, root, depth)
    assert found.complete
