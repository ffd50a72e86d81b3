"""The Django side of analytics: requests, their rows, their queue, their results, their schedules.

The row is the truth. The broker carries an id and an attempt; losing it loses nothing.
"""
