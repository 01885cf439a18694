"""The life of one agreement, a module a verb."""
