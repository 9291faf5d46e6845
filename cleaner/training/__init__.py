"""Training: from phrases and clean text to a model. Needs the extra ``cleaner[train]``."""
