"""Messages in, translations out: one language's run over the whole book.

For each message, in this order: what a person wrote stands; what an engine gave before stands; else its sentences are
looked up in the memory, only the missing ones are sent, and the message is put together again.
"""

from sphinx_amts.translate.book import Book, Summary
from sphinx_amts.translate.run import LanguageRun

__all__ = ["Book", "LanguageRun", "Summary"]
