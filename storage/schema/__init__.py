"""The tables behind the words."""
