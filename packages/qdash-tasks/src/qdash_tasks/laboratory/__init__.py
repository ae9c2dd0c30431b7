"""Laboratory port: settings, pulses, shots, traces and random sequences."""
