"""The client is what the host's own OpenAPI document gives, and its generator leaves nothing out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_client_is_in_step_with_the_host() -> None:
    """`python packages/qdash-client/generate.py` puts it there; the generator's warnings are errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "packages/qdash-client/generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
