"""How triage learns: corrections become training data, training makes a version, the version runs if it is
not worse.

Only `retraining` imports the trainer, and only the retraining process imports `retraining`.
"""
