"""The scorer: scores transactions in batches and swaps adapters between them."""
