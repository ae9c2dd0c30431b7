"""Client generated from the host's own OpenAPI document, complete and up to date.

`python packages/qdash-remote/generate.py` puts it there.
"""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[2] / "packages/qdash-remote"


def test_the_openapi_document_of_the_client_is_up_to_date() -> None:
    generate = runpy.run_path(str(CLIENT / "generate.py"))
    text = (CLIENT / "openapi.json").read_text("utf-8")
    assert text == generate["format_document"](generate["make_document"]()), (
        "run: python packages/qdash-remote/generate.py"
    )


@pytest.mark.slow
def test_the_generated_client_is_up_to_date() -> None:
    """Warnings of the generator are errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", CLIENT / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
