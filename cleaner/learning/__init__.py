"""Learning from decisions: a candidate model from the model in use, the corpus and what reviewers decided."""
