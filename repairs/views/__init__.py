"""Views: fetch through the door, form, verb, message, redirect."""
