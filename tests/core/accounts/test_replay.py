"""Every credential against every event that should end it: 0 are accepted afterwards.

What lives on is listed with the reason, and is tested to live on, so that the list stays true.
"""

import pytest

from tests.core.accounts.replay_kit import CREDENTIALS, EVENTS, MEMBER, Clock, Impossible, World

OF_STAFF = {name for name, (_theft, role) in CREDENTIALS.items() if role != MEMBER}
OF_MEMBERS = set(CREDENTIALS) - OF_STAFF
RESETS = {"password reset link", "password reset link of staff"}
MAILED = {"mailed code", "mailed link"}
FACTORS = {"app code", "recovery code", "passkey answer to log in"}
BY_OTHERS = {"other devices ended", "everyone logged out"}
CHANGES = {"password change", "e-mail change", "account closed and opened again"}

# Cells that cannot be: the event is refused, which the test sees.
IMPOSSIBLE = (
    ("Roles of members do not change", OF_MEMBERS, {"role change"}),
    ("Staff change no address by themselves", OF_STAFF, {"e-mail change"}),
    ("Staff have no membership to end", OF_STAFF - {"view as a member"}, {"withdrawal"}),
    (
        "Who has left changes no address and leaves no second time",
        {"way back"},
        {"e-mail change", "withdrawal"},
    ),
)
LIVES_ON = (
    (
        "A session serves many requests; the three are worth something until they end",
        {
            "session cookie",
            "session cookie of staff",
            "recent log-in",
            "recent log-in of staff",
            "view as a member",
        },
        {"used once"},
    ),
    (
        "Whoever asked for it need not be logged in; it went to the mailbox",
        {*RESETS, *MAILED, "address change link", "staff invitation"},
        {"logout"},
    ),
    (
        "Nobody is a member yet, so nothing that happens to members concerns it",
        {"registration link"},
        {
            "logout",
            "password change",
            "account closed",
            "account closed and opened again",
            *BY_OTHERS,
            "withdrawal",
        },
    ),
    (
        "An invitation gives the first password, no rights: they come from the role at log-in",
        {"staff invitation"},
        {"role change", *BY_OTHERS},
    ),
    (
        "A second factor is the person's own and logs in by the rules of the day",
        FACTORS,
        {"logout", *CHANGES, *BY_OTHERS},
    ),
    ("Logging out elsewhere makes the very room that was asked for", {"choice of device"}, {"logout"}),
    ("A recovery code is made for the day that nobody knows", {"recovery code"}, {"expiry"}),
    ("Who left is logged in nowhere: nothing ends for them", {"way back"}, {"logout", *BY_OTHERS}),
)
CELLS = [(credential, event) for credential in CREDENTIALS for event in EVENTS]


def cells_of(table):
    return {(c, e): why for why, credentials, events in table for c in credentials for e in events}


def listed(table):
    return [(c, e) for _why, credentials, events in table for c in credentials for e in events]


@pytest.fixture
def steal(app, new_client, monkeypatch):
    """Makes a world and steals a credential in it."""

    def make(credential):
        theft, role = CREDENTIALS[credential]
        world = World(new_client, Clock(monkeypatch).move, role)
        world.use = theft(world)
        return world

    return make


def test_every_cell_is_tested_and_listed_at_most_once():
    exceptions = listed(IMPOSSIBLE) + listed(LIVES_ON)
    assert len(exceptions) == len(set(exceptions))
    assert set(exceptions) <= set(CELLS)
    assert len(CELLS) == len(CREDENTIALS) * len(EVENTS) == 22 * 11


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_what_was_stolen_is_good_before_anything_happens(steal, credential):
    assert steal(credential).use()


@pytest.mark.parametrize(("credential", "event"), CELLS, ids=[f"{c} after {e}" for c, e in CELLS])
def test_a_stolen_credential_is_dead(steal, credential, event):
    world = steal(credential)
    if (credential, event) in cells_of(IMPOSSIBLE):
        with pytest.raises(Impossible):
            EVENTS[event](world)
        return
    EVENTS[event](world)
    assert world.use() is ((credential, event) in cells_of(LIVES_ON))
