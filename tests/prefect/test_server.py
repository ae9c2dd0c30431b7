"""The shared server of the tests: it responds, and distinguishes its clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from qdash_prefect.client import PrefectClient, PrefectError

if TYPE_CHECKING:
    from qdash_prefect.server import PrefectServer

pytestmark = pytest.mark.slow


def test_the_server_requires_its_credentials(server: PrefectServer, client: PrefectClient) -> None:
    assert client.get("/admin/version") == "3.8.8"
    nobody = server.settings.model_copy(update={"auth_string": SecretStr("nobody:nothing")})
    with PrefectClient(nobody) as stranger, pytest.raises(PrefectError, match="401"):
        stranger.get("/admin/version")
