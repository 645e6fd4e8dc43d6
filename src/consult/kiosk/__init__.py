"""Tablets at events: answered without a connection, sealed at once, sent later."""
