"""One file over all forms: its columns, its rows, CSV and XLSX, and choices that are saved."""
