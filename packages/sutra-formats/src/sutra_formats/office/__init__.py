"""Documents of office programs: DOCX, ODT and PPTX. Nothing in one is run, and nothing outside it fetched."""
