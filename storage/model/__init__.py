"""The words that every floor speaks: frozen dataclasses that travel between threads and processes."""
