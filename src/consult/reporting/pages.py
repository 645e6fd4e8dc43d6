"""Staff pages."""

HANDLERS: list = []
