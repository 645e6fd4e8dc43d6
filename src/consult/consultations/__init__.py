"""Consultations: published versions, lifecycle."""
