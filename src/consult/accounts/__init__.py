"""Staff: who may do what, and signing in."""
