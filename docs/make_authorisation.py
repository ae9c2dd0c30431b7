"""Generator of the page of authorisation: the permissions that the routes of the host require.

A test calls every route of a running host as every caller of the table.
"""

from __future__ import annotations

from dataclasses import dataclass

from docs.make_http import read_document
from qdash_api.openapi import iter_operations
from qdash_core.models.project import ProjectRole
from qdash_core.models.token import TokenScope
from qdash_core.operations.required_role import RequiredRole

THROUGH = "yes"


@dataclass(frozen=True)
class CallerKind:
    """Kind of caller in requests for project `lab`.

    Parameters
    ----------
    description : str
        Text of the table.
    valid : bool
        True with a valid token.
    scope : TokenScope
        Scope of the token.
    role : ProjectRole or None
        Role in the project, or None.
    invited : bool
        True with an open invitation to the project.
    owns_default : bool
        True for an owner of project `default`.
    """

    description: str
    valid: bool = True
    scope: TokenScope = TokenScope.ADMIN
    role: ProjectRole | None = None
    invited: bool = False
    owns_default: bool = False


READ, WRITE, _ = TokenScope
OWNER, EDITOR, VIEWER = ProjectRole
CALLERS = {
    "nobody": CallerKind("no token", valid=False),
    "nonsense": CallerKind("an unknown token", valid=False),
    "expired": CallerKind("an editor's token that has expired", valid=False),
    "revoked": CallerKind("an editor's token that was revoked", valid=False),
    "disabled": CallerKind("the token of an editor who is disabled", valid=False),
    "foreign": CallerKind("an owner of another project"),
    "former": CallerKind("a former owner of the project"),
    "invited": CallerKind("a user with an open invitation", invited=True),
    "viewer": CallerKind("a viewer", role=VIEWER),
    "editor-reading": CallerKind("an editor by a token of scope `read`", role=EDITOR, scope=READ),
    "editor": CallerKind("an editor", role=EDITOR),
    "owner-reading": CallerKind("an owner by a token of scope `read`", role=OWNER, scope=READ),
    "owner-writing": CallerKind("an owner by a token of scope `write`", role=OWNER, scope=WRITE),
    "owner": CallerKind("an owner", role=OWNER),
    "administrator": CallerKind("an owner of `default` who is not a member", owns_default=True),
    "administrator-writing": CallerKind(
        "the same by a token of scope `write`", owns_default=True, scope=WRITE
    ),
}


def get_expected_status(needs: RequiredRole, caller: CallerKind, *, reads: bool) -> str:
    """Return the expected answer of a route to a caller: the status of a refusal, or `THROUGH`."""
    if needs is RequiredRole.OPEN:
        return THROUGH
    if not caller.valid:
        return "401"
    if not reads and needs is not RequiredRole.VIEWER and caller.scope is READ:
        return "403"
    if needs is RequiredRole.SELF:
        return THROUGH
    if needs is RequiredRole.ADMINISTRATOR:
        return THROUGH if caller.owns_default and caller.scope is TokenScope.ADMIN else "403"
    if caller.role is None:
        return "403" if caller.invited else "404"
    least = {RequiredRole.VIEWER: 0, RequiredRole.EDITOR: 1, RequiredRole.OWNER: 2}[needs]
    by_role = {VIEWER: 0, EDITOR: 1, OWNER: 2}[caller.role]
    by_scope = {READ: 0, WRITE: 1, TokenScope.ADMIN: 2}[caller.scope]
    return THROUGH if min(by_role, by_scope) >= least else "403"


_INTRODUCTION = """\
# Authorisation

Users, tokens and roles are managed as described in [People](features/people.md#users-and-projects).

The tables list the required permission of each route. `open` needs no token, and `self` any valid one. `viewer`, `editor` and `owner` are roles in the project of the request (`X-Project-Id`, the project in the path, or the caller's default project: a new user owns a [personal project](features/people.md#personal-projects)). `administrator` is an owner of project `default` with a token of scope `admin`. A route of a plugin (`/plugins/NAME/..`) needs a viewer for reading (GET, HEAD) and an editor for everything else, regardless of its declaration.

A format that copies files of the laboratory on the host, such as `qubex-params`, can be exported only by an administrator who is a member; others get 403.

Refusals: 401 without a valid token, 403 without the required permission, and 404 if the caller is not a member of the project, as for an unknown project. *Reading* is GET and HEAD.
"""


def make_page() -> str:
    """Return the text of the page."""
    routes = [
        (operation["x-needs"], method, path, operation["operationId"])
        for path, method, operation in iter_operations(read_document())
    ]
    return "\n".join([_INTRODUCTION, *_list_callers(), "", "## Routes", "", *_list_routes(routes), ""])


def _list_callers() -> list[str]:
    columns = [(needs, reads) for needs in RequiredRole for reads in (True, False)]
    heads = [f"{needs}, {'reading' if reads else 'changing'}" for needs, reads in columns]
    rows = [
        [kind.description, *(get_expected_status(needs, kind, reads=reads) for needs, reads in columns)]
        for kind in CALLERS.values()
    ]
    return _format_table(["caller", *heads], rows)


def _list_routes(routes: list[tuple[str, str, str, str]]) -> list[str]:
    rows = [
        [needs, f"{method} `{path}`", f"`{name}`"]
        for needs, method, path, name in sorted(
            routes, key=lambda one: (list(RequiredRole).index(RequiredRole(one[0])), one[2])
        )
    ]
    return _format_table(["needs", "route", "operation"], rows)


def _format_table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
