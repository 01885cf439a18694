"""What an operator of a node does beside the acts of people: key files, statements, contact, backup, doctor.

Floor 6, like `cordiale.node`: it may reach adapters and keys, so that the doors need not.
"""
