"""The door for the partner: messages between nodes."""
