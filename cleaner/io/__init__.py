"""The door to files: reading documents out of them and committing outputs. No detection happens here."""
