"""The parts of a scheme: small frozen values, each with one meaning, that a town combines."""
