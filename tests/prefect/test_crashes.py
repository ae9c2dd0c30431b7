"""Crashes during runs with a real Prefect server: the record is right, the run continues, and Prefect agrees
soon.

`python -m faults.prefect_deaths` runs all cases, including those that take minutes.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from faults import prefect_cancels, prefect_deaths, prefect_strikes
from faults.prefect_site import CHILD, RELAY, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.laboratory import Place
    from qdash_prefect.server import PrefectServer


@pytest.fixture(scope="module")
def site(place: Place, server: PrefectServer) -> Iterator[Site]:
    """Workers that tests may kill."""
    with place.laboratory(slow_s=0.1) as laboratory, Site(laboratory, server) as site:
        yield site


def test_record_and_prefect_agree_soon_after_a_worker_is_killed_with_its_children(
    site: Site, place: Place
) -> None:
    done = prefect_deaths.disturbances(place)["both"].done(site)
    assert done.problem == ""
    assert done.begun == ["Crashed", "Completed"]


@pytest.mark.release
def test_a_run_continues_without_its_relay(site: Site, place: Place) -> None:
    def kill(site: Site, run: str) -> None:
        site.kill(run, RELAY)
        site.kill(run, CHILD)

    done = prefect_deaths.Disturbance("kill -9 of relay and Prefect's worker", kill).done(site)
    assert done.problem == ""
    assert done.begun == ["Completed"]


def test_a_cancel_in_prefect_ends_the_run_and_is_recorded(site: Site, place: Place) -> None:
    done = prefect_deaths.disturbances(place)["cancel-page"].done(site)
    assert done.problem == ""
    assert done.execution.cancel_request is not None
    assert done.execution.cancel_request.username == "prefect"


@pytest.mark.parametrize("number", [0, pytest.param(1, marks=pytest.mark.release)])
def test_a_cancel_in_prefect_is_effective_although_the_worker_dies(site: Site, number: int) -> None:
    outcome = prefect_cancels.cancelled_once(site, number, Random(number), longest_s=0.5)
    assert outcome is not None
    assert outcome.problem == ""


@pytest.mark.release
def test_an_external_flow_run_of_a_dead_worker_is_reported_by_another_worker(
    site: Site, place: Place
) -> None:
    assert prefect_deaths.disturbances(place)["follower"].done(site).problem == ""


@pytest.mark.release
def test_a_flow_run_gets_its_execution_if_prefects_worker_died_before_it_began(
    site: Site, place: Place
) -> None:
    assert prefect_deaths.disturbances(place)["taken"].done(site).problem == ""


def test_a_run_continues_while_the_server_is_unavailable(
    site: Site, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefect_strikes, "OUTAGE_S", 0.0)  # its restart takes long enough
    done = prefect_deaths.disturbances(place)["server-away"].done(site)
    assert done.problem == ""
    assert done.begun == ["Completed"]
