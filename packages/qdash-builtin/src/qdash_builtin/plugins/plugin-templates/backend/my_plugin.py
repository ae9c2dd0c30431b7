"""Backend: the port to the instruments of a laboratory, and a task that measures with them."""

from qdash_core import BaseBackend, BaseTask, OutputParameter, Parameter, RawData, TaskOutput, hookimpl


class MyPluginBackend(BaseBackend):
    """Connection to the instruments of a chip."""

    name = "my-plugin"

    def connect(self):
        """Connect. Import the library of the instruments here."""
        self.levels = {}

    def get_instance(self):
        """Return the session of the library, which tasks use unchanged."""
        return self.levels


class MyPluginTask(BaseTask):
    """Level of the noise with nothing connected."""

    name = "CheckMyPluginNoise"
    backend = "my-plugin"
    description = "Level of the noise."
    output_parameters = {"my_plugin_noise": OutputParameter(unit="mV", minimum=0.0)}

    def run(self, backend):
        """Measure. Touches hardware."""
        level = backend.get_instance().get(self.context.qid, 0.2)
        return RawData({"noise": ([level, level], "mV")})

    def postprocess(self, backend, result):
        """Analyse. Sees no hardware."""
        return TaskOutput({"my_plugin_noise": Parameter(float(result["noise"].mean()), None, "mV")})


@hookimpl
def qdash_backends():
    return [MyPluginBackend]


@hookimpl
def qdash_tasks():
    return [MyPluginTask]
