"""How triage learns: corrections are lessons, lessons make a version, the version runs if not worse.

Only `retraining` imports the trainer, and only the retraining process imports `retraining`.
"""
