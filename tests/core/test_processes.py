"""How a process of QDash's begins: what it logs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_PROGRAM = """
import logging
from qdash_core.processes import begin_process
begin_process()
logging.getLogger("httpx").info("every request")
logging.getLogger("httpx").warning("what is wrong")
logging.getLogger("qdash_core").info("what is done")
"""


@pytest.mark.slow
def test_with_info_http_tells_of_no_single_request() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env={**os.environ, "QDASH_LOG_LEVEL": "INFO"},
        check=True,
        text=True,
        capture_output=True,
    )
    assert done.stderr.splitlines() == ["WARNING what is wrong", "INFO what is done"]
