"""Texts and tables shipped with the product: read as package resources, never imported from."""
