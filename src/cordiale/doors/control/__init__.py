"""The private socket of the serving node: the door for the command line of the same machine."""
