"""Responses that come whole: from partners' apps, kiosks, polls and telephone interviews."""
