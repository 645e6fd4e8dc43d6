"""Consultation and engagement surveys for public bodies."""

__version__ = "0.1.0"
