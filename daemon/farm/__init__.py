"""The farm: takes that workers of a studio make, each on its own machine, and whose results a keeper takes in.

What waits is in the log, and what was made is in the film's folder; a job in the database is only the shadow of a take.
"""
