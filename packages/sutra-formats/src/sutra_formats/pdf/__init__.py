"""PDF: lines of pages made into paragraphs and headings. Pictures are not read, and nothing is run."""
