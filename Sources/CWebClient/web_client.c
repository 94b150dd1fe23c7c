#include "web_client.h"

// A file is an array and one line in the table: with a slash at its beginning the path is where it is served, without one it is
// served below /web/{version}/. A test holds the table against the folder.

static const unsigned char anonymous_js[] = {
#embed "anonymous.js"
};

static const unsigned char openapi_yaml[] = {
#embed "openapi.yaml"
};

static const unsigned char docs_css[] = {
#embed "docs.css"
};

static const unsigned char poster_css[] = {
#embed "poster.css"
};

static const unsigned char report_css[] = {
#embed "report.css"
};

static const unsigned char privacy_de_html[] = {
#embed "privacy.de.html"
};

static const unsigned char privacy_de_simple_html[] = {
#embed "privacy.de-simple.html"
};

static const unsigned char privacy_en_html[] = {
#embed "privacy.en.html"
};

static const unsigned char icons_icon_192_png[] = {
#embed "icons/icon-192.png"
};

static const unsigned char icons_icon_512_png[] = {
#embed "icons/icon-512.png"
};

static const unsigned char icons_icon_svg[] = {
#embed "icons/icon.svg"
};

static const unsigned char icons_manifest_webmanifest[] = {
#embed "icons/manifest.webmanifest"
};

static const unsigned char app_alarm_js[] = {
#embed "app/alarm.js"
};

static const unsigned char app_api_js[] = {
#embed "app/api.js"
};

static const unsigned char app_app_css[] = {
#embed "app/app.css"
};

static const unsigned char app_chain_js[] = {
#embed "app/chain.js"
};

static const unsigned char app_charts_figure_js[] = {
#embed "app/charts-figure.js"
};

static const unsigned char app_charts_js[] = {
#embed "app/charts.js"
};

static const unsigned char app_difference_js[] = {
#embed "app/difference.js"
};

static const unsigned char app_dom_js[] = {
#embed "app/dom.js"
};

static const unsigned char app_endorsement_js[] = {
#embed "app/endorsement.js"
};

static const unsigned char app_forms_js[] = {
#embed "app/forms.js"
};

static const unsigned char app_i18n_js[] = {
#embed "app/i18n.js"
};

static const unsigned char app_index_html[] = {
#embed "app/index.html"
};

static const unsigned char app_integrity_js[] = {
#embed "app/integrity.js"
};

static const unsigned char app_main_js[] = {
#embed "app/main.js"
};

static const unsigned char app_menu_js[] = {
#embed "app/menu.js"
};

static const unsigned char app_notices_js[] = {
#embed "app/notices.js"
};

static const unsigned char app_pictures_js[] = {
#embed "app/pictures.js"
};

static const unsigned char app_receipt_js[] = {
#embed "app/receipt.js"
};

static const unsigned char app_refusals_js[] = {
#embed "app/refusals.js"
};

static const unsigned char app_session_js[] = {
#embed "app/session.js"
};

static const unsigned char app_ui_js[] = {
#embed "app/ui.js"
};

static const unsigned char app_under_way_js[] = {
#embed "app/under-way.js"
};

static const unsigned char app_unsent_js[] = {
#embed "app/unsent.js"
};

static const unsigned char app_voice_js[] = {
#embed "app/voice.js"
};

static const unsigned char app_watch_js[] = {
#embed "app/watch.js"
};

static const unsigned char app_work_js[] = {
#embed "app/work.js"
};

static const unsigned char app_worker_js[] = {
#embed "app/worker.js"
};

static const unsigned char app_texts_de_simple_json[] = {
#embed "app/texts/de-simple.json"
};

static const unsigned char app_texts_de_json[] = {
#embed "app/texts/de.json"
};

static const unsigned char app_texts_en_json[] = {
#embed "app/texts/en.json"
};

static const unsigned char app_views_accessibility_js[] = {
#embed "app/views/accessibility.js"
};

static const unsigned char app_views_channels_fields_js[] = {
#embed "app/views/channels-fields.js"
};

static const unsigned char app_views_channels_outbox_js[] = {
#embed "app/views/channels-outbox.js"
};

static const unsigned char app_views_channels_sent_js[] = {
#embed "app/views/channels-sent.js"
};

static const unsigned char app_views_channels_write_js[] = {
#embed "app/views/channels-write.js"
};

static const unsigned char app_views_channels_js[] = {
#embed "app/views/channels.js"
};

static const unsigned char app_views_contact_js[] = {
#embed "app/views/contact.js"
};

static const unsigned char app_views_council_chain_js[] = {
#embed "app/views/council-chain.js"
};

static const unsigned char app_views_council_directory_js[] = {
#embed "app/views/council-directory.js"
};

static const unsigned char app_views_council_entry_js[] = {
#embed "app/views/council-entry.js"
};

static const unsigned char app_views_council_rules_js[] = {
#embed "app/views/council-rules.js"
};

