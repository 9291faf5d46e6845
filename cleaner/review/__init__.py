"""Reviewing flagged spans: the store of decisions, the queue of groups, the screen, exchange with other tools."""
