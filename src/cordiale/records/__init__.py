"""The books, and the one way to write them."""
