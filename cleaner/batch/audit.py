"""The audit: what was found and cut in a batch run, one JSON record per document that is not simply clean.

``cleaner clean IN -o OUT`` keeps its side data in ``OUT/.cleaner``; the dot keeps it out of globs and of readers
that walk ``OUT`` as a corpus. The audit of the output ``OUT/a/b.jsonl.gz`` is the file
``OUT/.cleaner/audit/a/b.jsonl.gz.jsonl``; an output without findings has none. :func:`read` yields all records of
``OUT`` in the order of the outputs' names, :func:`totals` gives the counts of all documents, the clean ones too.

A record has these fields, in this order:

=========  =====================================================================================================
file       output file below ``OUT``, ``"a/b.jsonl.gz"``, always with ``/``
input      the input's name as it was given on the command line
record     number of the record in the input (1, 2, ...; the line of JSON lines, 0: the file is one document)
id         the document's id: a string or a whole number
url        the record's field ``url``, or ``""``
source     the record's field ``source``, or ``""``
status     ``changed``, ``review``, ``spam_page``, ``skipped``, ``failed`` (as in :class:`cleaner.Cleaning`), or
           ``bad``: a record that could not be used (``id`` is then ``""``, ``hash`` ``""``, there are no spans)
reason     the same in words
language   host language, ``"und"`` when unknown
spans      list of ``{"start", "end", "label", "score", "action", "evidence": [{"name", "weight", "detail"}],
           "text", "before", "after"}``: half-open code points of the source text, the flagged text, and up to 60
           code points on each side
edits      list of ``{"start", "removed", "inserted"}``: what was cut, replayable and reversible
hash       BLAKE2b-128 (hex) of the source text in UTF-8 (``surrogatepass``)
model      name and digest of the model
config     digest of the settings of the engine
aside      only with ``--bad skip`` and status ``bad``: bytes of the record in ``OUT/.cleaner/aside/<file>``
raw        only if the edits do not give the record back byte for byte: its source bytes, in UTF-8 with
           surrogate escapes
=========  =====================================================================================================
"""
