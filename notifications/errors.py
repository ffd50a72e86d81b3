"""Why something was not sent, as a sentence for the helpdesk."""


class NotSent(Exception):
    pass


class ChannelAway(NotSent):
    """It accepts nothing at the moment, to nobody."""


class TryLater(NotSent):
    """It does not accept this now."""


class RecipientRefused(NotSent):
    """It will never accept this."""
