"""The desk: the registry's work in a browser. Pages ask views and do acts; nothing is decided here."""
