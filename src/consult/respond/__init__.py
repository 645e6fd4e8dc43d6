"""A resident's journey through a survey."""
