"""Small tools that keep the project's own pages true to its source."""
