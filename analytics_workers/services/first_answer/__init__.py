"""How long reporters wait for the helpdesk's first message, by opening month."""
