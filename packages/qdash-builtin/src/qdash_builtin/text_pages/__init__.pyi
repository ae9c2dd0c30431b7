from qdash_builtin.text_pages.sections import Line as Line
from qdash_builtin.text_pages.sections import Section as TextSection
