"""The page of instrument locks, and their release by owners."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import EXECUTIONS, LOCK_RELEASE
from qdash_builtin.runs.operations.locks import list_locks
from qdash_builtin.runs.pages import locks
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.locks.liveness import get_process_start
from qdash_core.models.execution import ExecutionLockModel, ExecutionModel, ExecutionStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from qdash_builtin.runs.views.locks import LeaseDocument

    from ...ui.conftest import DashboardPages

CHIP, RUN = "a", "20260101-007"


@pytest.fixture
def laboratory(dashboard_pages: DashboardPages) -> DashboardPages:
    """Chip `a`, whose instrument is locked by a live run of the editor."""
    qdash = dashboard_pages.qdash
    access = qdash.access("owner")
    qdash.get(CHIPS).create(access, CHIP, get_builtin_topology("linear-16"), backend="fake")
    parent, now = os.getppid(), utc_now()
    run = {"project_id": access.project_id, "chip_id": CHIP, "execution_id": RUN}
    qdash.repositories.of(ExecutionRepository).add(
        ExecutionModel(
            **run,
            username="editor",
            name="flow",
            status=ExecutionStatus.RUNNING,
            start_at=now,
            lease_owner="o",
        )
    )
    qdash.repositories.of(ExecutionLockRepository).put(
        ExecutionLockModel(
            **run, instrument=f"fake/{access.project_id}/{CHIP}", owner="o", host=socket.gethostname(), pid=parent,
            process_start=get_process_start(parent), acquired_at=now - timedelta(minutes=3), expires_at=now + timedelta(seconds=28),
        )
    )  # fmt: skip
    return dashboard_pages


def get_locks(pages: DashboardPages) -> list[LeaseDocument]:
    return pages.view("owner").ask(list_locks).leases


def join_texts(page: AppTest) -> str:
    assert not page.exception
    shown = (*page.markdown, *page.caption, *page.info, *page.warning, *page.error)
    return " ".join(str(one.value) for one in shown).replace("\\", "")


def list_buttons(page: AppTest) -> dict[str, bool]:
    """Return whether each button is enabled."""
    return {one.label: not one.disabled for one in page.button}


def choose(page: AppTest, *names: str) -> AppTest:
    page.session_state["locks.table"] = {"chosen": [*names]}
    return page.run()


def ask_to_release(view: Any, lock: Any) -> None:
    locks.ask_to_release(view, lock)


def test_a_row_tells_holder_age_and_run(laboratory: DashboardPages) -> None:
    (lock,) = get_locks(laboratory)
    view = laboratory.view("viewer")
    row = locks.make_row(view, lock, lock.renewed_at + timedelta(minutes=2))
    assert (row["owner"], row["renewed"]) == ("editor", "2\N{NO-BREAK SPACE}min ago")
    assert row["holder"] == [{"state": "alive", "text": "alive"}]
    assert row["process"] == f"{os.getppid()} on {socket.gethostname()}"
    assert row["href"] == f"/execution?execution={RUN}"
    other = lock.model_copy(update={"project_id": "other", "execution_id": ""})
    row = locks.make_row(view, other, utc_now())
    assert (row["chip_id"], row["execution_id"]) == ("a of project other", None)
    assert (row["href"], row["chip_href"]) == (None, None)


def test_a_live_process_that_renews_no_more_is_silent(laboratory: DashboardPages) -> None:
    repository = laboratory.qdash.repositories.of(ExecutionLockRepository)
    (held,) = repository.list_all()
    repository.put(held.model_copy(update={"expires_at": datetime(2026, 1, 1, 2, 0, 30, tzinfo=UTC)}))
    (lock,) = get_locks(laboratory)
    view = laboratory.view("viewer")
    (holder,) = locks.make_row(view, lock, utc_now())["holder"]
    assert holder == {"state": "alive", "text": "alive, but no sign of life since 2026-01-01 03:00 CET"}
    page = laboratory.draw(partial(ask_to_release, lock=lock), laboratory.view("owner"))
    assert "alive, but no sign of life since 2026-01-01 03:00 CET: it may be stopped" in join_texts(page)


@pytest.mark.slow
def test_only_owners_are_offered_the_release_of_one_lock(laboratory: DashboardPages) -> None:
    page = laboratory.page(locks.render, "viewer")
    assert "Owners of the project can release a lock" in join_texts(page)
    assert list_buttons(page) == {}
    assert list_buttons(laboratory.page(locks.render, "editor")) == {}
    page = laboratory.page(locks.render, "owner")
    assert list_buttons(page) == {"Release …": True}  # the only one need not be selected
    repository = laboratory.qdash.repositories.of(ExecutionLockRepository)
    (held,) = repository.list_all()
    second = held.model_copy(update={"instrument": "rack"})
    repository.put(second)
    page = laboratory.page(locks.render, "owner")
    assert list_buttons(page) == {"Release …": False}
    chosen = next(one for one in get_locks(laboratory) if one.instrument == "rack")
    assert list_buttons(choose(page, locks.make_name(chosen))) == {"Release …": True}
    repository.remove(second.hold)
    laboratory.qdash.get(LOCK_RELEASE).release(laboratory.qdash.access("owner"), CHIP, force=True)
    assert "No instrument is in use" in join_texts(laboratory.page(locks.render, "viewer"))


@pytest.mark.slow
def test_the_lock_of_a_live_run_is_released_with_a_reason_only(laboratory: DashboardPages) -> None:
    (lock,) = get_locks(laboratory)
    page = laboratory.page(partial(ask_to_release, lock=lock), "owner")
    label = "Release the lock and stop the run"
    next(one for one in page.button if one.label == label).click().run()
    assert "Give a reason." in join_texts(page)
    assert get_locks(laboratory) == [lock]
    assert f"execution {RUN} of editor" in join_texts(page)
    page.text_input(key="locks.reason").set_value("the source is off").run()
    next(one for one in page.button if one.label == label).click().run()
    assert get_locks(laboratory) == []
    access = laboratory.qdash.access("owner")
    ended = laboratory.qdash.get(EXECUTIONS).get_header(access, RUN).execution
    assert ended.message.startswith("owner released the instrument lock (the source is off); ")


@pytest.mark.slow
def test_a_lock_of_another_project_is_released_there(laboratory: DashboardPages) -> None:
    repositories = laboratory.qdash.repositories
    (held,) = repositories.of(ExecutionLockRepository).list_all()
    repositories.of(ExecutionLockRepository).remove(held.hold)
    repositories.of(ExecutionLockRepository).put(held.model_copy(update={"project_id": "other"}))
    page = laboratory.page(locks.render, "owner")
    assert list_buttons(page) == {"Release …": False}
    assert "held by a run of project other: an owner of that project releases it" in join_texts(page)
