"""The library qubex with a simulated chip behind its controller: everything above the instruments is as in a laboratory."""
