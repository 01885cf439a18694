"""Visits: asked for from authority to authority, decided by the host alone, and what the visitors learn."""
