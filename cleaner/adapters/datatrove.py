"""datatrove: a pipeline step for its local, Slurm and Ray executors.

>>> steps = [JsonlReader("in"), CleanText(JsonlWriter("removed")), JsonlWriter("out")]  # doctest: +SKIP
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner import Cleaning
from cleaner.adapters._values import make_cleaner, outcomes, record
from cleaner.errors import MissingExtra

try:
    from datatrove.data import Document, DocumentsPipeline
    from datatrove.pipeline.base import PipelineStep
    from datatrove.utils.batching import batched
except ImportError as error:
    raise MissingExtra(f"cleaner.adapters.datatrove: {error}: pip install 'cleaner[datatrove]'") from None

if TYPE_CHECKING:
    from datatrove.pipeline.writers.disk_base import DiskWriter


class CleanText(PipelineStep):
    """Cuts injected spans out of the documents' text; ids, media and other metadata stay.

    ``exclusion_writer`` gets one document for each cut: ``text`` is what was taken out, ``metadata`` says
    of which document (``of``), where (``start``, in the source text), and what the spans in it are. With
    ``drop_spam_pages`` documents that are spam from end to end go there whole instead of going on.
    ``metadata_key`` names a place in the metadata for the whole record (spans, edits, status, reasons).
    ``batch_size`` is in documents. The others are those of :class:`cleaner.Config`.
    """

    name = "cleaner"
    type = "FORMAT"

    def __init__(
        self,
        exclusion_writer: DiskWriter | None = None,
        drop_spam_pages: bool = False,
        metadata_key: str | None = None,
        batch_size: int = 256,
        threshold: float | None = None,
        review: float | None = None,
        model: str | Path | None = None,
    ) -> None:
        super().__init__()
        self.exclusion_writer = exclusion_writer
        self.drop_spam_pages = drop_spam_pages
        self.metadata_key = metadata_key
        self.batch_size = batch_size
        self.cleaner = make_cleaner(threshold, review, model)  # travels as its settings, opened in the worker

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """Yield the documents, cleaned, in order."""
        with self.exclusion_writer or contextlib.nullcontext() as writer:
            for batch in batched(data, self.batch_size):
                with self.track_time("batch"):
                    found = outcomes(self.cleaner, [document.text for document in batch])
                for document, cleaning in zip(batch, found, strict=True):
                    self._count(document, cleaning)
                    dropped = cleaning is not None and self.drop_spam_pages and cleaning.status == "spam_page"
                    if writer and cleaning is not None:
                        for part in [_whole(document, cleaning)] if dropped else _taken(document, cleaning):
                            writer.write(part, rank)
                    if not dropped:
                        yield self._cleaned(document, cleaning)

    def _cleaned(self, document: Document, cleaning: Cleaning | None) -> Document:
        if cleaning is not None:
            document.text = cleaning.text
            if self.metadata_key is not None:
                document.metadata[self.metadata_key] = record(cleaning)
        return document

    def _count(self, document: Document, cleaning: Cleaning | None) -> None:
        self.stat_update("total")
        if cleaning is None:
            self.stat_update("not_text")
            return
        self.stat_update(cleaning.status)
        if cleaning.changed:
            self.stat_update("spans_removed", value=sum(span.action == "remove" for span in cleaning.spans))
            self.stat_update("characters_removed", value=sum(len(edit.removed) for edit in cleaning.edits))
        self.update_doc_stats(document)


def _taken(document: Document, cleaning: Cleaning) -> Iterator[Document]:
    for number, edit in enumerate(cleaning.edits):
        spans = [span for span in cleaning.spans if edit.start <= span.start < edit.end and span.action == "remove"]
        inside = [{"start": s.start, "end": s.end, "label": s.label, "score": s.score} for s in spans]
        metadata = {"of": document.id, "start": edit.start, "spans": inside, "model": cleaning.model}
        yield Document(text=edit.removed, id=f"{document.id}/{number}", metadata=metadata)


def _whole(document: Document, cleaning: Cleaning) -> Document:
    metadata = {**document.metadata, "filter_reason": cleaning.reason, "model": cleaning.model}
    return Document(text=document.text, id=document.id, media=document.media, metadata=metadata)


__all__ = ["CleanText"]
