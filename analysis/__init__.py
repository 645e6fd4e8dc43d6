"""Analysis of consultation responses: weighting, tables, themes, disclosure control, report.

Works on files alone (`python -m analysis --help`), in a notebook, or from another program. The
stages, each with the one type it makes:

`dataset.read` → `Dataset` → `weighting.weight` → `WeightedDataset` → `themes.theme` →
`ThemedDataset` → `disclosure.protect` → `Publishable` → `report.Report`.
"""
