"""Analysis output as pages, reports and exports for staff."""
