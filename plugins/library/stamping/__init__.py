"""The stamp on PDFs: whose copy it is."""
