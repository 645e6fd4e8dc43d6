"""Invitations: codes that each work once, sent or printed, and never joined to an answer."""
