"""The fault suite of the ledger: `make test-long`."""
