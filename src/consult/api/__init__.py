"""The interface for partners' apps."""
