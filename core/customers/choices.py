"""The fixed lists of choices of customers and companies."""

from core.conditions.fields import Choice
from core.i18n import _l

STAGES = (
    Choice("lead", _l("Lead")),
    Choice("customer", _l("Customer")),
    Choice("former", _l("Former customer")),
)
SEXES = (
    Choice("female", _l("Female")),
    Choice("male", _l("Male")),
    Choice("other", _l("Another answer")),
    Choice("unanswered", _l("Prefers not to answer")),
)
RANKS = (
    Choice("new", _l("New")),
    Choice("regular", _l("Regular")),
    Choice("loyal", _l("Loyal")),
    Choice("vip", _l("VIP")),
    Choice("dormant", _l("Dormant")),
)
CHANNELS = (
    Choice("email", _l("Mail")),
    Choice("phone", _l("Telephone")),
    Choice("sms", _l("Text message")),
    Choice("line", _l("LINE")),
    Choice("post", _l("By post")),
)
SOURCES = (
    Choice("form", _l("Form")),
    Choice("registration", _l("Member registration")),
    Choice("business_card", _l("Business card")),
    Choice("survey", _l("Survey")),
    Choice("purchase", _l("Purchase")),
    Choice("visit", _l("Visit")),
    Choice("phone", _l("Telephone call")),
    Choice("event", _l("Event")),
    Choice("referral", _l("Referral")),
    Choice("import", _l("Import")),
    Choice("staff", _l("Entered by staff")),
    Choice("other", _l("Other")),
)
LISTINGS = (Choice("listed", _l("Listed")), Choice("unlisted", _l("Unlisted")))
SOCIAL_SERVICES = (
    Choice("line", _l("LINE")),
    Choice("instagram", _l("Instagram")),
    Choice("x", _l("X (Twitter)")),
    Choice("facebook", _l("Facebook")),
    Choice("youtube", _l("YouTube")),
    Choice("tiktok", _l("TikTok")),
    Choice("other", _l("Another network")),
)
LABEL_COLORS = (
    Choice("blue", _l("Blue")),
    Choice("green", _l("Green")),
    Choice("yellow", _l("Yellow")),
    Choice("orange", _l("Orange")),
    Choice("red", _l("Red")),
    Choice("pink", _l("Pink")),
    Choice("purple", _l("Purple")),
    Choice("gray", _l("Grey")),
)
