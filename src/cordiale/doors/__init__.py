"""One door per audience; no decisions here."""
