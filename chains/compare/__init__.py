"""Comparing ways to answer: question sets, the grid, metrics, statistics, the report.

    QuestionSet + columns -> cells (answers, kept) -> scores -> results (intervals, verdicts, bands) -> report

Knows neither gradio nor torch: models come from a `Load` that whoever runs a comparison hands in.
"""
