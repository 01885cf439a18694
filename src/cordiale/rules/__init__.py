"""Pure decisions, each returned as a Decision with all its reasons."""
