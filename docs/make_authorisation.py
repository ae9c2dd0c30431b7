"""Writes `docs/authorisation.md`: who may call which route of the host.

Run it after a change to a route: `uv run docs/make_authorisation.py`. A test asks every route of the running host as
every caller of the table, and says when the page is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qdash_api import create_app
from qdash_api.openapi import describe_app, iter_operations
from qdash_api.routing.needs import Needs
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import ProjectRole
from qdash_core.models.token import TokenScope
from qdash_core.settings import Settings

PAGE = Path(__file__).with_name("authorisation.md")
THROUGH = "yes"


@dataclass(frozen=True)
class CallerKind:
    """A kind of caller, as it asks for project `lab`.

    Parameters
    ----------
    told : str
        In words.
    valid : bool
        Whether they have a good token.
    scope : TokenScope
        Of the token.
    role : ProjectRole or None
        In the project; None: none.
    invited : bool
        Whether they have an invitation to it.
    owns_default : bool
        Whether they own project `default`.
    """

    told: str
    valid: bool = True
    scope: TokenScope = TokenScope.ADMIN
    role: ProjectRole | None = None
    invited: bool = False
    owns_default: bool = False


READ, WRITE, _ = TokenScope
OWNER, EDITOR, VIEWER = ProjectRole
CALLERS = {
    "nobody": CallerKind("no token", valid=False),
    "nonsense": CallerKind("a token that never was", valid=False),
    "expired": CallerKind("an editor's token that has expired", valid=False),
    "revoked": CallerKind("an editor's token that was revoked", valid=False),
    "disabled": CallerKind("the token of an editor who is disabled", valid=False),
    "foreign": CallerKind("an owner of another project"),
    "former": CallerKind("who was an owner of the project, and is not any more"),
    "invited": CallerKind("who is invited and has not accepted", invited=True),
    "viewer": CallerKind("a viewer", role=VIEWER),
    "editor-reading": CallerKind("an editor by a token of scope `read`", role=EDITOR, scope=READ),
    "editor": CallerKind("an editor", role=EDITOR),
    "owner-reading": CallerKind("an owner by a token of scope `read`", role=OWNER, scope=READ),
    "owner-writing": CallerKind("an owner by a token of scope `write`", role=OWNER, scope=WRITE),
    "owner": CallerKind("an owner", role=OWNER),
    "administrator": CallerKind("an owner of `default`, who is no member", owns_default=True),
    "administrator-writing": CallerKind(
        "the same by a token of scope `write`", owns_default=True, scope=WRITE
    ),
}


def expected(needs: Needs, caller: CallerKind, *, reads: bool) -> str:
    """Return what a caller is answered by a route: the status of the refusal, or that they come through."""
    if needs is Needs.OPEN:
        return THROUGH
    if not caller.valid:
        return "401"
    if not reads and needs is not Needs.VIEWER and caller.scope is READ:
        return "403"
    if needs is Needs.SELF:
        return THROUGH
    if needs is Needs.ADMINISTRATOR:
        return THROUGH if caller.owns_default and caller.scope is TokenScope.ADMIN else "403"
    if caller.role is None:
        return "403" if caller.invited else "404"
    least = {Needs.VIEWER: 0, Needs.EDITOR: 1, Needs.OWNER: 2}[needs]
    by_role = {VIEWER: 0, EDITOR: 1, OWNER: 2}[caller.role]
    by_scope = {READ: 0, WRITE: 1, TokenScope.ADMIN: 2}[caller.scope]
    return THROUGH if min(by_role, by_scope) >= least else "403"


_INTRODUCTION = """\
# Who may call what

<!-- fmt: off -->
<!-- Written by docs/make_authorisation.py from the routes of the host: a test holds every route of a running host against it. -->

How users, tokens and roles are managed: [operator.md](operator.md#users-and-projects).

What a route needs stands with it below. `open` takes no token; `self` any good one; `viewer`, `editor` and `owner` that role in the project of the request (`X-Project-Id`, the project in the path, or the caller's default project); `administrator` an owner of project `default` with a token of scope `admin`. A route of a plugin (`/plugins/NAME/..`) needs a viewer to read (GET, HEAD) and an editor for everything else, whatever the plugin declares.

A format that copies files of the laboratory on the host, as `qubex-params` does, is exported for an administrator alone, who is a member; others are refused (403).

The refusals: 401 without a good token, 403 for who may not, 404 where the project is not the caller's, just as where there is none. *Reading* is GET and HEAD.
"""


def page(document: dict[str, Any]) -> str:
    """Return the text of `docs/authorisation.md` from the OpenAPI document of a host."""
    routes = [
        (operation["x-needs"], method, path, operation["operationId"])
        for path, method, operation in iter_operations(document)
    ]
    return "\n".join([_INTRODUCTION, *_by_caller(), "", "## Routes", "", *_by_route(routes), ""])


def _by_caller() -> list[str]:
    columns = [(needs, reads) for needs in Needs for reads in (True, False)]
    heads = [f"{needs}, {'reading' if reads else 'changing'}" for needs, reads in columns]
    rows = [
        [kind.told, *(expected(needs, kind, reads=reads) for needs, reads in columns)]
        for kind in CALLERS.values()
    ]
    return _table(["caller", *heads], rows)


def _by_route(routes: list[tuple[str, str, str, str]]) -> list[str]:
    rows = [
        [needs, f"{method} `{path}`", f"`{name}`"]
        for needs, method, path, name in sorted(
            routes, key=lambda one: (list(Needs).index(Needs(one[0])), one[2])
        )
    ]
    return _table(["needs", "route", "operation"], rows)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


if __name__ == "__main__":
    PAGE.write_text(page(describe_app(create_app(Settings(), load_plugins()))), "utf-8")
