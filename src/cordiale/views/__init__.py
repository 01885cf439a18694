"""What a person may see: authorised queries."""
