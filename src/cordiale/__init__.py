"""Cordiale carries out agreements on the security of information between governments."""

__version__ = "0.1.0"
