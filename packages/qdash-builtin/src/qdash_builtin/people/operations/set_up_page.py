"""Page of a set-up link."""

from __future__ import annotations

from qdash_builtin.people.set_up_page import SET_UP_PAGE
from qdash_core.operations.answers import Redirection, TextAnswer
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("auth", place=60)


@operations.get("/auth/setup", needs=RequiredRole.OPEN, media_type="text/html")
def set_up_page(call: Call) -> Redirection | TextAnswer:
    """Show the page of a set-up link: the page of the dashboard, or instructions without it."""
    if dashboard := call.qdash.settings.dashboard_url:
        return Redirection(f"{dashboard}/setup")  # browsers keep the part after `#`
    return TextAnswer(SET_UP_PAGE, media_type="text/html")
