"""The points side of Jindou: people, the ledger, grids, schemes, records and activities."""
