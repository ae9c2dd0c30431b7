"""Display of quantities, states, times, empty lists and errors."""
