"""`selfheal registry`: look at adapter versions, and decide which one serves."""
