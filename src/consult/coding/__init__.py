"""From comments to codes: reading, candidates, a frame that people sign, assignments."""
