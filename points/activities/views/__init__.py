"""Pages of the activities room: `site` for everybody, `check` for volunteers, `organise` and `roster` for
organisers."""
