"""No connection other than that to the endpoint, and no telemetry."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROBE = """
import sys
connected = []
sys.addaudithook(lambda event, found: connected.append(found[-1]) if event == "socket.connect" else None)
from tests.assistant.conftest import ask
from qdash_assistant.testing.script import ScriptedTurn
from qdash_assistant.testing.scripted_endpoint import ScriptedEndpoint
import os
with ScriptedEndpoint(lambda messages: ScriptedTurn(text="Yes.")) as endpoint:
    os.environ |= {"QDASH_ASSISTANT_URL": endpoint.url, "QDASH_ASSISTANT_MODEL": "scripted"}
    assert ask().text == "Yes."
    assert {f"http://{host}:{port}/v1" for host, port in connected} == {endpoint.url}, connected
assert not {"tiktoken", "logfire", "opentelemetry.sdk"} & sys.modules.keys()
"""


@pytest.mark.slow
def test_an_answer_connects_to_the_endpoint_only() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", PROBE], check=True, timeout=60)
