"""The life of one item, a module a verb."""
