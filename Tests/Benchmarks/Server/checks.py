"""What must hold after a run, however fast it was."""

import hashlib
import hmac
import os

from operations import SubmissionPath, TokenIssue
from processes import last_words


def check(town, operations):
    check_rsvps(town)
    for operation in operations:
        if isinstance(operation, SubmissionPath):
            check_submissions(town, operation)
        if isinstance(operation, TokenIssue):
            check_grants(town, operation)
    alive = town.server.process.poll() is None
    promise(town, alive, "the server is still there", "" if alive else last_words(town.server.process))


def promise(town, holds, text, fault):
    print(f"{'ok   ' if holds else 'WRONG'} {text}" + ("" if holds else f": {fault}"))
    if not holds:
        town.complain(text)


def check_rsvps(town):
    wrong = int(town.ask("""
        SELECT count(*) FROM event e LEFT JOIN (
            SELECT network_id, event_id, count(*) FILTER (WHERE status = 'going') AS going,
                count(*) FILTER (WHERE status = 'maybe') AS maybe,
                count(*) FILTER (WHERE status = 'waitlisted') AS waitlisted
            FROM rsvp GROUP BY 1, 2) r ON r.network_id = e.network_id AND r.event_id = e.id
        WHERE e.going > e.capacity OR (e.going, e.maybe, e.waitlisted)
            <> (coalesce(r.going, 0), coalesce(r.maybe, 0), coalesce(r.waitlisted, 0))
        """))
    promise(town, wrong == 0, "RSVPs: counters exact, no event over its capacity", f"{wrong} events are wrong")


def check_submissions(town, operation):
    """Nothing is staged twice or was never sent, and each one that was acknowledged is staged.

    wrk leaves without waiting for the last answers: of what it sent in the last moments of a run only the number of
    answers is known, of all before that each by itself.
    """
    operation.keep()
    rows = town.rows("SELECT batch_id, encode(tag, 'hex') FROM anon_inbox WHERE length(receipt_tag) = 32")
    staged = {tag for _, tag in rows}
    keys = []
    for batch in {batch for batch, _ in rows}:
        with open(os.path.join(town.data, "batch-keys", batch), "rb") as file:
            keys.append(file.read())
    tags = {token: {tag(key, token) for key in keys} for token in operation.sent}
    strangers = staged.difference(*tags.values())
    lost = [token for token in operation.certain if staged.isdisjoint(tags[token])]
    promise(
        town, len(rows) == len(staged) >= operation.acknowledged and not strangers and not lost,
        f"submissions: {operation.acknowledged} acknowledged, each staged once; {len(operation.certain)} looked up",
        f"{len(rows)} are staged, {len(strangers)} of them were never sent; {len(lost)} are lost")


def tag(batch_key, token_input):
    """The name of a submission in the inbox: HMAC of the token's nullifier under the batch's key."""
    nullifier = hashlib.sha256(b"nullifier-v1" + token_input).digest()
    return hmac.digest(batch_key, nullifier, "sha256").hex()


def check_grants(town, operation):
    added = operation.count_grants() - operation.grants
    promise(
        town, operation.acknowledged <= added <= operation.made,
        f"token issue: {operation.acknowledged} members got tokens, each is noted once", f"{added} are noted")
