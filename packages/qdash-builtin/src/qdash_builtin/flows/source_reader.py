"""Program that reads the source of a flow without running it, in a process of its own for each source.

Python's parser is made for trusted sources: others can keep it busy for minutes, or overflow its stack. Only light modules are imported
before others are known to be needed.
"""

from __future__ import annotations

import json
import signal
import sys
from importlib import import_module
from typing import Any

from qdash_builtin.flows.flow_signatures import TOO_DEEP, parse_signature, parse_source
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.text_error import TextError

READY = b"ready"
"""Written before the source is read: the limit of CPU time begins."""


def main() -> None:
    """Write the answer to a request to standard output as JSON, or the key `refused` with the error, and `line` and `column` if known.

    The first line of standard input is the request as JSON, with the keys `function` (the requested function, or null), `has_qdash`
    (whether the source names QDash) and `limit_s` (CPU time to read it, in s, after which SIGPROF ends the process). Once the program
    has written `READY`, the bytes of the source follow, to the end of the input. The keys of the request select the answer: with `tasks`
    (names of installed tasks) `source_report.make_report`, with `values` (values of arguments) `source_runs.read_runs`, with `syntax` nothing,
    else `parse_signature`; with `names`, names of QDash that do not exist are then an error.
    """
    request = json.loads(sys.stdin.buffer.readline())
    if request["has_qdash"] and ("tasks" in request or request.get("names")):
        _import_usual_modules()
    signal.setitimer(signal.ITIMER_PROF, request["limit_s"])  # ends the process, also within Python's parser
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    source = sys.stdin.buffer.read()
    try:
        answer = _read(source, request)
    except TextError as error:
        answer = {"refused": str(error), "line": error.line, "column": error.column}
    except InvalidInputError as error:
        answer = {"refused": str(error)}
    except (RecursionError, MemoryError):
        answer = {"refused": TOO_DEEP}
    sys.stdout.write(json.dumps(answer))


def _import_usual_modules() -> None:
    """Import what nearly every flow imports, which takes longer than to read its source."""
    import_module("qdash_core").CalibService  # noqa: B018  it is imported when it is used first
    import_module("qdash_core.flows.targets")


def _read(source: bytes, request: dict[str, Any]) -> dict[str, Any]:
    function = request["function"]
    if "tasks" in request:
        from qdash_builtin.flows.source_report import make_report

        return make_report(source, function, request["tasks"])
    if "values" in request:
        from qdash_builtin.flows.source_runs import read_runs

        return {"runs": read_runs(parse_source(source), function, request["values"])}
    if "syntax" in request:
        parse_source(source)
        return {}
    answer = parse_signature(source, function)
    if request["names"]:
        from qdash_builtin.flows.source_check import refuse_absent_names

        refuse_absent_names(source)
    return answer


if __name__ == "__main__":
    main()
