import numpy as np
from qdash_analysis import Estimate, coherence_limit

t1, t2 = Estimate(80.0, 4.0, "us"), Estimate(95.0, 6.0, "us")
print("a pulse of 32 ns:", coherence_limit([t1], [t2], length_ns=32))
print("a gate of 300 ns:", coherence_limit([t1, t1], [t2, t2], length_ns=300))

# --- picture
from docs.svg_figures import figure, line

lengths = np.linspace(20, 400, 50)
drawn = figure(
    "what relaxation and dephasing leave: one qubit, and two",
    "length of the gate (ns)",
    "average gate fidelity",
    *(
        line(lengths, [coherence_limit([t1] * n, [t2] * n, length_ns=length).value for length in lengths])
        for n in (1, 2)
    ),
)
