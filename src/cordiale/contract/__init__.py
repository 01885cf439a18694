"""Classified contracts: assurances about firms, lists of classified parts, and the end of it all."""
