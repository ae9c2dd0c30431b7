"""What people see: tables, quantities, times, messages and progress."""
