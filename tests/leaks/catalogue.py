"""The leak and abuse tests L1–L33: what each is about, and the tests that show it.

A reference is `file::test`, from the root of the tests. `test_catalogue` fails for an id without a
test and for a reference to a test that is not there.
"""

from collections.abc import Mapping

_SURFACES = "core/content/test_surfaces.py"
_EVERY = "leaks/test_every_surface.py"
_WALK = f"{_EVERY}::test_every_role_meets_just_what_it_may_on_every_surface"
_OFF = f"{_EVERY}::test_with_tiers_switched_off_what_they_restrict_is_hidden_from_everybody"
_OPENED = f"{_EVERY}::test_the_walk_goes_red_when_something_is_opened"
_ABUSE = "leaks/test_abuse.py"
_EMBEDS = "leaks/test_embeds.py"
_KINDS = "leaks/test_planted_kinds.py"
_WHO = "leaks/test_rights_and_secrets.py"
_TIERS = "plugins/member_tiers"
_FORMS = "plugins/contact_forms"
_LIBRARY = "plugins/library"
_ACCOUNTS = "core/accounts"

CATALOGUE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "L1": (
        "Pages for programs, single and in lists",
        (_WALK, _OFF, _OPENED, f"{_SURFACES}::test_a_page_as_json_says_the_same_as_the_gate"),
    ),
    "L2": (
        "Excerpt, description, structured data, cards",
        (
            f"{_SURFACES}::test_the_head_of_a_closed_page_tells_nothing_of_its_text",
            f"{_SURFACES}::test_the_feed_holds_public_texts_and_of_others_the_summary_that_the_owner_wrote",
            "core/content/test_gate.py::test_an_excerpt_of_a_public_page_leaves_out_what_tags_enclose",
            _WALK,
        ),
    ),
    "L3": ("Nested includes by parameter", (f"{_ABUSE}::test_no_parameter_widens_what_a_reader_gets", _WALK)),
    "L4": (
        "Feeds",
        (
            f"{_SURFACES}::test_everybodys_feed_is_the_same_for_a_member",
            f"{_SURFACES}::test_an_own_feed_asks_the_gate_at_each_read",
            f"{_SURFACES}::test_an_own_feed_ends_when_it_is_revoked_or_made_anew",
            _WALK,
        ),
    ),
    "L5": (
        "Search",
        (
            f"{_SURFACES}::test_a_hit_on_a_secret_word_changes_nothing",
            f"{_SURFACES}::test_what_tags_enclose_finds_nothing_even_while_their_plugin_is_off",
            _WALK,
        ),
    ),
    "L6": (
        "Counts, way on, site map, menus: as if hidden pages were not there",
        (
            f"{_SURFACES}::test_a_hidden_page_is_missing_everywhere_as_if_it_were_not_there",
            f"{_SURFACES}::test_hidden_pages_appear_for_whom_they_open",
            f"{_SURFACES}::test_the_site_map_names_public_pages_only",
            _WALK,
        ),
    ),
    "L7": (
        "Files by direct address, guessed name, range, after expiry",
        (
            f"{_LIBRARY}/test_library_gate.py::test_a_guest_gets_no_byte_of_a_members_file_by_any_address",
            f"{_LIBRARY}/test_library_gate.py::test_the_stored_name_and_the_files_own_name_lead_nowhere",
            f"{_LIBRARY}/test_library_gate.py::test_a_link_is_over_after_minutes",
            f"{_LIBRARY}/test_library_rules.py::test_a_link_dies_with_the_membership",
            _WALK,
            f"{_KINDS}::test_a_link_that_serves_another_than_it_was_made_for_is_seen",
            f"{_KINDS}::test_a_link_that_does_not_end_is_seen",
            f"{_KINDS}::test_with_the_library_switched_off_no_byte_is_handed_out",
            f"{_FORMS}/test_forms_files_serving.py::test_nobody_else_gets_a_file",
            f"{_FORMS}/test_forms_files_serving.py::test_a_link_ends_after_minutes",
            "core/letters/test_customer_files.py::test_a_file_is_reached_by_its_own_customer_only",
        ),
    ),
    "L8": (
        "Lists hide names of closed files and pages",
        (
            _WALK,
            f"{_LIBRARY}/test_library_tags.py::test_no_search_feed_or_site_map_names_a_file",
            f"{_LIBRARY}/test_library_tags.py::test_members_files_hidden_from_guests_are_in_no_list_for_them",
            f"{_SURFACES}::test_a_hidden_page_is_missing_everywhere_as_if_it_were_not_there",
            f"{_FORMS}/test_forms_rights.py::test_no_list_shows_a_trace_of_a_form_that_is_not_theirs",
        ),
    ),
    "L9": (
        "No plugin answers before the gate",
        (
            f"{_LIBRARY}/test_library_serving.py::test_the_web_server_is_told_nothing_before_the_gate",
            "core/plugin_host/test_loading.py::test_a_misbehaving_plugin_is_refused_with_a_reason_that_names_it",
            "core/content/test_gate.py::test_an_answer_that_is_not_a_plain_grant_does_not_open",
        ),
    ),
    "L10": (
        "Caches between the site and its visitors",
        (
            "leaks/test_caches.py::test_two_people_behind_one_cache_each_get_their_own",
            "leaks/test_caches.py::test_a_cache_that_keeps_public_pages_is_of_use",
            _OPENED,
        ),
    ),
    "L11": (
        "Other renderings of a page, mails",
        (_WALK, f"{_ABUSE}::test_no_other_form_of_a_page_is_served"),
    ),
    "L12": (
        "Parameters that cut or widen",
        (f"{_ABUSE}::test_no_parameter_widens_what_a_reader_gets", _WALK),
    ),
    "L13": ("Short texts", (f"{_ABUSE}::test_the_teaser_of_a_short_text_is_not_the_text",)),
    "L14": (
        "Who may change rules",
        (
            f"{_TIERS}/test_tier_admin.py::test_staff_without_the_right_cannot_change_a_rule",
            f"{_ABUSE}::test_members_and_guests_reach_no_screen_of_rules",
            f"{_WHO}::test_nobody_without_the_right_changes_who_may_read",
        ),
    ),
    "L15": (
        "A free tier that satisfies a paid rule",
        (
            f"{_TIERS}/test_tier_admin.py::test_suspicious_rules_are_pointed_out",
            f"{_TIERS}/rules/test_reading_and_tools.py::test_a_free_tier_that_meets_a_paid_rule_is_named",
        ),
    ),
    "L16": (
        "Unknown and missing mean no",
        (
            "core/conditions/test_agreement.py::test_no_row_fits_both_a_condition_and_its_negation",
            "core/conditions/test_conditions.py::test_what_cannot_be_read_grants_nothing_negated_or_not",
            f"{_TIERS}/test_tier_access.py::test_a_customer_of_whom_nothing_is_known_is_not_let_in",
            _OFF,
        ),
    ),
    "L17": (
        "Tags that show other content act as the viewer",
        (
            f"{_EMBEDS}::test_no_tag_embeds_what_the_viewer_may_not_read",
            f"{_EMBEDS}::test_no_tag_opens_what_another_tag_encloses",
            f"{_EMBEDS}::test_who_was_let_in_and_is_no_longer_meets_nothing_of_what_was_drawn",
            f"{_ABUSE}::test_tags_in_an_open_page_act_as_the_viewer_and_not_as_its_author",
            f"{_TIERS}/test_tier_tags.py::test_it_is_nothing_for_unknown_open_or_draft_pages",
        ),
    ),
    "L18": (
        "Tags print the viewer's own allowed facts only",
        (
            f"{_EMBEDS}::test_tags_print_the_viewers_own_allowed_facts_only",
            f"{_EMBEDS}::test_an_author_without_rights_over_customers_prints_nobodys_facts",
            f"{_TIERS}/test_tier_tags.py::test_what_staff_know_about_the_member_is_not_printed",
            f"{_TIERS}/test_tier_tags.py::test_points_and_badge_are_the_viewers_own",
        ),
    ),
    "L19": (
        "Posted role, tier and points count for nothing",
        (
            f"{_ACCOUNTS}/test_registration.py::test_role_rank_and_unknown_fields_in_the_request_are_ignored",
            f"{_ABUSE}::test_posted_tiers_and_points_change_nothing",
        ),
    ),
    "L20": (
        "Papers and files of another member",
        (
            f"{_TIERS}/test_joining.py::test_another_members_papers_are_not_there",
            f"{_TIERS}/test_seats.py::test_the_seats_of_others_are_not_there",
            "core/privacy/test_privacy_screens.py::test_nobody_fetches_anothers_package",
        ),
    ),
    "L21": (
        "Notices from outside: forged, repeated, out of order",
        (
            f"{_TIERS}/test_joining.py::test_a_notice_counts_once_and_another_under_its_key_is_a_conflict",
            f"{_TIERS}/test_joining.py::test_a_late_success_after_a_failure_counts",
            f"{_FORMS}/test_forms_inbound.py::test_a_forged_signed_address_proves_nothing",
        ),
    ),
    "L22": (
        "Secrets in logs and tables",
        (
            f"{_WHO}::test_no_log_and_no_table_holds_what_somebody_typed_as_a_secret",
            "core/mail/test_mail_delivery.py::test_addresses_and_texts_are_not_logged",
            "core/security/test_sessions.py::test_the_table_holds_only_the_hash_of_the_token",
            f"{_SURFACES}::test_only_members_make_feeds_and_the_secret_is_not_kept",
        ),
    ),
    "L23": (
        "Uploads that run",
        (
            f"{_FORMS}/test_forms_files_names.py::test_a_file_that_is_something_else_may_not",
            f"{_FORMS}/test_forms_files_names.py::test_an_owner_cannot_allow_what_runs",
            f"{_LIBRARY}/test_library_admin.py::test_what_runs_or_is_not_what_it_says_is_refused_and_nothing_is_kept",
        ),
    ),
    "L24": (
        "Redirects to elsewhere",
        (f"{_ACCOUNTS}/test_redirect_targets.py::test_no_bad_target_leads_outside",),
    ),
    "L25": (
        "Who may move points",
        (
            f"{_TIERS}/test_tier_admin.py::test_who_may_only_see_points_cannot_move_them",
            f"{_ABUSE}::test_guests_and_members_reach_no_screen_that_moves_points",
        ),
    ),
    "L26": (
        "Spending in parallel",
        (
            f"{_TIERS}/test_points_ledger.py::test_forty_threads_spend_a_balance_for_one_exactly_once",
            f"{_TIERS}/test_points_properties.py::test_every_history_keeps_balance_entries_and_lots_equal",
            f"{_TIERS}/test_points_machine.py::test_no_history_breaks_the_ledger",
            f"{_TIERS}/test_points_many_at_once.py::test_of_many_spends_at_once_exactly_one_wins_in_every_round",
        ),
    ),
    "L27": (
        "Scanners that open mailed links",
        (
            f"{_ACCOUNTS}/test_recovery.py::test_looking_at_the_link_uses_nothing_up",
            f"{_ACCOUNTS}/test_registration.py::test_looking_at_the_link_changes_nothing_however_often",
            f"{_ACCOUNTS}/test_mailed_log_in.py::test_in_another_browser_the_link_logs_nobody_in_but_the_code_still_works_in_the_first",
        ),
    ),
    "L28": (
        "Sessions and links after a change of password",
        (
            f"{_ACCOUNTS}/test_recovery.py::test_every_session_and_every_other_link_ends",
            "core/security/test_sessions.py::test_changing_my_password_keeps_this_browser_and_ends_the_others",
        ),
    ),
    "L29": (
        "Stolen credentials after log-out",
        (
            "core/security/test_sessions.py::test_a_stolen_cookie_is_dead_after",
            f"{_ACCOUNTS}/test_replay.py::test_a_stolen_credential_is_dead",
        ),
    ),
    "L30": (
        "What waits for somebody's word is not shown",
        (
            f"{_ABUSE}::test_drafts_are_in_no_list_and_no_answer",
            "core/content/test_pages.py::test_a_draft_is_shown_to_editors_only_and_says_so",
            _WALK,
        ),
    ),
    "L31": (
        "No access before the money is there",
        (
            f"{_TIERS}/test_joining.py::test_a_part_opens_nothing_and_the_rest_does",
            f"{_TIERS}/test_joining.py::test_a_late_failure_closes_at_once_and_paying_again_opens",
            f"{_TIERS}/test_joining.py::test_a_success_after_refusal_opens_nothing_and_tells_staff",
        ),
    ),
    "L32": (
        "Cancelled while something is unpaid",
        (
            f"{_ABUSE}::test_cancelling_opens_nothing_that_was_not_open",
            f"{_TIERS}/test_membership_states.py::test_no_order_of_moves_opens_what_nobody_paid_or_gave",
        ),
    ),
    "L33": (
        "Import and export",
        (
            "core/imports/test_round_trip.py::test_an_exported_file_imports_back_to_an_equal_state",
            f"{_TIERS}/test_memberships_round_trip.py::test_what_went_out_comes_back_equal",
            f"{_TIERS}/test_import_screens.py::test_rows_find_only_customers_within_reach",
            "core/exports/test_guard.py::test_no_guarded_text_begins_like_a_formula",
        ),
    ),
}
