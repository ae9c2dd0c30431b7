"""What Prefect's worker starts for a flow run: it says so at the post of QDash's worker, and lives as long as that wants it.

It is a file that Python runs alone, without site packages: it begins in a few hundredths of a second. SIGTERM, by which Prefect's
worker cancels, is only told: the run ends through the record. When nobody is at the post any more, it ends with status 1.
"""

import json
import os
import signal
import sys
from multiprocessing.connection import Client, Connection

POST = "QDASH_PREFECT_POST"
"""Environment variable that says where the post is: JSON with `address` and `key`."""


def at_post() -> Connection:
    """Return a connection to the post that the environment names."""
    post = json.loads(os.environ[POST])
    address = post["address"]
    where = tuple(address) if isinstance(address, list) else address
    return Client(where, authkey=bytes.fromhex(post["key"]))


def main() -> int:
    """Tell that the flow run has been started, and return the exit status that comes back."""
    with at_post() as connection:
        signal.signal(signal.SIGTERM, lambda *_: connection.send_bytes(b'{"what": "told to end"}'))
        began = {"what": "began", "flow_run_id": os.environ["PREFECT__FLOW_RUN_ID"]}
        connection.send_bytes(json.dumps(began).encode())
        return int(connection.recv_bytes())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (EOFError, OSError):
        sys.exit(1)
