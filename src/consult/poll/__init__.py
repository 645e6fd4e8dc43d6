"""A survey of one page inside another site's page."""
