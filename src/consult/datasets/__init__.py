"""Stored responses to analysis datasets, and back: the only crossing."""
