"""Tables as files: delimited text, workbooks and Parquet, a row a source. No formula and no macro is run."""
