"""Takes the pictures of the dashboard: `uv run --group dev python -m docs.make_screenshots`, with Chromium as the tests have it.
Names of pictures as arguments, such as `releases scopes`, limit it to these.

They show a twin of a processor of 27 qubits that was brought up and checked, and some of whose couplings have gates: each page
in light and in dark, wide and narrow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.dashboard import OPTIONS, dashboard
from benchmarks.servers import CHROMIUM, host, program
from qdash_assistant.testing.script import Script
from qdash_assistant.testing.scripted_endpoint import ScriptedEndpoint
from qdash_builtin.conversations.feature import ANSWERS
from qdash_builtin.conversations.tools.answer_tools import AnswerTools
from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.people.feature import AUDIT_LOG, TOKENS
from qdash_builtin.people.models.audit import AuditModel, FieldChange
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import open_qdash
from qdash_core.models.task import TaskStatus
from qdash_core.models.token import TokenScope
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Page

    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash

IMAGES = Path(__file__).with_name("images") / "dashboard"
CHIP = "falcon"
WIDTHS = (1440, 900)
SCHEMES = ("light", "dark")
_HEIGHT = 900
_COLOURS = 64
_TYPED = {"files": "Q12: 31\nQ03: 44\n"}
"""Texts that are typed into the editor before the picture."""
_SICK = "lab"
"""Chip with a dead drive line."""
_OF_A_FAILURE = ("explanation", "assistant", "conversation")
"""Pictures of this chip."""
_PAIR = "jakarta"
"""Chip of the tutorial of experimenters."""
_OF_THE_TUTORIAL = (
    "tutorial-map",
    "tutorial-result",
    "tutorial-review",
    "tutorial-pair",
    "tutorial-cancelled",
)
"""Pictures of its steps, light and wide only."""
_ANSWER = (
    {"tool_calls": [{"name": "explain", "arguments": {"subject": "2", "chip": _SICK}}]},
    {
        "tool_calls": [
            {"name": "list_results", "arguments": {"chip_id": _SICK, "target": "2", "status": "failed"}},
            {
                "name": "propose_exclude",
                "arguments": {"chip_id": _SICK, "targets": ["2"], "reason": "No drive reaches it."},
            },
        ]
    },
    {
        "text": "CheckQubitSpectroscopy **failed** on qubit 2 [result:<<list_results:items.0.task_id>>]: the signal does not change, although the "
        "readout works. The most likely cause is a dead drive line.\n\n- Check generator, cables and attenuators of this line.\n"
        "- Flows can leave the qubit out until then: I have drafted that.\n\nThe line was fine last week, with 4 dB less."
    },
)
"""Turns of the scripted endpoint."""
_POLL_S = 0.2
_DRAWN_MS = 1500
"""So long after a page is there figures move to their places."""
_FLOW = '''\
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit, FilterByMetric
from qdash_core.flows.targets import AllMuxTargets, QubitTargets


def night(username, chip_id, project_id, flow_name, qids=None, tags=(), *, rounds: int = ROUNDS, minimum_us: float = 50.0):
    """T1 of the qubits, and the other times of those where it is long."""
    targets = QubitTargets(qids) if qids else AllMuxTargets()
    cal = CalibService(username, chip_id, project_id=project_id, flow_name=flow_name, tags=tags)
    for _ in range(rounds):
        cal.run(
            targets,
            steps=[
                CustomOneQubit(tasks=["CheckT1"]),
                FilterByMetric("t1", minimum=minimum_us),
                CustomOneQubit(tasks=["CheckRamsey", "CheckT2Echo"]),
            ],
        )
    cal.finish_calibration()
'''
_PREPARED = (
    ("twin", "create", CHIP, "--device", "kolkata", "--seed", "3"),
    ("cryostat", "create", "K-101", "--name", "north", "--manufacturer", "Bluefors", "--location", "room 3"),
    ("cryostat", "create", "K-102", "--name", "south", "--manufacturer", "Oxford", "--location", "room 4"),
    *(
        ("cooldown", "create", name, "--cryostat", cryostat, "--started", start, "--ended", end)
        for name, cryostat, start, end in (
            ("2025-011", "K-102", "2025-02-03", "2025-06-16"),
            ("2025-012", "K-101", "2025-07-01", "2025-12-20"),
        )
    ),
    ("cooldown", "create", "2026-001", "--cryostat", "K-101", "--chip", CHIP, "--started", "2026-02-09"),
    ("cooldown", "edit", "2026-001", "--description", "new package"),
    ("calibrate", CHIP, "--flow", "bring-up", "--tag", "nightly"),
    ("calibrate", CHIP, "--flow", "two-qubit", "--qids", "0,1,2,4", "--tag", "gates"),
    ("calibrate", CHIP, "--flow", "check", "--tag", "morning"),
    ("release", "create", CHIP, "--name", "friday", "--note", "before the change of the bias"),
    ("calibrate", CHIP, "--flow", "check", "--qids", "0-9", "--tag", "evening"),
    ("values", "set", CHIP, "5", "t1=88±2", "--reason", "measured by hand"),
    (
        "values",
        "revert",
        CHIP,
        "--to",
        "release:friday",
        "--qids",
        "8,9",
        "--reason",
        "bad pulses of the evening",
    ),
    ("values", "set", CHIP, "12", "qubit_frequency=5.1", "--reason", "from the spectrum", "--yes"),
    ("values", "undo", "--reason", "of another qubit"),
    ("calibrate", CHIP, "--flow", "bring-up", "--qids", "0-3", "--scope", "bias", "--tag", "bias"),
    ("task", "run", "CheckT1", "--chip", CHIP, "--qid", "5", "--set", "shots=256", "--input", "t1=70"),
    ("note", "edit", CHIP, "The bias was changed on Friday: see the release."),
    ("note", "edit", CHIP, "--qid", "5", "Two-level system near 4.61 GHz since the warm-up."),
    ("note", "edit", CHIP, "--qid", "5", "Two-level system near 4.61 GHz since the warm-up; T1 jumps."),
    ("note", "edit", CHIP, "--coupling", "0-1", "Strong static ZZ: keep both idle during readout of 1."),
    (
        *("note", "edit", CHIP, "--qid", "5", "--metric", "t1", "--from", "12h", "--to", "1s"),
        "The pump was repaired: the fridge was warm.",
    ),
    ("tag", "add", "overnight"),
    ("timetable", "add", "mondays", CHIP, "--flow", "fine-tune", "--cron", "30 6 * * 1"),
    (
        "timetable",
        "add",
        "nightly",
        CHIP,
        "--flow",
        "check",
        "--cron",
        "0 2 * * *",
        "--timezone",
        "Asia/Tokyo",
        "--missed",
        "once",
    ),
)


def main(folder: Path = IMAGES, names: Sequence[str] = ()) -> None:
    """Take the pictures with these names into `folder`; without names, every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        home = Path(name)
        # All programs below inherit it.
        os.environ["QDASH_FILE_ROOTS"] = _make_file_roots(
            Path(stack.enter_context(tempfile.TemporaryDirectory()))
        )
        url = f"sqlite:///{home}/qdash.db"
        run_qdash(home, "init")
        with open_qdash(load_settings(home=home, store_url=url)) as qdash:
            token, _ = qdash.get(TOKENS).create("admin", "pictures", scope=TokenScope.ADMIN)
        endpoint = stack.enter_context(
            ScriptedEndpoint(Script.model_validate({"answers": [{"turns": _ANSWER}]}))
        )
        os.environ |= {"QDASH_ASSISTANT_URL": endpoint.url, "QDASH_ASSISTANT_MODEL": "scripted"}
        os.environ |= {"QDASH_ASSISTANT_INPUT_PRICE": "1", "QDASH_ASSISTANT_OUTPUT_PRICE": "5"}
        _, at_host = stack.enter_context(host(home, url))
        _, at_ui = stack.enter_context(dashboard(home, at_host))
        stack.enter_context(_worker(home))
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = stack.enter_context(chromium.launch(executable_path=CHROMIUM, args=OPTIONS))
        _take(browser, at_ui, token, _choose({"first-run": "/"}, names), folder)
        if not names or {*names} - {"first-run", *_OF_A_FAILURE, *_OF_THE_TUTORIAL}:
            _prepare(home)
            _take(browser, at_ui, token, _choose(_addresses(home, url), names), folder)
        if not names or {*names} & {*_OF_A_FAILURE}:
            _take(browser, at_ui, token, _choose(_fail(home, url), names), folder)
        if not names or {*names} & {*_OF_THE_TUTORIAL}:
            for addresses in _follow_tutorial(home, url):
                _take(browser, at_ui, token, _choose(addresses, names), folder, SCHEMES[:1], WIDTHS[:1])


