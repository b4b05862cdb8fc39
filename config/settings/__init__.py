"""Settings: `dev` (the default, also the demo), `test`, and `production`, which is strict."""
