"""The sealed container (TDF) and its consignment record."""
