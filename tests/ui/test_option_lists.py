"""Options of filters and forms that cannot be loaded: a page works without them, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.operations.chips import list_chips
from qdash_builtin.chips.pages import edit_chip
from qdash_builtin.cooldowns.operations.cooldowns import list_cooldowns
from qdash_builtin.exchange.operations.releases import list_releases
from qdash_builtin.exchange.pages import chip_export
from qdash_builtin.issues.pages import issues, new_issue
from qdash_builtin.metrics.pages import metrics, trends
from qdash_builtin.notes.pages import notes
from qdash_builtin.people.operations.members import list_members
from qdash_builtin.people.operations.users import list_users
from qdash_builtin.people.pages import audit
from qdash_builtin.provenance.pages import origin
from qdash_builtin.review.pages import review
from qdash_builtin.runs.pages import executions, run
from qdash_builtin.tags.operations import list_tags
from qdash_core.errors import StoreError
from qdash_core.operations.transport import ConnectionLostError
from qdash_remote.connection import Connection
from qdash_ui_streamlit.forms.option_lists import load_options

from ..core.chips.samples import make_chip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.operations.operation import Operation
    from qdash_ui_streamlit.view import View

    from .conftest import DashboardPages

EVERY = Connection.every


def refuse(monkeypatch: pytest.MonkeyPatch, refused: Operation[..., Any]) -> None:
    """Make an operation fail for pages."""

    def every(
        connection: Connection, operation: Operation[..., Any], *given: object, **named: object
    ) -> Iterator[Any]:
        if operation.name == refused.name:
            raise StoreError("the index is damaged")
        yield from EVERY(connection, operation, *given, **named)

    monkeypatch.setattr(Connection, "every", every)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("render", "operation", "what"),
    [
        (issues.render, list_members, "members"),
        (issues.render, list_cooldowns, "cool-downs"),
        (new_issue.render, list_members, "members"),
        (notes.render, list_members, "members"),
        (executions.render, list_cooldowns, "cool-downs"),
        (executions.render, list_tags, "tags"),
        (audit.render, list_users, "users"),
        (chip_export.render, list_releases, "releases"),
        *(
            (page.render, list_chips, "chips")
            for page in (chip_export, edit_chip, metrics, origin, review, run, trends)
        ),
    ],
)
def test_a_page_works_without_a_list_of_options(
    dashboard_pages: DashboardPages,
    monkeypatch: pytest.MonkeyPatch,
    render: Callable[[View], None],
    operation: Operation[..., Any],
    what: str,
) -> None:
    access = dashboard_pages.qdash.access("owner")
    make_chip(dashboard_pages.qdash.store, "A", project_id=access.project_id)
    usual = dashboard_pages.page(render, "owner", chip="A")
    refuse(monkeypatch, operation)
    drawn = dashboard_pages.page(render, "owner", chip="A")
    assert not drawn.exception
    assert not drawn.error
    assert any(
        f"The {what} to choose from cannot be loaded: the index is damaged." in one.value
        for one in drawn.caption
    )
    assert [one.label for one in drawn.selectbox] == [one.label for one in usual.selectbox]


def test_a_page_of_a_chip_fails_without_the_list_that_selects_it(
    dashboard_pages: DashboardPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_chip(dashboard_pages.qdash.store, "A", project_id=dashboard_pages.qdash.access("owner").project_id)
    refuse(monkeypatch, list_chips)
    drawn = dashboard_pages.page(run.render, "owner")
    assert [one.value for one in drawn.exception] == ["the index is damaged"]


def test_a_lost_connection_takes_the_whole_page() -> None:
    def load() -> list[str]:
        raise ConnectionLostError("the host is away")

    with pytest.raises(ConnectionLostError):
        load_options("tags", load)
