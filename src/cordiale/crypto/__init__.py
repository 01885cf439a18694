"""The only importer of third-party cryptography: bytes in, bytes out."""
