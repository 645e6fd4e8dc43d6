"""What every page shares: templates, forms, security, error pages."""
