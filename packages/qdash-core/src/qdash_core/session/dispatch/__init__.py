"""What of a plan begins when: as soon as what it needs is free."""
