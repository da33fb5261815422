"""Prompting techniques and the way from a question to a cited answer; knows neither gradio nor torch."""
