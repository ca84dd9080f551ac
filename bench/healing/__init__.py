"""What healing must reach and what it reaches: the tables T1 to T9 and C, one a file."""