def _prepare(home: Path) -> None:
    """Make and calibrate the chip of most pictures, with notes, flows and timetables."""
    for command in _PREPARED:
        run_qdash(home, *command)
    for rounds in ("1", "2"):
        (home / "night.py").write_text(_FLOW.replace("ROUNDS", rounds))
        run_qdash(home, "flow", "save", str(home / "night.py"), "--tag", "coherence")
    run_qdash(home, "flow", "copy", "check", "old-check")
    run_qdash(home, "flow", "delete", "old-check")
    run_qdash(home, "calibrate", CHIP, "--flow", "night", "--qids", "0-3", "--param", "rounds=1")


def _fail(home: Path, url: str) -> dict[str, str]:
    """Bring up a qubit with a dead drive line, ask the assistant about it, and return what is pictured."""
    run_qdash(home, "twin", "create", _SICK, "--device", "jakarta", "--seed", "4", "--fault", "dead-line=2")
    run_qdash(home, "calibrate", _SICK, "--flow", "bring-up", "--qids", "0-2", "--no-repeat")
    with open_qdash(load_settings(home=home, store_url=url)) as qdash:
        access = qdash.access("admin")
        answer = qdash.get(ANSWERS).ask(
            access, None, "Why did qubit 2 fail?", AnswerTools(qdash), chip_id=_SICK
        )
        answer.wait(60.0)
        conversation = answer.message.conversation_id
    addresses = (
        f"/qubit?chip={_SICK}&qubit=2&explain=on",
        f"/assistant?chip={_SICK}&target=2",
        f"/assistant?conversation={conversation}",
    )
    return dict(zip(_OF_A_FAILURE, addresses, strict=True))


