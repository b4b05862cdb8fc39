"""SQL that migrations install, per engine. A released file is never edited; a change is a new file."""
