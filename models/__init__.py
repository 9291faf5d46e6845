"""The shipped model, in a folder of its own with its card."""
