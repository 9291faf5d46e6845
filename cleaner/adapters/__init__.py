"""Doors into other people's frameworks: each takes texts out, hands them to the cleaner and puts them back.

Nothing here finds or decides. Import the module of your framework, ``cleaner.adapters.scrapy`` for
example; what it needs is an extra of the same name: ``pip install 'cleaner[scrapy]'``.
"""
