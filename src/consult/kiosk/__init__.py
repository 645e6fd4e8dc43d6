"""Tablets at events: answered without a line, sealed at once, sent later."""
