"""What tasks and laboratories say to each other: settings, pulses, shots, traces, random sequences."""
