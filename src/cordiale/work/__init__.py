"""What runs by itself: outbox, chaser, duties due."""
