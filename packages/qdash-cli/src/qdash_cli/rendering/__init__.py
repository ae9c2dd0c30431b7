"""Terminal output: tables, quantities, times, messages and progress."""
