"""The phone pages of this room: for everybody, for leaders, and for the office."""