static const unsigned char app_views_council_verifying_js[] = {
#embed "app/views/council-verifying.js"
};

static const unsigned char app_views_council_js[] = {
#embed "app/views/council.js"
};

static const unsigned char app_views_desk_admission_js[] = {
#embed "app/views/desk-admission.js"
};

static const unsigned char app_views_desk_channels_js[] = {
#embed "app/views/desk-channels.js"
};

static const unsigned char app_views_desk_contacts_js[] = {
#embed "app/views/desk-contacts.js"
};

static const unsigned char app_views_desk_days_js[] = {
#embed "app/views/desk-days.js"
};

static const unsigned char app_views_desk_digest_js[] = {
#embed "app/views/desk-digest.js"
};

static const unsigned char app_views_desk_items_js[] = {
#embed "app/views/desk-items.js"
};

static const unsigned char app_views_desk_joining_js[] = {
#embed "app/views/desk-joining.js"
};

static const unsigned char app_views_desk_once_js[] = {
#embed "app/views/desk-once.js"
};

static const unsigned char app_views_desk_packages_js[] = {
#embed "app/views/desk-packages.js"
};

static const unsigned char app_views_desk_papers_js[] = {
#embed "app/views/desk-papers.js"
};

static const unsigned char app_views_desk_people_js[] = {
#embed "app/views/desk-people.js"
};

static const unsigned char app_views_desk_person_js[] = {
#embed "app/views/desk-person.js"
};

static const unsigned char app_views_desk_round_new_js[] = {
#embed "app/views/desk-round-new.js"
};

static const unsigned char app_views_desk_round_js[] = {
#embed "app/views/desk-round.js"
};

static const unsigned char app_views_desk_rounds_js[] = {
#embed "app/views/desk-rounds.js"
};

static const unsigned char app_views_desk_settings_js[] = {
#embed "app/views/desk-settings.js"
};

static const unsigned char app_views_desk_towns_js[] = {
#embed "app/views/desk-towns.js"
};

static const unsigned char app_views_desk_tree_js[] = {
#embed "app/views/desk-tree.js"
};

static const unsigned char app_views_desk_typed_js[] = {
#embed "app/views/desk-typed.js"
};

static const unsigned char app_views_desk_units_js[] = {
#embed "app/views/desk-units.js"
};

static const unsigned char app_views_desk_js[] = {
#embed "app/views/desk.js"
};

static const unsigned char app_views_drafts_benches_js[] = {
#embed "app/views/drafts-benches.js"
};

static const unsigned char app_views_drafts_catalogue_js[] = {
#embed "app/views/drafts-catalogue.js"
};

static const unsigned char app_views_drafts_edit_js[] = {
#embed "app/views/drafts-edit.js"
};

static const unsigned char app_views_drafts_evidence_js[] = {
#embed "app/views/drafts-evidence.js"
};

static const unsigned char app_views_drafts_new_js[] = {
#embed "app/views/drafts-new.js"
};

static const unsigned char app_views_drafts_newer_js[] = {
#embed "app/views/drafts-newer.js"
};

static const unsigned char app_views_drafts_one_js[] = {
#embed "app/views/drafts-one.js"
};

static const unsigned char app_views_drafts_origins_js[] = {
#embed "app/views/drafts-origins.js"
};

static const unsigned char app_views_drafts_people_js[] = {
#embed "app/views/drafts-people.js"
};

static const unsigned char app_views_drafts_places_js[] = {
#embed "app/views/drafts-places.js"
};

static const unsigned char app_views_drafts_publish_js[] = {
#embed "app/views/drafts-publish.js"
};

static const unsigned char app_views_drafts_review_js[] = {
#embed "app/views/drafts-review.js"
};

static const unsigned char app_views_drafts_rules_js[] = {
#embed "app/views/drafts-rules.js"
};

static const unsigned char app_views_drafts_sources_js[] = {
#embed "app/views/drafts-sources.js"
};

static const unsigned char app_views_drafts_stay_js[] = {
#embed "app/views/drafts-stay.js"
};

static const unsigned char app_views_drafts_suggestions_js[] = {
#embed "app/views/drafts-suggestions.js"
};

static const unsigned char app_views_drafts_text_js[] = {
#embed "app/views/drafts-text.js"
};

static const unsigned char app_views_drafts_themes_js[] = {
#embed "app/views/drafts-themes.js"
};

static const unsigned char app_views_drafts_versions_js[] = {
#embed "app/views/drafts-versions.js"
};

static const unsigned char app_views_drafts_js[] = {
#embed "app/views/drafts.js"
};

static const unsigned char app_views_employer_answer_js[] = {
#embed "app/views/employer-answer.js"
};

static const unsigned char app_views_employer_files_js[] = {
#embed "app/views/employer-files.js"
};

static const unsigned char app_views_employer_progress_js[] = {
#embed "app/views/employer-progress.js"
};

