"""What the shipped model is trained from; ``README.md`` beside this file says how each file is made."""
