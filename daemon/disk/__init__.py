"""The disk: what is asked of a filesystem beyond reading and writing. It knows no takes.

Locks, leases, moves that replace nothing, and what kind of disk it lies on.
"""
