"""Forms own all input."""
