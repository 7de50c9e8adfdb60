"""Pages of HTML: their main part, their blocks and tables. Nothing that a page names is fetched."""
