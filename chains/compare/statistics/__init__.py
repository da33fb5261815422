"""Honest statistics of a comparison: paired by question, corrected for the whole grid.

A question is the unit: with repeats, its score is the mean over them. Scores are arrays (questions ×
columns); NaN means that a metric does not apply, and a pair is compared on the questions both columns have.
"""
