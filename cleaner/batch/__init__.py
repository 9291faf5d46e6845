"""The batch run: many files cleaned by several processes, resumed after any crash, restored from the audit.

``audit`` says what is on record, ``job`` what a run does, ``plan`` cuts the inputs into parts, ``work`` cleans
one part, ``workers`` are the processes, ``ledger`` knows what is done, ``run`` joins them; ``restore`` goes back.
"""
