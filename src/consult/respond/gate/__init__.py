"""Who may answer, once, and what a response made by a machine gives away."""
