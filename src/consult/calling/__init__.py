"""The same questions asked by telephone: cases, calls and what came of them."""
