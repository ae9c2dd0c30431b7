"""A host with project `lab` with a chip, and a token for every kind of caller in the table of permissions."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.testclient import TestClient
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotation
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute

from qdash_api import create_app
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.people.feature import MEMBERS, PROJECTS, TOKENS, USERS
from qdash_builtin.people.repositories.tokens import AccessTokenRepository
from qdash_core import hookimpl
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.models.token import TokenScope
from qdash_core.process.clock import utc_now
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.settings import Settings

from ..cryo_plugin import make_plugin as make_cryo_plugin
from ..helium_fills import FILLS, make_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from starlette.responses import Response
    from starlette.websockets import WebSocket

    from qdash_core.runtime.application import QDash

LAB = "lab"
OWNER, EDITOR, VIEWER = ProjectRole
READ, WRITE, ADMIN = TokenScope


class UndeclaredPlugin:
    """A plugin whose router declares no access rules, with every kind of route."""

    @staticmethod
    @hookimpl
    def qdash_api_routers() -> list[APIRouter]:
        router = APIRouter()

        @router.get("/light")
        def light(request: Request) -> dict[str, str]:
            return {"who": request.state.access.username, "where": request.state.access.project_id}

        @router.post("/light")
        def switch(request: Request) -> dict[str, str]:
            return light(request)

        async def plain(_request: Request) -> Response:
            return PlainTextResponse("plain")

        async def talk(socket: WebSocket) -> None:
            await socket.accept()
            await socket.close()

        router.routes.append(Route("/plain", plain, methods=["GET", "DELETE"]))
        router.routes.append(WebSocketRoute("/talk", talk))
        router.routes.append(
            Mount("/mounted", routes=[Route("/deep/{rest:path}", plain, methods=["GET", "PUT"])])
        )
        return [router]


LAMP_ROUTES = [
    ("GET", "/plugins/lamp/light"),
    ("POST", "/plugins/lamp/light"),
    ("GET", "/plugins/lamp/plain"),
    ("HEAD", "/plugins/lamp/plain"),
    ("DELETE", "/plugins/lamp/plain"),
    ("WEBSOCKET", "/plugins/lamp/talk"),
    ("GET", "/plugins/lamp/mounted/deep/x"),
    ("PUT", "/plugins/lamp/mounted/deep/x"),
]


@contextmanager
def run_host_with_people(home: Path) -> Iterator[tuple[TestClient, Mapping[str, str]]]:
    """Run a host with three plugins, and yield a client of it with the token of each kind of caller.

    Editors may save flows, so that the roles alone decide.
    """
    plugins = {"lamp": UndeclaredPlugin(), "gas": make_plugin(FILLS), "cryo": make_cryo_plugin()}
    app = create_app(Settings(home=home, flow_authors="editors"), load_plugins(extra=plugins))
    app.openapi_schema = {}  # the document of these routes takes seconds to build
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client, create_tokens(app.state.qdash)


def create_tokens(qdash: QDash) -> dict[str, str]:
    """Create all users, and return their tokens."""
    for name in ("foreign", "former", "invited", "viewer", "editor", "owner", "disabled"):
        qdash.get(USERS).create(name, by=DEFAULT_USER)
    qdash.get(PROJECTS).create(LAB, username="owner")
    qdash.get(PROJECTS).create("elsewhere", username="foreign")
    _join(qdash, {"former": OWNER, "viewer": VIEWER, "editor": EDITOR, "disabled": EDITOR})
    lab = qdash.access("owner", LAB)
    qdash.get(MEMBERS).revoke(lab, "former")
    qdash.get(MEMBERS).invite(lab, "invited")
    qdash.get(CHIPS).create(lab, "Q1", get_builtin_topology("linear-16"), backend="fake")
    made = {
        name: qdash.get(TOKENS).create(name.partition("-")[0], name, scope=scope)[0]
        for name, scope in {
            "revoked": ADMIN, "disabled": ADMIN, "foreign": ADMIN, "former": ADMIN, "invited": ADMIN, "viewer": ADMIN,
            "editor": ADMIN, "editor-reading": READ, "owner": ADMIN, "owner-reading": READ, "owner-writing": WRITE,
        }.items()
        if name != "revoked"
    }  # fmt: skip
    made["administrator"] = qdash.get(TOKENS).create(DEFAULT_USER, "all", scope=ADMIN)[0]
    made["administrator-writing"] = qdash.get(TOKENS).create(DEFAULT_USER, "some", scope=WRITE)[0]
    made["revoked"] = qdash.get(TOKENS).create("editor", "lost", scope=ADMIN)[0]
    qdash.get(TOKENS).revoke("editor", "lost", by="editor")
    made["expired"] = _create_expired_token(qdash)
    made["nonsense"] = "qdash_nonsense"
    qdash.get(USERS).edit("disabled", by=DEFAULT_USER, disabled=True)
    end_embedded_mode(qdash, DEFAULT_USER)
    return made


def end_embedded_mode(qdash: QDash, name: str, hashed: str = "some hash") -> None:
    """End the embedded mode with a fast password hash."""
    users = Repositories(qdash.store).of(UserRepository)
    users.put(users.require(name).model_copy(update={"hashed_password": hashed}))


def _join(qdash: QDash, roles: Mapping[str, ProjectRole]) -> None:
    for name, role in roles.items():
        qdash.get(MEMBERS).invite(qdash.access("owner", LAB), name, role)
        qdash.get(MEMBERS).accept(name, LAB)


def _create_expired_token(qdash: QDash) -> str:
    secret, token = qdash.get(TOKENS).create(
        "editor", "old", scope=ADMIN, expires_at=utc_now() + timedelta(days=1)
    )
    over = token.model_copy(update={"expires_at": utc_now() - timedelta(seconds=1)})
    Repositories(qdash.store).of(AccessTokenRepository).put(over)
    return secret
