import Postgres

/// What a network takes along when it leaves: every table that is a network's, or why it stays.
///
/// Rows are given as they are stored, one JSON object each, without the network's id. What may not be joined stays
/// apart here too: nothing that says who has tokens, no way back to an author, no number that was not released.
enum LeavingFile {
    /// The private database's tables that the login of members' work reads, with the columns that are left out.
    static let ofMembers: [String: [String]] = [
        "adoption": [], "answer_duty_contact": [], "audit_entry": [], "channel": [], "draft_approval": [],
        "draft_coauthor": [], "draft_comment": [], "draft_consultation": [], "draft_review": [], "draft_statement": [],
        "draft_version": [], "event": ["next_ticket"], "item": [], "join_request": [], "membership": [], "package": [],
        "privacy_ledger": [], "recommendation": [], "retention": [], "round": [], "rsvp": ["ticket", "promoted_at"],
        "rule_binding": [], "rule_catalogue": [], "suggestion_dismissal": [], "theme": [], "trusted_town": [],
        "unit": [],
    ]
    /// Those that only the moderators' login reads.
    static let ofModerators: [String: [String]] = ["message": [], "reply": []]
    /// The record's.
    static let ofRecord: [String: [String]] = [
        "answer": [], "cell": [], "change": [], "evidence": [], "outcome": [], "provenance": [], "recommendation": [],
        "release": [], "reminder": [], "review": [], "revision": [], "statement": [], "support": [],
    ]

    /// Tables of a network that stay, and why.
    static let leftOut: [String: String] = [
        "account_network": "says the same as membership",
        "anon_directory": "a row to lock", "anon_directory_version": "in directory.jsonl, with its keys",
        "anon_key": "public keys are in directory.jsonl; private ones are of no use elsewhere",
        "anon_key_network": "says the same as the directory",
        "anon_scope": "in directory.jsonl, as far as it is public",
        "anon_scope_member": "who was asked concerns nobody once the round is over",
        "audit_head": "the last entry says the same",
        "contribution": "numbers that are not released, and never become so elsewhere",
        "draft_vote": "who voted how is seen by nobody", "follow": "is shown to nobody but the member",
        "invitation": "a code is good for this server", "mail": "has not been handed over yet",
        "mail_slot": "of this server's work",
        "password_reset": "a code is good for this server", "pending_cell": "in the record, as far as it was released",
        "pending_release": "in the record", "plan_leaf": "counts of people that are not released",
        "plan_node": "counts of people that are not released", "record_clock": "a row to lock",
        "provider": "its secret is sealed under a key of this server",
        "provider_link": "under a key of this server; people link anew elsewhere",
        "provider_logout": "of this server's work", "provider_session": "nobody is signed in elsewhere by it",
        "spent_token": "is of no use without the keys", "theme_close": "of this server's work",
        "theme_rating": "numbers that are not released", "thread": "the way back to an author",
        "token_grant": "who has tokens concerns nobody", "webhook": "its secret is sealed under a key of this server",
        "webhook_delivery": "of this server's work",
    ]

    /// One statement for all tables of a login.
    static func sql(_ tables: [String: [String]]) -> String {
        tables.sorted { $0.key < $1.key }.map { table, columns in
            let without = (["network_id"] + columns).map { "'\($0)'" }.joined(separator: ", ")
            return "SELECT '\(table)', to_jsonb(t) - ARRAY[\(without)] FROM \(table) t WHERE network_id = $1"
        }.joined(separator: "\nUNION ALL ") + "\nORDER BY 1, 2"
    }
}
