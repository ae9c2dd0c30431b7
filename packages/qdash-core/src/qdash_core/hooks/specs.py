# Specifications have no body: pluggy calls the implementations of plugins in their place.
# mypy: disable-error-code="empty-body"
"""Hook specifications of QDash, in the order in which a run calls them.

A plugin is a module or object with functions of these names, marked with `qdash_core.hookimpl`, that an entry point of
the group `qdash` names; the plugin's name is the entry point's name. Every hook is optional. A hook that provides something is called
once, when something of its kind is first requested, without access to hardware, store or network, and returns a list. `qdash_cli` adds
commands. Hooks with another argument take part in what happens: they are called each time, in a thread, with a copy of their
argument, within 5 s. A failure or a longer call is one warning, and the last failure of the plugin in `qdash plugins list`; it takes nothing
else away. The plugins of one hook are called in the order of `qdash plugins list`, those with `@hookimpl(tryfirst=True)` before and those with
`@hookimpl(trylast=True)` after the others; what plugins provide is used in this order, too. A plugin that breaks its contract in one hook is set aside with all of its
contributions, and `qdash plugins list` shows the reason. Put heavy imports inside the functions, so that
`qdash --help` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pluggy import HookspecMarker

if TYPE_CHECKING:
    import click

    from qdash_core.backends.base import BaseBackend
    from qdash_core.features.declarations import Feature
    from qdash_core.features.sections import Section
    from qdash_core.hooks.assistants import Assistant
    from qdash_core.hooks.flows import FlowTemplate
    from qdash_core.hooks.formats import Format
    from qdash_core.hooks.pictures import Pictures
    from qdash_core.hooks.planned_run import PlannedRun
    from qdash_core.hooks.protocols import (
        DeclaredEntity,
        DeclaredOperations,
        Notifier,
        Page,
        Router,
        StorageProvider,
    )
    from qdash_core.hooks.runners import Runner
    from qdash_core.models.authentication import AuthenticationAttempt
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store
    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.tasks.base import BaseTask
    from qdash_core.validation.verdicts import Validator
    from qdash_core.values.writer import ValueEvent

hookspec = HookspecMarker("qdash")


# ----------------------------------------------------------------------------------------------------------------------
# A command starts
# ----------------------------------------------------------------------------------------------------------------------


@hookspec
def qdash_cli(app: click.Group) -> None:
    """Add commands to the command line.

    Called when `qdash --help`, `qdash plugins list` or a command outside the core is run, and for the list of
    the commands of `qdash store`, so it must be light. It is searched for in the source of the module that
    the entry point names: define it there, or import it there by name. A command with a name that is already in use breaks the contract.

    Parameters
    ----------
    app : click.Group
        The `qdash` command. `app.commands["store"]` is the group `qdash store`, to which commands may be added as well.

    Example
    -------
    ::

        import click
        from qdash_core import hookimpl

        @hookimpl
        def qdash_cli(app):
            @app.command("fridge")
            @click.option("--json", "as_json", is_flag=True)
            def fridge(as_json):
                '''Show the temperature of the mixing chamber.'''
                from my_laboratory import mixing_chamber_mk

                click.echo(mixing_chamber_mk())
    """


@hookspec
def qdash_features() -> list[Feature]:
    """Provide features: each names its operations, commands, pages and sections, whose modules are imported when they are used.

    Called when the host is built, the dashboard starts, or a command outside the core is run. QDash's own features enter by this hook, each from a plugin
    of its own, so that `QDASH_BLOCK_PLUGINS` leaves it out: its commands, routes, pages and sections are gone, its records stay. Operations of a
    plugin's feature are `PluginOperations`, as for `qdash_operations`, and its commands are below `qdash NAME`, where NAME is that of the plugin.
    A plugin whose feature requires one that is absent is set aside.

    Returns
    -------
    list of Feature
        Declarations `qdash_core.Feature(NAME, ...)` with texts such as `"my_package.operations:operations"`. An entry point may also
        name a `Feature` itself in place of a module with hooks.

    Example
    -------
    ::

        from qdash_core import Feature, hookimpl

        @hookimpl
        def qdash_features():
            return [Feature("cold-heads", commands={"service": "my_laboratory.commands:service"})]
    """


# ----------------------------------------------------------------------------------------------------------------------
# The home is opened
# ----------------------------------------------------------------------------------------------------------------------


@hookspec
def qdash_repositories() -> list[type[Store]]:
    """Provide stores for chips, executions and results.

    Called when a store URL is opened. The store with the URL's scheme among its `schemes` opens it.

    Returns
    -------
    list of type of Store
        Subclasses of `qdash_core.repositories.store.Store`, each with its `schemes`.

    Example
    -------
    ::

        from qdash_core import Store, hookimpl

        class PostgresStore(Store):
            schemes = ("postgresql",)

            @classmethod
            def open(cls, url):
                return cls()

            def read(self):
                ...

            def transaction(self, *, durable=True):
                ...  # calls `self.pass_on(transaction)` after the commit

            def close(self):
                ...

        @hookimpl
        def qdash_repositories():
            return [PostgresStore]
    """


@hookspec
def qdash_storages() -> list[StorageProvider]:
    """Provide storages for raw data.

    Called when an artifacts URL is opened. The storage with the URL's scheme among its `schemes` opens it. Several threads save
    at the same time, each under its own path.

    Returns
    -------
    list of StorageProvider
        Classes with `schemes` and a class method `open(url)`, which returns a
        `qdash_core.artifacts.storage.CalibDataSaver`. `qdash_testing.StorageContract` tests it.

    Example
    -------
    ::

        from qdash_core import hookimpl

        class Bucket:
            schemes = ("s3",)

            @classmethod
            def open(cls, url):
                return cls()

            def save_raw_data(self, path, raw):
                ...

            def load_raw_data(self, path):
                ...

        @hookimpl
        def qdash_storages():
            return [Bucket]
    """


# ----------------------------------------------------------------------------------------------------------------------
# A run is planned
# ----------------------------------------------------------------------------------------------------------------------


@hookspec
def qdash_flows() -> list[FlowTemplate]:
    """Provide flow templates for `qdash calibrate CHIP --flow NAME`.

    Called when a flow is requested by name, or flows are listed.

    Returns
    -------
    list of FlowTemplate
        Each with `name`, `description` and `steps`.

    Example
    -------
    ::

        from qdash_core import hookimpl

        @hookimpl
        def qdash_flows():
            from qdash_core import CustomOneQubit, FlowTemplate

            steps = [CustomOneQubit(tasks=["CheckT1", "CheckT2Echo"])]
            return [FlowTemplate(name="coherence", description="T1 and T2 of every qubit.", steps=steps)]
    """


@hookspec
def qdash_run_planned(plan: PlannedRun) -> str | None:
    """See the plan of a run before it begins, and refuse the run with a reason.

    Called when a run has been checked, in the process that performs it, before it locks the instrument; also before each further call of
    `CalibService.run` in a script. A session that runs single tasks by `CalibOrchestrator` has no plan. If several plugins refuse, the
    reason of the first is the error of the run. A plugin that fails refuses nothing.

    Parameters
    ----------
    plan : PlannedRun
        `qdash_core.hooks.planned_run.PlannedRun`: `chip_id`, `username`, `name` of the flow, `backend` and others, and the
        `stages`, each with `tasks` and `targets`.

    Returns
    -------
    str or None
        The reason of a refusal, or None.

    Example
    -------
    ::

        from qdash_core import hookimpl

        @hookimpl
        def qdash_run_planned(plan):
            from my_laboratory import mixing_chamber_mk

            if mixing_chamber_mk(plan.chip_id) > 50:
                return f"the cryostat of {plan.chip_id} is warm"
    """


@hookspec
def qdash_backends() -> list[type[BaseBackend]]:
    """Provide backends, the ports to hardware.

    Called when a chip's backend is looked up, or backends are listed. Provide the class, not an instance; the
    engine creates and connects one instance for each run.

    Returns
    -------
    list of type of BaseBackend
        Subclasses of `qdash_core.BaseBackend` without abstract methods, each with a `name`.

    Example
    -------
    ::

        from qdash_core import BaseBackend, hookimpl

        class BenchBackend(BaseBackend):
            name = "bench"

            def connect(self):
                from my_laboratory import Session

                self.session = Session(self.context.chip_id)

            def get_instance(self):
                return self.session

        @hookimpl
        def qdash_backends():
            return [BenchBackend]
    """


@hookspec
def qdash_tasks() -> list[type[BaseTask]]:
    """Provide calibration tasks.

    Called when a task is looked up, or tasks are listed. A task is identified by its backend and name; one
    for the backend in use takes precedence over one for any backend.

    Returns
    -------
    list of type of BaseTask
        Subclasses of `qdash_core.BaseTask`, each with a `name`. Their declarations are validated: an invalid
        one (a default outside its own bounds, an unknown `task_type`) sets the plugin aside.

    Example
    -------
    ::

        from qdash_core import BaseTask, OutputParameter, Parameter, RawData, TaskOutput, hookimpl

        class CheckLevel(BaseTask):
            name = "CheckLevel"
            backend = "bench"
            task_type = "qubit"
            output_parameters = {"level": OutputParameter(unit="a.u.", description="Mean signal level.")}

            def run(self, backend):
                # RawData are kept before the analysis begins, and can be analysed again.
                return RawData(arrays={"signal": (backend.get_instance().measure(self.context.qid), "a.u.")})

            def postprocess(self, backend, result):
                signal = result["signal"]
                error = signal.std(ddof=1) / signal.size**0.5
                return TaskOutput(parameters={"level": Parameter(value=signal.mean(), error=error, unit="a.u.")})

        @hookimpl
        def qdash_tasks():
            return [CheckLevel]
    """


@hookspec
def qdash_requests() -> list[type[Any]]:
    """Provide requests: kinds of measurement for tasks that measure through the laboratory port.

    Called when tasks are looked up for a chip. Every laboratory that plays pulses compiles and plays a request that defines its
    programs, without listing it; so do the twins. A task that declares the request in its `traces` is then offered there. A
    laboratory that plays no pulses supports the request only if it lists it in its `requests`. A name is unique among all requests.

    Returns
    -------
    list of type of Request
        Subclasses of `qdash_tasks.laboratory.request.Request` with `on_grid`, which returns the request with the times that will be
        played, and `compiled`, which returns its programs.

    Example
    -------
    ::

        from qdash_core import hookimpl

        @hookimpl
        def qdash_requests():
            from dataclasses import dataclass

            import numpy as np

            from qdash_tasks.laboratory import Compiled, Request

            @dataclass(frozen=True, eq=False)
            class Rest(Request):
                '''Readout after X180 and a delay.'''

                axis = ("delay", "us")
                swept = "delays_us"
                delays_us: np.ndarray

                def compiled(self, target, at):
                    programs = []
                    for delay_us in self.delays_us:
                        line = at.timeline()
                        line.pulse(target, at.settings[target].x180)
                        line.wait(target, 1e3 * delay_us)
                        programs.append(line.read(target))
                    return Compiled(tuple(programs), (target,))

            return [Rest]
    """


@hookspec
def qdash_schedulers() -> list[Scheduler]:
    """Provide scheduling strategies, which group and order measurements.

    Called when a schedule is computed, and when a run is checked and planned.

    Returns
    -------
    list of Scheduler
        Objects (not classes) with a `name` and a `kind`: `"coupling"` (which couplings run at once) or `"qubit"` (the
        groups of one-qubit measurements), and a method `colour(conflicts, layout=None)`, which returns a
        `qdash_core.scheduling.colouring.Colouring`. `conflicts` has the resources of each target and the
        maximum number of simultaneous targets; `layout` has the chip's `topology` and `wiring`. Runs start a target as soon
        as its resources are free; the colouring's `barriers`, `exclusions` and `ordered` restrict this. A name is unique
        among strategies of its kind, and selects the strategy in runs and schedules.
        `qdash_testing.SchedulerContract` tests a strategy.

    Example
    -------
    ::

        from qdash_core import hookimpl

        class OneByOne:
            name = "one-by-one"
            kind = "coupling"

            def colour(self, conflicts, layout=None):
                from qdash_core import Colouring
                from qdash_scheduling import make_problem, quick_bound

                bound = quick_bound(make_problem(conflicts))
                groups = tuple((target,) for target in conflicts.targets)
                return Colouring(groups, bound.groups, bound.reason, self.name)

        @hookimpl
        def qdash_schedulers():
            return [OneByOne()]
    """


# ----------------------------------------------------------------------------------------------------------------------
# A run runs
# ----------------------------------------------------------------------------------------------------------------------


@hookspec
def qdash_runners() -> list[Runner]:
    """Provide runners, which perform executions in a process of their own or on another machine.

    Called when an execution is performed. `QDASH_RUNNER` selects the runner. On any machine, a process
    `python -m qdash_core.runs.process` on the same store performs the execution;
    `qdash_core.runs.PerformingProcess` starts and watches one.

    Returns
    -------
    list of Runner
        Objects with a `name` and a method `perform`, see `qdash_core.runs.Runner`.

    Example
    -------
    ::

        from qdash_core import hookimpl

        class Nice:
            name = "nice"

            def perform(self, execution, *, settings, progress, stop):
                from qdash_core import RUN_COMMAND, PerformingProcess

                with PerformingProcess(settings, command=["nice", *RUN_COMMAND]) as process:
                    process.perform(execution, progress=progress, stop=stop)

        @hookimpl
        def qdash_runners():
            return [Nice()]
    """


@hookspec
def qdash_before_task(result: TaskResultModel) -> None:
    """Observe a task attempt that is about to run.

    Called when the attempt is recorded as running, before it touches the hardware, which waits for the observers within their time limits.

    Parameters
    ----------
    result : TaskResultModel
        Copy of the record: `name`, `qid`, `input_parameters`, `run_parameters`, `execution_id`, `chip_id`, `attempt`. To change it changes
        nothing.

    Example
    -------
    ::

        import logging
        from qdash_core import hookimpl

        @hookimpl
        def qdash_before_task(result):
            logging.getLogger("bench").info("%s on %s", result.name, result.qid)
    """


@hookspec
def qdash_after_task(result: TaskResultModel) -> None:
    """Observe the outcome of a task as it is recorded.

    Called when the outcome has been committed, in the background: completed, failed, skipped or cancelled, each attempt once. The run waits
    for its observers at its end, 5 s at most.

    Parameters
    ----------
    result : TaskResultModel
        Copy of the record: `name`, `qid`, `status`, `verdict`, `reasons`, `output_parameters`, `message` and others.

    Example
    -------
    ::

        from qdash_core import hookimpl

        @hookimpl
        def qdash_after_task(result):
            from my_laboratory import post

            if result.name == "CheckT1" and "t1" in result.output_parameters:
                post(f"{result.chip_id} {result.qid}: T1 {result.output_parameters['t1'].value:.1f} us, {result.verdict}")
    """


@hookspec
def qdash_value_changed(event: ValueEvent) -> None:
    """Observe a change of values of a chip as it is recorded: by a run, by hand, by an import, by an undo.

    Called when the change has been committed, in the background, in the process that made it. The process waits for the
    observers at its end, 5 s at most.

    Parameters
    ----------
    event : ValueEvent
        Copy of the event: `head` has `chip_id`, `kind` (`calibrated`, `set`, `undone`, ...), `username`, `reason`, `number`; each of the `parts`,
        a `qdash_core.models.value_change.ValueChangeModel`, has a `qid` and its `values` before and after by parameter.

    Example
    -------
    ::

        from qdash_core import hookimpl

        @hookimpl
        def qdash_value_changed(event):
            from my_laboratory import post

            for part in event.parts:
                post(f"{event.head.kind} by {event.head.username}: {part.qid} {', '.join(part.parameters)}")
    """


@hookspec
def qdash_validators() -> list[Validator]:
    """Provide validators of task results.

    Called when a run starts; each validator then judges the result of every task. A validator with the name `jump`
    replaces the standard one, which compares a result with the last accepted value, and accepts a change that is
    confirmed.

    Returns
    -------
    list of Validator
        Objects with a `name` and a method `validate(candidate)`, pure, that returns a sequence of
        `qdash_core.validation.verdicts.Finding`. `candidate` is a `qdash_core.validation.verdicts.Candidate`: it has the
        `task`, the `qid`, the `output`, the `previous` values of the target and the `history` of earlier results. An
        optional attribute `raw_data`, a set of names of arrays, requests these arrays as `candidate.raw_data`. With
        the optional attribute `replaceable = True`, another plugin can replace the validator by one of the same name.

    Example
    -------
    ::

        from qdash_core import hookimpl

        class NoLongLives:
            name = "no-long-lives"

            def validate(self, candidate):
                from qdash_core import Finding, Verdict

                t1 = candidate.output.parameters.get("t1")
                return [Finding(Verdict.FLAGGED, "T1 above 1 ms")] if t1 and t1.value > 1000 else []

        @hookimpl
        def qdash_validators():
            return [NoLongLives()]
    """


@hookspec
def qdash_notifiers() -> list[Notifier]:
    """Provide notifiers for events of executions and tasks, and for digests.

    Called when a run starts or a digest is sent. Each notifier then receives, in a thread of its own, the events in
    `QDASH_NOTIFY_ON`, or the digest. A slow or failing notifier does not affect the run; notices that are
    undelivered a few seconds after the end of the run are dropped. `qdash doctor` shows the notifiers in use.

    Returns
    -------
    list of Notifier
        Objects with a `name` and a method `notify(event)`. `event` is a `qdash_core.hooks.notice.Notice`: it has
        `kind` (`"execution.failed"`, ...), `project_id`, `chip_id`, `execution_id`, `task_id`, `at`, `data`, `title`
        (one line) and `fields`, for a digest (`"digest.sent"`) also `text` and `html`; `str(event)` is a message for people. Optional are a method `configured(settings)`,
        which returns the notifier to use or None for none, `transient_errors`, a tuple of exceptions after which delivery is tried twice more, and `place`, a text for people with the destination of the notices.

    Example
    -------
    ::

        import os
        from qdash_core import hookimpl

        class Chat:
            name = "chat"
            transient_errors = (ConnectionError,)

            def configured(self, settings):
                return self if "MY_CHAT_ROOM" in os.environ else None

            def notify(self, event):
                from my_laboratory import post

                post(os.environ["MY_CHAT_ROOM"], str(event))

        @hookimpl
        def qdash_notifiers():
            return [Chat()]
    """


# ----------------------------------------------------------------------------------------------------------------------
# Someone looks
# ----------------------------------------------------------------------------------------------------------------------


@hookspec
def qdash_pictures() -> list[Pictures]:
    """Provide figures of chips, schedules and raw data, drawings and thumbnails.

    Called when a figure that no task draws is needed: `qdash chip picture`, `qdash schedule --picture`,
    `qdash executions timeline --picture`, `qdash values history --picture`,
    `qdash provenance --picture`, `qdash report`, the figure of a result whose task has none, and thumbnails. The
    first of several plugins draws, in the order of `qdash plugins list`; `QDASH_BLOCK_PLUGINS=pictures`
    leaves QDash's own out.

    Returns
    -------
    list of Pictures
        Objects (not classes) with a `name` and the methods of `qdash_core.hooks.pictures.Pictures`: `chip_map`,
        `schedule_timeline`, `run_timeline`, `points`, `metric_history` and `provenance` return Plotly JSON, a mapping with `data` and `layout`;
        `drawing` takes one and returns an SVG with axes and text, `thumbnail` one without them; both return None if nothing can be drawn.

    Example
    -------
    ::

        from qdash_core import hookimpl

        def bars(title, texts, lengths):
            return {"data": [{"type": "bar", "x": list(texts), "y": list(lengths)}], "layout": {"title": title}}

        class Bars:
            name = "bars"

            def chip_map(self, chip, values, metric, *, all_labels=False):
                known = {**values.qubits, **values.couplings}
                found = {target: had[metric].parameter.value for target, had in known.items() if metric in had}
                return bars(f"{metric} of {chip.header.chip_id}", found, found.values())

            def schedule_timeline(self, schedule, *, title):
                return bars(title, schedule.timeline.end_s, schedule.timeline.end_s.values())

            def run_timeline(self, execution, measurements, *, bound_s=None):
                took_s = {one.target: one.lab_end_s - one.lab_start_s for one in measurements}
                return bars(execution.name, took_s, took_s.values())

            def points(self, raw, output, *, title, declared=()):
                shown = [raw[name].tolist() for name in raw.arrays if raw[name].ndim == 1]
                return bars(title, range(len(shown[0])), shown[0]) if shown else None

            def metric_history(self, history, *, zone):
                values = [point.parameter["value"] for point in history.points]
                return bars(f"{history.metric} of {history.target}", range(len(values)), values)

            def provenance(self, graph, *, now, zone):
                depths = [node.depth for node in graph.nodes.values()]
                return bars(graph.root, range(len(depths)), depths)

            def thumbnail(self, figure):
                heights = [10 * number for number, _ in enumerate(figure["data"][0]["y"])]
                path = "".join(f"M{x} 80V{80 - x}" for x in heights)
                return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 80"><path class="b" d="{path}"/></svg>'

            def drawing(self, figure):
                return self.thumbnail(figure)

        @hookimpl
        def qdash_pictures():
            return [Bars()]
    """


@hookspec
def qdash_assistants() -> list[Assistant]:
    """Provide assistants, which answer questions about chips for `qdash ask`.

    Called when a question is asked, or the state of the assistant is shown. `QDASH_ASSISTANT` selects the assistant by name;
    the default is the first that is ready, in the order of `qdash plugins list`. An assistant gets a closed list of tools that read
    with the rights of the user who asks; it has no other access to the store.

    Returns
    -------
    list of Assistant
        Objects (not classes) with a `name`, a method `get_state()`, which returns a `qdash_core.hooks.assistants.AssistantState`, and
        a method `answer(question, *, history, context, tools, limits, cancelled)`, which yields the parts of the answer.
        `qdash_testing.AssistantContract` tests it.

    Example
    -------
    ::

        from qdash_core import AssistantState, TextPart, hookimpl

        class Reader:
            name = "reader"

            def get_state(self):
                return AssistantState(name=self.name, ready=True, model=None, reason="")

            def answer(self, question, *, history, context, tools, limits, cancelled):
                read = {tool.name: tool for tool in tools}
                if "chip_values" in read and context["chip_id"] is not None:
                    known = read["chip_values"].call({"chip_id": context["chip_id"]}).document
                    yield TextPart(f"The record of {context['chip_id']} has {', '.join(known)}.")
                else:
                    yield TextPart("Ask about a chip.")

        @hookimpl
        def qdash_assistants():
            return [Reader()]
    """


@hookspec
def qdash_operations() -> list[DeclaredOperations]:
    """Provide operations: each is declared once, and gives a route of the host, a command, a call from Python and its documentation.

    Called when the host is built, and when a command below the plugin's own group is run. An operation has what those of QDash have: the
    required role is checked before the body is read; ETags, `If-Match` and idempotency keys are honoured as declared; changes are in the audit log.
    The route is below `/plugins/NAME` and the command below `qdash NAME`, where NAME is that of the plugin. The command, `transport.ask(operation, ...)`
    and `connection.ask(operation, ...)` return the same answer on the home of this machine and from a host. `call.qdash` has every
    service, and `call.access`, the first argument of each service method, the caller's permissions.

    Returns
    -------
    list of DeclaredOperations
        Objects made by `qdash_core.PluginOperations(NAME)`, with a function for each operation. `needs` is a `qdash_core.RequiredRole`, other
        than `OPEN`; the annotated answer is a subclass of `qdash_core.Document`, a page of one, or None; `command` is optional.

    Example
    -------
    ::

        from qdash_core import Call, Command, Document, PluginOperations, RequiredRole, hookimpl

        operations = PluginOperations("example")

        class Fridge(Document):
            mixing_chamber_mk: float

        @operations.get("/fridge", needs=RequiredRole.VIEWER, command=Command("fridge"))
        def show_fridge(call: Call) -> Fridge:
            '''Show the temperature of the mixing chamber.'''
            return Fridge(mixing_chamber_mk=9.8)

        @hookimpl
        def qdash_operations():
            return [operations]
    """


@hookspec
def qdash_authentication(attempt: AuthenticationAttempt) -> str | None:
    """Authenticate a caller of the HTTP host by other means than a token or password of QDash.

    Called when a request has no valid token, and when a login has a password that is not the user's in QDash. The first plugin that names
    a user decides; the user must exist in the store and not be disabled, and has the role that the store says, never more. A plugin that
    fails or takes too long authenticates nobody. A header of a proxy proves something only if the proxy removes it from what clients
    send, and the host is reachable through the proxy alone.

    Parameters
    ----------
    attempt : AuthenticationAttempt
        `qdash_core.models.authentication.AuthenticationAttempt`: of a request `headers` (names in lower case), `address`, `method` and `path`; of
        a login `username`, `password` and `address`.

    Returns
    -------
    str or None
        Name of a user of the store, or None if the caller is unknown.

    Example
    -------
    ::

        from qdash_core import hookimpl

        @hookimpl
        def qdash_authentication(attempt):
            if attempt.address == "10.0.0.1":  # the proxy of the laboratory
                return attempt.headers.get("x-remote-user")
    """


@hookspec
def qdash_api_routers() -> list[Router]:
    """Provide routes of the HTTP host that are no operations, such as pages and streams; see `qdash_operations` for others.

    Called when the host is built. A router is mounted under `/plugins/<plugin name>` and authorised like every other
    route, regardless of its declaration: `GET` and `HEAD` need a viewer of the project, everything else an editor. A route finds
    every service in `request.state.qdash` (a `qdash_core.runtime.application.QDash`, whose properties they are), and the caller's permissions in `request.state.access`, the first argument of each service method; errors of `qdash_core.errors` that it raises become
    problems. Its paths begin with `/`, and the name of its plugin has letters, digits, `-`, `_` and `.` only. A router that cannot be mounted, or a lifespan that fails, sets the plugin aside; `qdash plugins list` and `GET /plugins` show the reason.

    Returns
    -------
    list of fastapi.APIRouter
        The routers.

    Example
    -------
    ::

        from qdash_core import hookimpl
        from qdash_builtin.chips import CHIPS

        @hookimpl
        def qdash_api_routers():
            from fastapi import APIRouter, Request

            router = APIRouter()

            @router.get("/temperature")
            def temperature(request: Request) -> dict[str, float]:
                from my_laboratory import mixing_chamber_mk

                qdash, access = request.state.qdash, request.state.access
                return {chip.chip_id: mixing_chamber_mk(chip.chip_id) for chip in qdash.get(CHIPS).list_by_project(access)}

            @router.put("/chips/{chip_id}/heater")
            def heat(request: Request, chip_id: str, heater_mw: float) -> None:
                from my_laboratory import set_heater

                request.state.qdash.get(CHIPS).show(request.state.access, chip_id)  # 404 where there is none in the project
                set_heater(chip_id, heater_mw)

            return [router]
    """


@hookspec
def qdash_dashboard_pages() -> list[Page]:
    """Provide pages of the dashboard.

    Called when the first page of the dashboard is requested, once in its process. The page "Plugins and
    health" shows problems of a page; an error from `render` is shown in place of the page.

    Returns
    -------
    list of Page
        Objects with `title` (unique), `icon` (an emoji or `:material/NAME:`, may be empty), `group` (a
        place in the side bar, such as Metrics; others are below Plugins) and a function `render(view)`, which draws the page with Streamlit
        at every visit and interaction. An optional `path` is the last part of its address; the default is made from the title.

    Example
    -------
    ::

        from types import SimpleNamespace
        from qdash_core import hookimpl

        def render(view):
            import streamlit as st

            st.title("Fridge")
            st.write(f"All is cold in project {view.project_id}.")

        @hookimpl
        def qdash_dashboard_pages():
            return [SimpleNamespace(title="Fridge", icon="❄️", group="Cryostats", render=render)]
    """


@hookspec
def qdash_dashboard_sections() -> list[Section]:
    """Provide sections on pages of the dashboard: the overview, the panel of a chip, a qubit, a coupling, a result, an execution, the side bar.

    Called when the first page of the dashboard is requested, once in its process. Each section is drawn whenever its page is. An error
    of a section is one line in its place, with the plugin; the page and the other sections are not affected. A section that takes
    longer than 1 s is a warning in the log.

    Returns
    -------
    list of Section
        `qdash_core.Section(slot, title, draw, order)`. The function `draw(view, subject)`, or its place `"module:function"`, draws the section,
        with its heading, by Streamlit. `subject` has `chip_id`, `target`, `task_id` and `execution_id`, None where the page is not about one,
        and `document`, the view model that the page shows. A negative `order` is for a place below the head of the page.

    Example
    -------
    ::

        from qdash_core import Section, hookimpl

        def draw_samples(view, subject):
            import streamlit as st

            st.header("Samples")
            st.write(f"Chip {subject.chip_id}, qubit {subject.target}, was cut from wafer 7.")

        @hookimpl
        def qdash_dashboard_sections():
            return [Section("qubit", "Samples", draw_samples, order=10)]
    """


# ----------------------------------------------------------------------------------------------------------------------
# Files come in and go out
# ----------------------------------------------------------------------------------------------------------------------


@hookspec
def qdash_entities() -> list[DeclaredEntity]:
    """Provide entities: records of a project with fields that the plugin declares.

    Called when the host or the dashboard starts, and when commands are loaded. Each entity gets commands
    (create, list, show, edit and delete of `qdash COMMAND`), routes of the host (`/entities/PLURAL`) and a page of the dashboard. Its
    records are in the store, with backups and migrations; they remain if the plugin is uninstalled.

    Returns
    -------
    list of DeclaredEntity
        Made by `qdash_builtin.entities.declare_plugin_entity(name, plural, model, example=..., columns=...)`. The `model` is a subclass of
        `PluginRecord` there; the fields that users edit are marked by `Editable`. The parameter `rules` takes an object of a subclass of
        `EntityRules`.

    Example
    -------
    ::

        from typing import Annotated

        from qdash_builtin.entities import Editable, PluginRecord, declare_plugin_entity
        from qdash_core import hookimpl

        class HeliumDelivery(PluginRecord):
            litres: Annotated[float, Editable("Volume, in l.")]
            supplier: Annotated[str, Editable("Supplier.")] = ""

        @hookimpl
        def qdash_entities():
            return [
                declare_plugin_entity(
                    "helium-delivery",
                    "helium-deliveries",
                    HeliumDelivery,
                    columns=("created_at", "litres", "supplier"),
                    example={"litres": 100, "supplier": "Cold Gases"},
                )
            ]
    """


@hookspec
def qdash_formats() -> list[Format]:
    """Provide formats that read and write a laboratory's own files, for `qdash import` and `qdash export`.

    Called when a file is imported, a chip is exported, or a user edits a file below a root of `qdash file`. A reader returns the values of a file in the units
    of QDash, and the place of each in the file. It does not decide on their use: they are compared with those
    of the chip, shown, and recorded as the decision of the importing user. A writer writes into an empty
    folder; the exporter moves the files to their destinations. A writer with `write_device` instead of `write`
    gets the usable part of the chip, a `qdash_core.hooks.usable_device.UsableDevice`, which the user's limits
    for fidelities, ages and marks select. `check_file` refuses an invalid edit of a file of the format, with the place of
    the problem; a check that fails otherwise is logged and refuses nothing.

    Returns
    -------
    list of Format
        Objects (not classes) of subclasses of `qdash_core.hooks.formats.Format`, each with a `name` and a `title`, and with
        `reads` and `read`, or `write` or `write_device`, or all three, and optionally `check_file`. `qdash_testing.FormatContract` tests it.

    Example
    -------
    ::

        import json
        from qdash_core import Format, ImportedData, InitialValue, hookimpl

        class T1Table(Format):
            name = "t1-table"
            title = "the T1 times of our old scripts, in ns"

            def reads(self, path):
                return path.name.endswith(".t1.json")

            def read(self, path, chip):
                from qdash_core import Parameter

                times = json.loads(path.read_text())
                return ImportedData(
                    seeds={
                        qid: {"t1": InitialValue(Parameter(time_ns / 1000, unit="us"), path.name, qid)}
                        for qid, time_ns in times.items()
                    }
                )

            def write(self, chip, folder):
                known = {qid: one.data["t1"] for qid, one in chip.qubits.items() if "t1" in one.data}
                file = folder / f"{chip.header.chip_id}.t1.json"
                file.write_text(json.dumps({qid: t1.value * 1000 for qid, t1 in known.items()}))
                return [file]

            def check_file(self, path, text):
                from qdash_core import InvalidInputError

                if not path.name.endswith(".t1.json"):
                    return False
                times = json.loads(text)
                if not isinstance(times, dict) or any(isinstance(one, str) for one in times.values()):
                    raise InvalidInputError("no mapping of qubits to times in ns")
                return True

        @hookimpl
        def qdash_formats():
            return [T1Table()]
    """
