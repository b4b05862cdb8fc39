"""Pages of the record room for everybody and for volunteers."""
