"""What both sides of the queue share, without Django."""

# The one version number: of the release, of the API's document, and of the code that computed a result.
# Results of another version are not reused.
__version__ = "1.1.0"