static const unsigned char app_views_employer_recommendation_js[] = {
#embed "app/views/employer-recommendation.js"
};

static const unsigned char app_views_employer_webhooks_js[] = {
#embed "app/views/employer-webhooks.js"
};

static const unsigned char app_views_employer_js[] = {
#embed "app/views/employer.js"
};

static const unsigned char app_views_events_card_js[] = {
#embed "app/views/events-card.js"
};

static const unsigned char app_views_events_detail_js[] = {
#embed "app/views/events-detail.js"
};

static const unsigned char app_views_events_door_js[] = {
#embed "app/views/events-door.js"
};

static const unsigned char app_views_events_edit_js[] = {
#embed "app/views/events-edit.js"
};

static const unsigned char app_views_events_fields_js[] = {
#embed "app/views/events-fields.js"
};

static const unsigned char app_views_events_month_js[] = {
#embed "app/views/events-month.js"
};

static const unsigned char app_views_events_series_js[] = {
#embed "app/views/events-series.js"
};

static const unsigned char app_views_events_ticks_js[] = {
#embed "app/views/events-ticks.js"
};

static const unsigned char app_views_events_time_js[] = {
#embed "app/views/events-time.js"
};

static const unsigned char app_views_events_js[] = {
#embed "app/views/events.js"
};

static const unsigned char app_views_home_duty_js[] = {
#embed "app/views/home-duty.js"
};

static const unsigned char app_views_home_joining_js[] = {
#embed "app/views/home-joining.js"
};

static const unsigned char app_views_home_news_js[] = {
#embed "app/views/home-news.js"
};

static const unsigned char app_views_home_record_js[] = {
#embed "app/views/home-record.js"
};

static const unsigned char app_views_home_js[] = {
#embed "app/views/home.js"
};

static const unsigned char app_views_inbox_dialogue_js[] = {
#embed "app/views/inbox-dialogue.js"
};

static const unsigned char app_views_inbox_js[] = {
#embed "app/views/inbox.js"
};

static const unsigned char app_views_me_calendar_js[] = {
#embed "app/views/me-calendar.js"
};

static const unsigned char app_views_me_consent_text_js[] = {
#embed "app/views/me-consent-text.js"
};

static const unsigned char app_views_me_consents_js[] = {
#embed "app/views/me-consents.js"
};

static const unsigned char app_views_me_factor_js[] = {
#embed "app/views/me-factor.js"
};

static const unsigned char app_views_me_notices_js[] = {
#embed "app/views/me-notices.js"
};

static const unsigned char app_views_me_profile_js[] = {
#embed "app/views/me-profile.js"
};

static const unsigned char app_views_me_providers_js[] = {
#embed "app/views/me-providers.js"
};

static const unsigned char app_views_me_secret_js[] = {
#embed "app/views/me-secret.js"
};

static const unsigned char app_views_me_security_js[] = {
#embed "app/views/me-security.js"
};

static const unsigned char app_views_me_tokens_js[] = {
#embed "app/views/me-tokens.js"
};

static const unsigned char app_views_me_js[] = {
#embed "app/views/me.js"
};

static const unsigned char app_views_moderation_dialogue_js[] = {
#embed "app/views/moderation-dialogue.js"
};

static const unsigned char app_views_moderation_forms_js[] = {
#embed "app/views/moderation-forms.js"
};

static const unsigned char app_views_moderation_message_js[] = {
#embed "app/views/moderation-message.js"
};

static const unsigned char app_views_moderation_telltales_js[] = {
#embed "app/views/moderation-telltales.js"
};

static const unsigned char app_views_moderation_js[] = {
#embed "app/views/moderation.js"
};

static const unsigned char app_views_numbers_meaning_js[] = {
#embed "app/views/numbers-meaning.js"
};

static const unsigned char app_views_numbers_release_js[] = {
#embed "app/views/numbers-release.js"
};

static const unsigned char app_views_numbers_trend_js[] = {
#embed "app/views/numbers-trend.js"
};

static const unsigned char app_views_numbers_js[] = {
#embed "app/views/numbers.js"
};

static const unsigned char app_views_recommendations_after_js[] = {
#embed "app/views/recommendations-after.js"
};

static const unsigned char app_views_recommendations_one_js[] = {
#embed "app/views/recommendations-one.js"
};

static const unsigned char app_views_recommendations_provenance_js[] = {
#embed "app/views/recommendations-provenance.js"
};

static const unsigned char app_views_recommendations_js[] = {
#embed "app/views/recommendations.js"
};

static const unsigned char app_views_rounds_ballot_js[] = {
#embed "app/views/rounds-ballot.js"
};

static const unsigned char app_views_rounds_review_js[] = {
#embed "app/views/rounds-review.js"
};

static const unsigned char app_views_rounds_rules_js[] = {
#embed "app/views/rounds-rules.js"
};

