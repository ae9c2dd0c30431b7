"""Members, tokens and users: permitted actions are drawn, and performed by the host."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.overview.pages import overview
from qdash_builtin.people.feature import LOGINS, MEMBERS, PROJECTS, TOKENS, USERS
from qdash_builtin.people.pages import members, settings, users
from qdash_builtin.people.pages.settings import describe_refusal
from qdash_builtin.people.pages.tokens import sort_by_use
from qdash_builtin.people.pages.users import describe_impact, get_status
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit.invitation import find_invitation
from qdash_ui_streamlit.invitation import render_invitation as render_invited
from qdash_ui_streamlit.process_cache import get_installed_pages

from ...api.conftest import PASSWORD
from ...api.conftest import password_hash as hashed
from ...api.people import end_embedded_mode

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from ...ui.conftest import DashboardPages

NEW = "tin clock under eleven rivers"


def list_buttons(drawn: AppTest) -> set[str]:
    assert not drawn.exception
    assert not drawn.error
    return {one.label for one in drawn.button}


def find_by_label(widgets: Any, label: str) -> Any:
    return next(one for one in widgets if one.label == label)


def test_tokens_precede_sessions_sorted_by_last_use() -> None:
    def token(name: str, kind: str, hour: int, used: int | None = None) -> Any:
        last = None if used is None else datetime(2026, 11, 21, used, tzinfo=UTC)
        made = datetime(2026, 11, 21, hour, tzinfo=UTC)
        return SimpleNamespace(name=name, kind=kind, created_at=made, last_used_at=last)

    known = [token("a", "session", 1, 9), token("b", "token", 2), token("c", "token", 1, 3)]
    assert [one.name for one in sort_by_use(known)] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("", "new", "new"), "Enter the current and the new password"),
        (("old", "", ""), "Enter the current and the new password"),
        (("old", "new", "mew"), "do not match"),
        (("same", "same", "same"), "equals the current one"),
    ],
)
def test_an_invalid_new_password_is_not_sent(typed: tuple[str, str, str], why: str) -> None:
    assert why in (describe_refusal(*typed) or "")
    assert describe_refusal("old", "new", "new") is None


@pytest.mark.parametrize(
    ("disabled", "has_password", "said"),
    [(False, True, "active"), (False, False, "pending"), (True, True, "blocked")],
)
def test_a_user_is_active_once_they_have_a_password(disabled: bool, has_password: bool, said: str) -> None:
    user: Any = SimpleNamespace(disabled=disabled, has_password=has_password)
    assert get_status(user) == said


@pytest.mark.release
def test_only_permitted_actions_are_drawn(dashboard_pages: DashboardPages) -> None:
    of_viewer = list_buttons(dashboard_pages.page(members.render, "viewer"))
    of_owner = list_buttons(dashboard_pages.page(members.render, "owner"))
    assert of_viewer == {"Create token"}
    assert {"Invite", "Change role", "Revoke"} <= of_owner
    assert "Transfer project" not in of_owner  # another user owns the project
    assert {"Set-up link", "Create user", "Transfer project"} <= list_buttons(
        dashboard_pages.page(members.render, DEFAULT_USER)
    )
    reading = dashboard_pages.view("owner", TokenScope.READ)
    assert list_buttons(dashboard_pages.draw(members.render, reading)) == set()
    assert list_buttons(dashboard_pages.draw(settings.render, reading)) == set()


@pytest.mark.slow
def test_an_owner_invites_a_user_who_accepts(dashboard_pages: DashboardPages) -> None:
    qdash = dashboard_pages.qdash
    qdash.get(USERS).create("nina", by=DEFAULT_USER)
    page = dashboard_pages.page(members.render, "owner")
    find_by_label(page.text_input, "Username").input("nina")
    find_by_label(page.selectbox, "Role").select("viewer")
    find_by_label(page.button, "Invite").click().run()
    owner = qdash.access("owner")
    assert qdash.get(MEMBERS).show(owner, "nina").status == "pending"

    home = dashboard_pages.page(overview.render, "nina")
    assert [one.value for one in home.subheader] == ["First steps"], "her personal project"
    assert next(one.value for one in home.info).startswith("owner invites you to project")
    qdash.get(PROJECTS).delete(qdash.access("nina"))
    found = find_invitation(dashboard_pages.view("nina"))
    assert found is not None
    assert (found.invited_by, found.role) == ("owner", ProjectRole.VIEWER)
    elsewhere = dashboard_pages.page(
        lambda view: render_invited(view, get_installed_pages().placed[0], find_invitation(view)), "nina"
    )
    assert [one.value for one in elsewhere.title] == ["Overview"]
    assert elsewhere.info[0].value.startswith("owner invites you to project")

    hers = dashboard_pages.page(members.render, "nina")
    find_by_label(hers.button, "Accept").click().run()
    assert (qdash.get(MEMBERS).show(owner, "nina").status, qdash.get(MEMBERS).show(owner, "nina").role) == (
        "active",
        ProjectRole.VIEWER,
    )
    assert find_invitation(dashboard_pages.view("nina")) is None


@pytest.mark.slow
def test_a_refusal_of_the_host_is_shown_at_its_form(dashboard_pages: DashboardPages) -> None:
    page = dashboard_pages.page(members.render, "owner")
    find_by_label(page.button, "Invite").click().run()
    assert [one.value for one in page.error] == ["Enter a value."]
    find_by_label(page.text_input, "Username").input("nobody")
    find_by_label(page.button, "Invite").click().run()
    (error,) = [one.value for one in page.error]
    assert "There is no user 'nobody': an administrator creates users on the page Members and tokens" in error
    assert "`qdash user create`" in error, "a command is code"


@pytest.mark.slow
def test_a_member_is_revoked_only_after_confirmation(dashboard_pages: DashboardPages) -> None:
    page = dashboard_pages.page(members.render, "owner")
    find_by_label(page.selectbox, "Change a member").select("viewer").run()
    find_by_label(page.button, "Revoke").click().run()
    assert any("loses access to **default**" in one.value for one in page.markdown)
    members_now = dashboard_pages.qdash.get(MEMBERS).list_by_project(dashboard_pages.qdash.access("owner"))
    assert {one.username: one.status for one in members_now}["viewer"] == "active"


@pytest.mark.slow
def test_a_created_token_shows_its_secret(dashboard_pages: DashboardPages) -> None:
    page = dashboard_pages.page(members.render, "viewer")
    find_by_label(page.text_input, "Name").input("night")
    find_by_label(page.get("date_time_input"), "Expiry").set_value(None)
    find_by_label(page.button, "Create token").click().run()
    made = {one.name: one for one in dashboard_pages.qdash.get(TOKENS).list_by_user("viewer", by="viewer")}[
        "night"
    ]
    assert (made.scope, made.expires_at) == (TokenScope.READ, None)
    (secret,) = [one.value for one in page.code]
    assert secret.startswith("qdash_")


@pytest.mark.slow
def test_the_consequences_of_an_off_boarding_are_described(dashboard_pages: DashboardPages) -> None:
    dashboard_pages.view("editor")  # with a token
    said = describe_impact(dashboard_pages.view(DEFAULT_USER), "editor", None)
    assert said == (
        "user editor would be disabled, project editor deleted, membership of project default revoked, 1 token ended."
    )
    assert "editor" in [
        one.username
        for one in dashboard_pages.qdash.get(MEMBERS).list_by_project(dashboard_pages.qdash.access("owner"))
    ]


@pytest.mark.slow
def test_preferences_are_saved_by_the_host(dashboard_pages: DashboardPages) -> None:
    page = dashboard_pages.page(settings.render, "viewer")
    find_by_label(page.selectbox, "Time zone").select("Asia/Tokyo")
    find_by_label(page.selectbox, "Theme").select("dark")
    find_by_label(page.text_input, "Full name").input("Vera Rubin")
    find_by_label(page.button, "Save").click().run()
    user = dashboard_pages.qdash.get(USERS).show("viewer", by="viewer").user
    assert (user.time_zone, user.theme, user.full_name) == ("Asia/Tokyo", "dark", "Vera Rubin")
    page = dashboard_pages.page(settings.render, "viewer")
    find_by_label(page.selectbox, "Time zone").set_value(None)
    find_by_label(page.selectbox, "Hide the first steps on the overview").set_value(True)
    find_by_label(page.button, "Save").click().run()
    user = dashboard_pages.qdash.get(USERS).show("viewer", by="viewer").user
    assert (user.time_zone, user.hides_guide) == (None, True)


@pytest.mark.slow
def test_a_password_change_requires_the_current_password(dashboard_pages: DashboardPages) -> None:
    end_embedded_mode(dashboard_pages.qdash, "viewer", hashed())
    page = dashboard_pages.page(settings.render, "viewer")
    for old, n_refusals in (("not this one", 1), (PASSWORD, 0)):
        for field, text in zip(page.text_input[1:], (old, NEW, NEW), strict=True):
            field.input(text)
        find_by_label(page.button, "Change password").click().run()
        assert len(page.error) == n_refusals
    assert dashboard_pages.qdash.get(LOGINS).log_in("viewer", NEW, address="192.0.2.9").secret


@pytest.mark.slow
def test_an_administrator_revokes_a_token_of_another_user(dashboard_pages: DashboardPages) -> None:
    dashboard_pages.view("editor")  # with a token
    page = dashboard_pages.page(lambda view: users.draw_tokens_of(view, "editor"), DEFAULT_USER)
    find_by_label(page.button, "Revoke").click().run()
    assert not page.exception
    assert not page.error
    assert dashboard_pages.qdash.get(TOKENS).list_by_user("editor", by="editor") == []