def _follow_tutorial(home: Path, url: str) -> Iterator[dict[str, str]]:
    """Perform the steps of the tutorial of experimenters, and yield the pictures of each, with their addresses."""
    run_qdash(home, "twin", "create", _PAIR, "--device", "jakarta")
    run_qdash(home, "calibrate", _PAIR, "--flow", "bring-up", "--qids", "0,1")
    with open_qdash(load_settings(home=home, store_url=url)) as qdash:
        access = qdash.access("admin")
        [run] = qdash.get(EXECUTIONS).newest(access, chip_id=_PAIR, limit=1)
        results = qdash.repositories.of(TaskResultHistoryRepository).list_by_execution(
            "default", run.execution_id
        )
        [t1] = [one.task_id for one in results if one.name == "CheckT1" and one.qid == "1"]
    yield {
        "tutorial-map": f"/chip?chip={_PAIR}&metric=t1&target=1",
        "tutorial-result": f"/result?result={t1}",
    }
    wrong = ("--set", "reset=passive", "--set", "interval=60000")
    run_qdash(home, "task", "run", "CheckRabi", "--chip", _PAIR, "--qid", "1", "--save", *wrong)
    yield {"tutorial-review": f"/review?chip={_PAIR}"}
    with open_qdash(load_settings(home=home, store_url=url)) as qdash:
        [run] = qdash.get(EXECUTIONS).newest(qdash.access("admin"), chip_id=_PAIR, limit=1)
        [flagged] = qdash.repositories.of(TaskResultHistoryRepository).list_by_execution(
            "default", run.execution_id
        )
    run_qdash(home, "values", "reject", flagged.task_id, "--reason", "wait shorter than T1")
    run_qdash(home, "calibrate", _PAIR, "--flow", "two-qubit", "--couplings", "0-1")
    yield {"tutorial-pair": f"/chip?chip={_PAIR}&metric=t1&coupling_metric=zx90_gate_fidelity&target=0-1"}
    run_qdash(home, "twin", "create", "slow", "--device", "jakarta", "--fault", "slow=1")
    command = [program("qdash"), "calibrate", "slow", "--flow", "rough", "--qids", "0-2"]
    environment = {**os.environ, "QDASH_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:  # noqa: S603  our own
        with open_qdash(load_settings(home=home, store_url=url)) as qdash:
            access = qdash.access("admin")
            while not (newest := qdash.get(EXECUTIONS).newest(access, chip_id="slow", limit=1)):
                time.sleep(_POLL_S)
            stopped = newest[0].execution_id
            results = qdash.repositories.of(TaskResultHistoryRepository)
            while not any(
                one.status is TaskStatus.COMPLETED for one in results.list_by_execution("default", stopped)
            ):
                time.sleep(_POLL_S)
        run_qdash(home, "executions", "cancel", stopped)
        process.wait()
    yield {"tutorial-cancelled": f"/execution?execution={stopped}"}


def _make_file_roots(folder: Path) -> str:
    """Write the pictured file, and return the setting of a root with it."""
    (folder / "params").mkdir()
    values = "".join(f"Q{number:02}: {30 + 7 * number % 13}\n" for number in range(12))
    (folder / "params/t1.yaml").write_text(f"# T1 in µs\n{values}", "utf-8")
    return json.dumps({"lab": {"path": str(folder), "projects": ["default"]}})


def _choose(addresses: dict[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: address for name, address in addresses.items() if not names or name in names}


@contextmanager
def _worker(home: Path) -> Iterator[None]:
    """Run a worker meanwhile."""
    environment = {**os.environ, "QDASH_HOME": str(home)}
    command = [program("qdash"), "worker"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:  # noqa: S603  our own
        try:
            yield
        finally:
            process.terminate()


def run_qdash(home: Path, *command: str) -> None:
    """Run `qdash` in a home."""
    environment = {**os.environ, "QDASH_HOME": str(home)}
    subprocess.run([program("qdash"), *command], env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own command


def _open_issues(qdash: QDash, access: Access, task_id: str) -> str:
    """Open issues about a result, of which the older one is closed, and return the id of the newer one."""
    issues = qdash.get(ISSUES)
    earlier = issues.open(access, "Q05: echo too short", task_id=task_id, labels=["drive"]).issue.issue_id
    issues.close(
        access, earlier, comment="The fan of the source was broken. **Replaced**; T2 is back at 120 µs."
    )
    body = f"Shorter since the cool-down of the source:\n\n![Echo of qubit 5](result:{task_id})"
    title = "Q05: echo short again"
    newer = issues.open(access, title, body=body, task_id=task_id, labels=["drive"], assignees=["admin"])
    issues.comment(access, newer.issue.issue_id, "The fan runs. I measure the source at night.")
    issues.edit(access, newer.issue.issue_id, state="in progress")
    return newer.issue.issue_id


def _record_requests(qdash: QDash) -> int:
    """Record some requests in the audit log, and return the number of the last one."""
    requests = (
        ("edit_timetable", "/timetables/nightly", (("when.expression", "0 1 * * *", "0 2 * * *"),)),
        ("replace_tags", "/tags/replace", ()),
        ("change_role", "/projects/default/members/bob", (("role", "viewer", "editor"),)),
    )
    for operation, path, changes in requests:
        row = AuditModel(
            request_id=f"{len(path):016x}",
            username="admin",
            token="pictures",  # noqa: S106  its name
            project_id="default",
            operation=operation,
            method="PATCH" if changes else "POST",
            path=path,
            address="192.0.2.7",
            changes=[FieldChange(field=name, before=old, after=new) for name, old, new in changes],
        )
        recorded = qdash.get(AUDIT_LOG).record_request(row)
        qdash.get(AUDIT_LOG).record_response([recorded], 200)
    return recorded.seq


def _addresses(home: Path, url: str) -> dict[str, str]:
    """Return what is pictured, by the name of its picture."""
    with open_qdash(load_settings(home=home, store_url=url)) as qdash:
        access = qdash.access("admin")
        newest = qdash.get(EXECUTIONS).newest(access, chip_id=CHIP, limit=10)
        runs = {tag: one.execution_id for one in newest for tag in one.tags}
        results = qdash.repositories.of(TaskResultHistoryRepository).list_by_execution(
            "default", runs["morning"]
        )
        of_5 = {one.name: one.task_id for one in results if one.qid == "5"}
        ramsey, t1 = of_5["CheckRamsey"], of_5["CheckT1"]
        trial = next(one.execution_id for one in newest if one.name == "CheckT1")
        issue = _open_issues(qdash, access, of_5["CheckT2Echo"])
        audit_entry = _record_requests(qdash)
    workbench = f"/workbench?chip={CHIP}&task=CheckT1&targets=5&p.shots=256&i.t1=70&execution={trial}"
    return {
        "overview": "/",
        "chip": f"/chip?chip={CHIP}&metric=t1&coupling_metric=zx90_gate_fidelity&target=5",
        "new-chip": "/new-chip?topology=heavy-hex-27",
        "edit-chip": f"/edit-chip?chip={CHIP}",
        "chip-export": f"/chip-export?chip={CHIP}&format=device-topology&min_qubit_fidelity=0.9",
        "chip-import": f"/chip-import?chip={CHIP}",
        "projects": "/projects",
        "figures": f"/chip?chip={CHIP}&view=figures&task=CheckT1",
        "yield": f"/chip?chip={CHIP}&view=yield",
        "metrics": f"/metrics?chip={CHIP}&metric=t1",
        "correlation": f"/metrics?chip={CHIP}&metric=t1&view=correlation&with=t2_echo",
        "changes": f"/chip?chip={CHIP}&view=changes&revert=release:friday",
        "workbench": workbench,
        "workbench-results": f"{workbench}#results",
        "schedule": f"/schedule?chip={CHIP}&kind=qubit&qubit_strategies=uncoupled,synchronized",
        "compare": f"/compare?chip={CHIP}&before=release:friday",
        "releases": f"/chip?chip={CHIP}&view=releases",
        "design": f"/chip?chip={CHIP}&view=design",
        "origin-page": f"/origin?chip={CHIP}&target=0-1&metric=zx90_gate_fidelity",
        "scopes": f"/chip?chip={CHIP}&view=scopes",
        "qubit": f"/qubit?chip={CHIP}&qubit=5&task=CheckT2Echo",
        "coupling": f"/coupling?chip={CHIP}&coupling=0-1",
        "history": f"/qubit?chip={CHIP}&qubit=5&metric=t1&point={t1}",
        "origin": f"/coupling?chip={CHIP}&coupling=0-1&metric=zx90_gate_fidelity&origin=on",
        "impact": f"/result?result={ramsey}&impact=on",
        "executions": "/executions",
        "execution": f"/execution?execution={runs['morning']}",
        "timeline": f"/execution?execution={runs['gates']}&view=timeline",
        "result": f"/result?result={ramsey}",
        "flows": "/flows",
        "flows-deleted": "/flows?view=deleted",
        "flow": f"/flows?flow=night&chip={CHIP}",
        "flow-run": f"/flows?flow=night&view=run&chip={CHIP}",
        "flow-versions": f"/flows?flow=night&view=versions&chip={CHIP}",
        "notes": f"/notes?chip={CHIP}",
        "tags": "/tags",
        "events": f"/events?chip={CHIP}&kind=value.*",
        "audit": f"/audit?entry={audit_entry}",
        "cryostats": "/cryostats",
        "cooldown": "/cooldown?cooldown=2026-001",
        "issues": "/issues?state=any",
        "issue": f"/issue?issue={issue}",
        "timetables": "/timetables?timetable=nightly",
        "tasks": "/tasks",
        "task": "/tasks?task=CheckT1",
        "files": "/files?root=lab&file=params/t1.yaml&view=edit",
        "members": "/members",
        "plugins": "/plugins",
        "settings": "/settings",
    }


def _take(
    browser: Browser,
    at_ui: str,
    token: str,
    addresses: dict[str, str],
    folder: Path,
    schemes: Sequence[str] = SCHEMES,
    widths: Sequence[int] = WIDTHS,
) -> None:
    for scheme in schemes:
        context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
        context.on("dialog", lambda dialog: dialog.accept())  # unsaved changes are left
        context.add_cookies([{"name": "qdash_session", "value": token, "url": at_ui}])
        page = context.new_page()
        for width in widths:
            page.set_viewport_size({"width": width, "height": _HEIGHT})
            for name, address in addresses.items():
                page.goto(at_ui + address)
                if name in _TYPED:
                    _type(page, _TYPED[name])
                file = name if name in _OF_THE_TUTORIAL else f"{name}-{scheme}-{width}"
                (folder / f"{file}.webp").write_bytes(_picture(page))
        context.close()


def _type(page: Page, text: str) -> None:
    """Type a text at the end of the editor, and wait for the message about it."""
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)
    page.locator(".problems li").wait_for()


def _picture(page: Page) -> bytes:
    """Return the picture of a page after its figures were drawn."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.locator("h1").first.wait_for()
    page.get_by_text("Checking …").wait_for(state="detached")
    page.wait_for_timeout(_DRAWN_MS)
    return pack_picture(page.screenshot())


def pack_picture(screenshot: bytes) -> bytes:
    """Return a picture with few colours, so that its file is small."""
    taken = Image.open(BytesIO(screenshot)).convert("RGB")
    few = taken.quantize(_COLOURS, dither=Image.Dither.NONE).convert("RGB")
    packed = BytesIO()
    few.save(packed, "WEBP", lossless=True, method=6)
    return packed.getvalue()


if __name__ == "__main__":
    main(names=sys.argv[1:])
