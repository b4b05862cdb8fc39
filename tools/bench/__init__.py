"""`make bench`: the ledger measured beside the raw floor, django-hordak and a plain ORM ledger."""
