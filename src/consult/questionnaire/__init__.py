"""Questionnaires: pure rules, with no HTTP, SQL or async."""
