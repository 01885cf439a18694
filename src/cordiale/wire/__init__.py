"""Model to exact bytes and back: strict, versioned, one form only."""
