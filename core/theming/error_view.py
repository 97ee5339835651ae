"""What an error page of the site says."""

from core.theming.view_objects import view_object


@view_object
class ErrorView:
    """An error in plain words, and the one thing to do next."""

    status: int
    title: str
    message: str
    action_title: str
    action_url: str
