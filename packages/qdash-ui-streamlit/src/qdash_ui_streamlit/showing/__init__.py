"""How things look: quantities, states, times, what is empty and what went wrong."""
