"""What an answer says: its choice, its numbers, its words without what does not count.

Used by techniques that vote and by metrics alike; knows neither.
"""
