"""Process that Prefect's worker starts for a flow run, and that QDash's worker dismisses at the end.

Python runs this file without site packages, within a few hundredths of a second. It reports SIGTERM, by which Prefect's
worker cancels: the record ends the run. Without the report server it ends with status 1.
"""

import json
import os
import signal
import sys
from multiprocessing.connection import Client, Connection

REPORT_SERVER = "QDASH_PREFECT_POST"
"""Environment variable with the address of the report server: JSON with `address` and `key`."""


def connect_to_report_server() -> Connection:
    """Return a connection to the report server given by the environment."""
    post = json.loads(os.environ[REPORT_SERVER])
    address = post["address"]
    where = tuple(address) if isinstance(address, list) else address
    return Client(where, authkey=bytes.fromhex(post["key"]))


def main() -> int:
    """Report the start of the flow run, and return the received exit status."""
    with connect_to_report_server() as connection:
        signal.signal(signal.SIGTERM, lambda *_: connection.send_bytes(b'{"what": "told to end"}'))
        began = {"what": "began", "flow_run_id": os.environ["PREFECT__FLOW_RUN_ID"]}
        connection.send_bytes(json.dumps(began).encode())
        return int(connection.recv_bytes())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (EOFError, OSError):
        sys.exit(1)
