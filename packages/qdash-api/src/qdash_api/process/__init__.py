"""What a process of the host knows of itself: what it has answered, whether it can serve, and when it ends."""
