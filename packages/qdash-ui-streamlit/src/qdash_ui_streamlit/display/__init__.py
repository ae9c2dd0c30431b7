"""Display of quantities, statuses, times, empty lists and errors."""