static const unsigned char app_views_rounds_js[] = {
#embed "app/views/rounds.js"
};

static const unsigned char app_views_sign_in_again_js[] = {
#embed "app/views/sign-in-again.js"
};

static const unsigned char app_views_sign_in_code_js[] = {
#embed "app/views/sign-in-code.js"
};

static const unsigned char app_views_sign_in_invitation_js[] = {
#embed "app/views/sign-in-invitation.js"
};

static const unsigned char app_views_sign_in_password_js[] = {
#embed "app/views/sign-in-password.js"
};

static const unsigned char app_views_sign_in_provider_js[] = {
#embed "app/views/sign-in-provider.js"
};

static const unsigned char app_views_sign_in_reset_js[] = {
#embed "app/views/sign-in-reset.js"
};

static const unsigned char app_views_sign_in_js[] = {
#embed "app/views/sign-in.js"
};

static const chorus_web_file files[] = {
    {"/anonymous.js", "text/javascript; charset=utf-8", anonymous_js, sizeof anonymous_js},
    {"anonymous.js", "text/javascript; charset=utf-8", anonymous_js, sizeof anonymous_js},
    {"/openapi.yaml", "application/yaml; charset=utf-8", openapi_yaml, sizeof openapi_yaml},
    {"/docs.css", "text/css; charset=utf-8", docs_css, sizeof docs_css},
    {"/poster.css", "text/css; charset=utf-8", poster_css, sizeof poster_css},
    {"/report.css", "text/css; charset=utf-8", report_css, sizeof report_css},
    {"/privacy/de", "text/html; charset=utf-8", privacy_de_html, sizeof privacy_de_html},
    {"/privacy/de-simple", "text/html; charset=utf-8", privacy_de_simple_html, sizeof privacy_de_simple_html},
    {"/privacy/en", "text/html; charset=utf-8", privacy_en_html, sizeof privacy_en_html},
    {"/icon-192.png", "image/png", icons_icon_192_png, sizeof icons_icon_192_png},
    {"/icon-512.png", "image/png", icons_icon_512_png, sizeof icons_icon_512_png},
    {"/icon.svg", "image/svg+xml", icons_icon_svg, sizeof icons_icon_svg},
    {"/manifest.webmanifest", "application/manifest+json", icons_manifest_webmanifest, sizeof icons_manifest_webmanifest},
    {"app/alarm.js", "text/javascript; charset=utf-8", app_alarm_js, sizeof app_alarm_js},
    {"app/api.js", "text/javascript; charset=utf-8", app_api_js, sizeof app_api_js},
    {"app/app.css", "text/css; charset=utf-8", app_app_css, sizeof app_app_css},
    {"app/chain.js", "text/javascript; charset=utf-8", app_chain_js, sizeof app_chain_js},
    {"app/charts-figure.js", "text/javascript; charset=utf-8", app_charts_figure_js, sizeof app_charts_figure_js},
    {"app/charts.js", "text/javascript; charset=utf-8", app_charts_js, sizeof app_charts_js},
    {"app/difference.js", "text/javascript; charset=utf-8", app_difference_js, sizeof app_difference_js},
    {"app/dom.js", "text/javascript; charset=utf-8", app_dom_js, sizeof app_dom_js},
    {"app/endorsement.js", "text/javascript; charset=utf-8", app_endorsement_js, sizeof app_endorsement_js},
    {"app/forms.js", "text/javascript; charset=utf-8", app_forms_js, sizeof app_forms_js},
    {"app/i18n.js", "text/javascript; charset=utf-8", app_i18n_js, sizeof app_i18n_js},
    {"app/index.html", "text/html; charset=utf-8", app_index_html, sizeof app_index_html},
    {"app/integrity.js", "text/javascript; charset=utf-8", app_integrity_js, sizeof app_integrity_js},
    {"app/main.js", "text/javascript; charset=utf-8", app_main_js, sizeof app_main_js},
    {"app/menu.js", "text/javascript; charset=utf-8", app_menu_js, sizeof app_menu_js},
    {"app/notices.js", "text/javascript; charset=utf-8", app_notices_js, sizeof app_notices_js},
    {"app/pictures.js", "text/javascript; charset=utf-8", app_pictures_js, sizeof app_pictures_js},
    {"app/receipt.js", "text/javascript; charset=utf-8", app_receipt_js, sizeof app_receipt_js},
    {"app/refusals.js", "text/javascript; charset=utf-8", app_refusals_js, sizeof app_refusals_js},
    {"app/session.js", "text/javascript; charset=utf-8", app_session_js, sizeof app_session_js},
    {"app/ui.js", "text/javascript; charset=utf-8", app_ui_js, sizeof app_ui_js},
    {"app/under-way.js", "text/javascript; charset=utf-8", app_under_way_js, sizeof app_under_way_js},
    {"app/unsent.js", "text/javascript; charset=utf-8", app_unsent_js, sizeof app_unsent_js},
    {"app/voice.js", "text/javascript; charset=utf-8", app_voice_js, sizeof app_voice_js},
    {"app/watch.js", "text/javascript; charset=utf-8", app_watch_js, sizeof app_watch_js},
    {"app/work.js", "text/javascript; charset=utf-8", app_work_js, sizeof app_work_js},
    {"app/worker.js", "text/javascript; charset=utf-8", app_worker_js, sizeof app_worker_js},
    {"app/texts/de-simple.json", "application/json; charset=utf-8", app_texts_de_simple_json, sizeof app_texts_de_simple_json},
    {"app/texts/de.json", "application/json; charset=utf-8", app_texts_de_json, sizeof app_texts_de_json},
    {"app/texts/en.json", "application/json; charset=utf-8", app_texts_en_json, sizeof app_texts_en_json},
    {"app/views/accessibility.js", "text/javascript; charset=utf-8", app_views_accessibility_js, sizeof app_views_accessibility_js},
    {"app/views/channels-fields.js", "text/javascript; charset=utf-8", app_views_channels_fields_js, sizeof app_views_channels_fields_js},
    {"app/views/channels-outbox.js", "text/javascript; charset=utf-8", app_views_channels_outbox_js, sizeof app_views_channels_outbox_js},
    {"app/views/channels-sent.js", "text/javascript; charset=utf-8", app_views_channels_sent_js, sizeof app_views_channels_sent_js},
    {"app/views/channels-write.js", "text/javascript; charset=utf-8", app_views_channels_write_js, sizeof app_views_channels_write_js},
    {"app/views/channels.js", "text/javascript; charset=utf-8", app_views_channels_js, sizeof app_views_channels_js},
    {"app/views/contact.js", "text/javascript; charset=utf-8", app_views_contact_js, sizeof app_views_contact_js},
    {"app/views/council-chain.js", "text/javascript; charset=utf-8", app_views_council_chain_js, sizeof app_views_council_chain_js},
    {"app/views/council-directory.js", "text/javascript; charset=utf-8", app_views_council_directory_js, sizeof app_views_council_directory_js},
    {"app/views/council-entry.js", "text/javascript; charset=utf-8", app_views_council_entry_js, sizeof app_views_council_entry_js},
    {"app/views/council-rules.js", "text/javascript; charset=utf-8", app_views_council_rules_js, sizeof app_views_council_rules_js},
    {"app/views/council-verifying.js", "text/javascript; charset=utf-8", app_views_council_verifying_js, sizeof app_views_council_verifying_js},
    {"app/views/council.js", "text/javascript; charset=utf-8", app_views_council_js, sizeof app_views_council_js},
    {"app/views/desk-admission.js", "text/javascript; charset=utf-8", app_views_desk_admission_js, sizeof app_views_desk_admission_js},
    {"app/views/desk-channels.js", "text/javascript; charset=utf-8", app_views_desk_channels_js, sizeof app_views_desk_channels_js},
    {"app/views/desk-contacts.js", "text/javascript; charset=utf-8", app_views_desk_contacts_js, sizeof app_views_desk_contacts_js},
    {"app/views/desk-days.js", "text/javascript; charset=utf-8", app_views_desk_days_js, sizeof app_views_desk_days_js},
    {"app/views/desk-digest.js", "text/javascript; charset=utf-8", app_views_desk_digest_js, sizeof app_views_desk_digest_js},
    {"app/views/desk-items.js", "text/javascript; charset=utf-8", app_views_desk_items_js, sizeof app_views_desk_items_js},
    {"app/views/desk-joining.js", "text/javascript; charset=utf-8", app_views_desk_joining_js, sizeof app_views_desk_joining_js},
    {"app/views/desk-once.js", "text/javascript; charset=utf-8", app_views_desk_once_js, sizeof app_views_desk_once_js},
    {"app/views/desk-packages.js", "text/javascript; charset=utf-8", app_views_desk_packages_js, sizeof app_views_desk_packages_js},
    {"app/views/desk-papers.js", "text/javascript; charset=utf-8", app_views_desk_papers_js, sizeof app_views_desk_papers_js},
    {"app/views/desk-people.js", "text/javascript; charset=utf-8", app_views_desk_people_js, sizeof app_views_desk_people_js},
    {"app/views/desk-person.js", "text/javascript; charset=utf-8", app_views_desk_person_js, sizeof app_views_desk_person_js},
    {"app/views/desk-round-new.js", "text/javascript; charset=utf-8", app_views_desk_round_new_js, sizeof app_views_desk_round_new_js},
    {"app/views/desk-round.js", "text/javascript; charset=utf-8", app_views_desk_round_js, sizeof app_views_desk_round_js},
    {"app/views/desk-rounds.js", "text/javascript; charset=utf-8", app_views_desk_rounds_js, sizeof app_views_desk_rounds_js},
    {"app/views/desk-settings.js", "text/javascript; charset=utf-8", app_views_desk_settings_js, sizeof app_views_desk_settings_js},
    {"app/views/desk-towns.js", "text/javascript; charset=utf-8", app_views_desk_towns_js, sizeof app_views_desk_towns_js},
    {"app/views/desk-tree.js", "text/javascript; charset=utf-8", app_views_desk_tree_js, sizeof app_views_desk_tree_js},
    {"app/views/desk-typed.js", "text/javascript; charset=utf-8", app_views_desk_typed_js, sizeof app_views_desk_typed_js},
    {"app/views/desk-units.js", "text/javascript; charset=utf-8", app_views_desk_units_js, sizeof app_views_desk_units_js},
    {"app/views/desk.js", "text/javascript; charset=utf-8", app_views_desk_js, sizeof app_views_desk_js},
    {"app/views/drafts-benches.js", "text/javascript; charset=utf-8", app_views_drafts_benches_js, sizeof app_views_drafts_benches_js},
    {"app/views/drafts-catalogue.js", "text/javascript; charset=utf-8", app_views_drafts_catalogue_js, sizeof app_views_drafts_catalogue_js},
    {"app/views/drafts-edit.js", "text/javascript; charset=utf-8", app_views_drafts_edit_js, sizeof app_views_drafts_edit_js},
    {"app/views/drafts-evidence.js", "text/javascript; charset=utf-8", app_views_drafts_evidence_js, sizeof app_views_drafts_evidence_js},
    {"app/views/drafts-new.js", "text/javascript; charset=utf-8", app_views_drafts_new_js, sizeof app_views_drafts_new_js},
    {"app/views/drafts-newer.js", "text/javascript; charset=utf-8", app_views_drafts_newer_js, sizeof app_views_drafts_newer_js},
    {"app/views/drafts-one.js", "text/javascript; charset=utf-8", app_views_drafts_one_js, sizeof app_views_drafts_one_js},
    {"app/views/drafts-origins.js", "text/javascript; charset=utf-8", app_views_drafts_origins_js, sizeof app_views_drafts_origins_js},
    {"app/views/drafts-people.js", "text/javascript; charset=utf-8", app_views_drafts_people_js, sizeof app_views_drafts_people_js},
    {"app/views/drafts-places.js", "text/javascript; charset=utf-8", app_views_drafts_places_js, sizeof app_views_drafts_places_js},
    {"app/views/drafts-publish.js", "text/javascript; charset=utf-8", app_views_drafts_publish_js, sizeof app_views_drafts_publish_js},
    {"app/views/drafts-review.js", "text/javascript; charset=utf-8", app_views_drafts_review_js, sizeof app_views_drafts_review_js},
    {"app/views/drafts-rules.js", "text/javascript; charset=utf-8", app_views_drafts_rules_js, sizeof app_views_drafts_rules_js},
    {"app/views/drafts-sources.js", "text/javascript; charset=utf-8", app_views_drafts_sources_js, sizeof app_views_drafts_sources_js},
    {"app/views/drafts-stay.js", "text/javascript; charset=utf-8", app_views_drafts_stay_js, sizeof app_views_drafts_stay_js},
    {"app/views/drafts-suggestions.js", "text/javascript; charset=utf-8", app_views_drafts_suggestions_js, sizeof app_views_drafts_suggestions_js},
    {"app/views/drafts-text.js", "text/javascript; charset=utf-8", app_views_drafts_text_js, sizeof app_views_drafts_text_js},
    {"app/views/drafts-themes.js", "text/javascript; charset=utf-8", app_views_drafts_themes_js, sizeof app_views_drafts_themes_js},
    {"app/views/drafts-versions.js", "text/javascript; charset=utf-8", app_views_drafts_versions_js, sizeof app_views_drafts_versions_js},
    {"app/views/drafts.js", "text/javascript; charset=utf-8", app_views_drafts_js, sizeof app_views_drafts_js},
    {"app/views/employer-answer.js", "text/javascript; charset=utf-8", app_views_employer_answer_js, sizeof app_views_employer_answer_js},
    {"app/views/employer-files.js", "text/javascript; charset=utf-8", app_views_employer_files_js, sizeof app_views_employer_files_js},
    {"app/views/employer-progress.js", "text/javascript; charset=utf-8", app_views_employer_progress_js, sizeof app_views_employer_progress_js},
    {"app/views/employer-recommendation.js", "text/javascript; charset=utf-8", app_views_employer_recommendation_js, sizeof app_views_employer_recommendation_js},
    {"app/views/employer-webhooks.js", "text/javascript; charset=utf-8", app_views_employer_webhooks_js, sizeof app_views_employer_webhooks_js},
    {"app/views/employer.js", "text/javascript; charset=utf-8", app_views_employer_js, sizeof app_views_employer_js},
    {"app/views/events-card.js", "text/javascript; charset=utf-8", app_views_events_card_js, sizeof app_views_events_card_js},
    {"app/views/events-detail.js", "text/javascript; charset=utf-8", app_views_events_detail_js, sizeof app_views_events_detail_js},
    {"app/views/events-door.js", "text/javascript; charset=utf-8", app_views_events_door_js, sizeof app_views_events_door_js},
    {"app/views/events-edit.js", "text/javascript; charset=utf-8", app_views_events_edit_js, sizeof app_views_events_edit_js},
    {"app/views/events-fields.js", "text/javascript; charset=utf-8", app_views_events_fields_js, sizeof app_views_events_fields_js},
    {"app/views/events-month.js", "text/javascript; charset=utf-8", app_views_events_month_js, sizeof app_views_events_month_js},
    {"app/views/events-series.js", "text/javascript; charset=utf-8", app_views_events_series_js, sizeof app_views_events_series_js},
    {"app/views/events-ticks.js", "text/javascript; charset=utf-8", app_views_events_ticks_js, sizeof app_views_events_ticks_js},
    {"app/views/events-time.js", "text/javascript; charset=utf-8", app_views_events_time_js, sizeof app_views_events_time_js},
    {"app/views/events.js", "text/javascript; charset=utf-8", app_views_events_js, sizeof app_views_events_js},
    {"app/views/home-duty.js", "text/javascript; charset=utf-8", app_views_home_duty_js, sizeof app_views_home_duty_js},
    {"app/views/home-joining.js", "text/javascript; charset=utf-8", app_views_home_joining_js, sizeof app_views_home_joining_js},
    {"app/views/home-news.js", "text/javascript; charset=utf-8", app_views_home_news_js, sizeof app_views_home_news_js},
    {"app/views/home-record.js", "text/javascript; charset=utf-8", app_views_home_record_js, sizeof app_views_home_record_js},
    {"app/views/home.js", "text/javascript; charset=utf-8", app_views_home_js, sizeof app_views_home_js},
    {"app/views/inbox-dialogue.js", "text/javascript; charset=utf-8", app_views_inbox_dialogue_js, sizeof app_views_inbox_dialogue_js},
    {"app/views/inbox.js", "text/javascript; charset=utf-8", app_views_inbox_js, sizeof app_views_inbox_js},
    {"app/views/me-calendar.js", "text/javascript; charset=utf-8", app_views_me_calendar_js, sizeof app_views_me_calendar_js},
    {"app/views/me-consent-text.js", "text/javascript; charset=utf-8", app_views_me_consent_text_js, sizeof app_views_me_consent_text_js},
    {"app/views/me-consents.js", "text/javascript; charset=utf-8", app_views_me_consents_js, sizeof app_views_me_consents_js},
    {"app/views/me-factor.js", "text/javascript; charset=utf-8", app_views_me_factor_js, sizeof app_views_me_factor_js},
    {"app/views/me-notices.js", "text/javascript; charset=utf-8", app_views_me_notices_js, sizeof app_views_me_notices_js},
    {"app/views/me-profile.js", "text/javascript; charset=utf-8", app_views_me_profile_js, sizeof app_views_me_profile_js},
    {"app/views/me-providers.js", "text/javascript; charset=utf-8", app_views_me_providers_js, sizeof app_views_me_providers_js},
    {"app/views/me-secret.js", "text/javascript; charset=utf-8", app_views_me_secret_js, sizeof app_views_me_secret_js},
    {"app/views/me-security.js", "text/javascript; charset=utf-8", app_views_me_security_js, sizeof app_views_me_security_js},
    {"app/views/me-tokens.js", "text/javascript; charset=utf-8", app_views_me_tokens_js, sizeof app_views_me_tokens_js},
    {"app/views/me.js", "text/javascript; charset=utf-8", app_views_me_js, sizeof app_views_me_js},
    {"app/views/moderation-dialogue.js", "text/javascript; charset=utf-8", app_views_moderation_dialogue_js, sizeof app_views_moderation_dialogue_js},
    {"app/views/moderation-forms.js", "text/javascript; charset=utf-8", app_views_moderation_forms_js, sizeof app_views_moderation_forms_js},
    {"app/views/moderation-message.js", "text/javascript; charset=utf-8", app_views_moderation_message_js, sizeof app_views_moderation_message_js},
    {"app/views/moderation-telltales.js", "text/javascript; charset=utf-8", app_views_moderation_telltales_js, sizeof app_views_moderation_telltales_js},
    {"app/views/moderation.js", "text/javascript; charset=utf-8", app_views_moderation_js, sizeof app_views_moderation_js},
    {"app/views/numbers-meaning.js", "text/javascript; charset=utf-8", app_views_numbers_meaning_js, sizeof app_views_numbers_meaning_js},
    {"app/views/numbers-release.js", "text/javascript; charset=utf-8", app_views_numbers_release_js, sizeof app_views_numbers_release_js},
    {"app/views/numbers-trend.js", "text/javascript; charset=utf-8", app_views_numbers_trend_js, sizeof app_views_numbers_trend_js},
    {"app/views/numbers.js", "text/javascript; charset=utf-8", app_views_numbers_js, sizeof app_views_numbers_js},
    {"app/views/recommendations-after.js", "text/javascript; charset=utf-8", app_views_recommendations_after_js, sizeof app_views_recommendations_after_js},
    {"app/views/recommendations-one.js", "text/javascript; charset=utf-8", app_views_recommendations_one_js, sizeof app_views_recommendations_one_js},
    {"app/views/recommendations-provenance.js", "text/javascript; charset=utf-8", app_views_recommendations_provenance_js, sizeof app_views_recommendations_provenance_js},
    {"app/views/recommendations.js", "text/javascript; charset=utf-8", app_views_recommendations_js, sizeof app_views_recommendations_js},
    {"app/views/rounds-ballot.js", "text/javascript; charset=utf-8", app_views_rounds_ballot_js, sizeof app_views_rounds_ballot_js},
    {"app/views/rounds-review.js", "text/javascript; charset=utf-8", app_views_rounds_review_js, sizeof app_views_rounds_review_js},
    {"app/views/rounds-rules.js", "text/javascript; charset=utf-8", app_views_rounds_rules_js, sizeof app_views_rounds_rules_js},
    {"app/views/rounds.js", "text/javascript; charset=utf-8", app_views_rounds_js, sizeof app_views_rounds_js},
    {"app/views/sign-in-again.js", "text/javascript; charset=utf-8", app_views_sign_in_again_js, sizeof app_views_sign_in_again_js},
    {"app/views/sign-in-code.js", "text/javascript; charset=utf-8", app_views_sign_in_code_js, sizeof app_views_sign_in_code_js},
    {"app/views/sign-in-invitation.js", "text/javascript; charset=utf-8", app_views_sign_in_invitation_js, sizeof app_views_sign_in_invitation_js},
    {"app/views/sign-in-password.js", "text/javascript; charset=utf-8", app_views_sign_in_password_js, sizeof app_views_sign_in_password_js},
    {"app/views/sign-in-provider.js", "text/javascript; charset=utf-8", app_views_sign_in_provider_js, sizeof app_views_sign_in_provider_js},
    {"app/views/sign-in-reset.js", "text/javascript; charset=utf-8", app_views_sign_in_reset_js, sizeof app_views_sign_in_reset_js},
    {"app/views/sign-in.js", "text/javascript; charset=utf-8", app_views_sign_in_js, sizeof app_views_sign_in_js},
};

