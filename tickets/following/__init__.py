"""Following tickets without an account: a browser follows them with a cookie of its own."""
