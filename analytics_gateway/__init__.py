"""The Django side of analytics: requests, rows, queue, results, schedules.

The row is the truth. The broker carries an id and an attempt; losing it loses nothing.
"""
