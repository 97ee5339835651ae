"""Where rows come from: a database of WordPress, or a file that it exported."""
