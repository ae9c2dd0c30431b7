"""Start of a QDash process: its logging."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_PROGRAM = """
import logging
from qdash_core.process.process_start import begin_process
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


_THREADS = """
import ctypes, threading
from qdash_core.process.process_start import limit_memory_arenas
limit_memory_arenas()
def hold():
    blocks.append(libc.malloc(1000))
    barrier.wait()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
blocks, barrier = [], threading.Barrier(16)
threads = [threading.Thread(target=hold) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
# What lies in one arena that is not the first lies in one block of 64 MiB.
print(len({block >> 26 for block in blocks}))
"""


def test_threads_share_two_arenas() -> None:
    done = subprocess.run([sys.executable, "-c", _THREADS], check=True, text=True, capture_output=True)
    assert int(done.stdout) <= 2
