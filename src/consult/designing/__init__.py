"""Designing questionnaires: drafts, their revisions, and the staff pages that edit them."""
