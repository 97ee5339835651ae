"""Files that people send: kept outside the database and outside whatever a web server serves."""