const chorus_web_file *chorus_web_files(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}

static const unsigned char starter_rules[] = {
#embed "rules.json"
};

const unsigned char *chorus_starter_rules(size_t *length) {
    *length = sizeof starter_rules;
    return starter_rules;
}

// What people agree to: a line of a file is a sentence or two. A text that somebody has agreed to is never changed or removed; a new
// version is three new files, and their lines stand after the older ones of the same purpose.

static const unsigned char consents_mail_2026_11_de_txt[] = {
#embed "consents/mail.2026-11.de.txt"
};

static const unsigned char consents_mail_2026_11_de_simple_txt[] = {
#embed "consents/mail.2026-11.de-simple.txt"
};

static const unsigned char consents_mail_2026_11_en_txt[] = {
#embed "consents/mail.2026-11.en.txt"
};

static const unsigned char consents_membership_2026_11_de_txt[] = {
#embed "consents/membership.2026-11.de.txt"
};

static const unsigned char consents_membership_2026_11_de_simple_txt[] = {
#embed "consents/membership.2026-11.de-simple.txt"
};

static const unsigned char consents_membership_2026_11_en_txt[] = {
#embed "consents/membership.2026-11.en.txt"
};

static const chorus_consent_text consent_texts[] = {
    {"mail", "2026-11", "de", consents_mail_2026_11_de_txt, sizeof consents_mail_2026_11_de_txt},
    {"mail", "2026-11", "de-simple", consents_mail_2026_11_de_simple_txt, sizeof consents_mail_2026_11_de_simple_txt},
    {"mail", "2026-11", "en", consents_mail_2026_11_en_txt, sizeof consents_mail_2026_11_en_txt},
    {"membership", "2026-11", "de", consents_membership_2026_11_de_txt, sizeof consents_membership_2026_11_de_txt},
    {"membership", "2026-11", "de-simple", consents_membership_2026_11_de_simple_txt, sizeof consents_membership_2026_11_de_simple_txt},
    {"membership", "2026-11", "en", consents_membership_2026_11_en_txt, sizeof consents_membership_2026_11_en_txt},
};

const chorus_consent_text *chorus_consent_texts(size_t *count) {
    *count = sizeof consent_texts / sizeof consent_texts[0];
    return consent_texts;
}
