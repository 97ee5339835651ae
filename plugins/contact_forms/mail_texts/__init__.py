"""The words of a form's mails, as the owner writes them."""
