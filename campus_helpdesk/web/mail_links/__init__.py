"""The pages behind the links in mails, for whoever has the mail: no role is needed."""
