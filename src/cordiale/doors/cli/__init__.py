"""The command line, a client of the serving node."""
