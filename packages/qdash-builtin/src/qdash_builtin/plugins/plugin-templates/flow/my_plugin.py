"""Flow: a named sequence of steps, run by `qdash calibrate CHIP --flow my-plugin`."""

from qdash_core import FlowTemplate, hookimpl


@hookimpl
def qdash_flows():
    from qdash_core import CustomOneQubit

    steps = [CustomOneQubit(["CheckResonatorSpectroscopy"])]
    return [FlowTemplate("my-plugin", "Resonator frequency of every qubit.", steps)]
