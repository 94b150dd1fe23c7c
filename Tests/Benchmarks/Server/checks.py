"""What must hold after a run, however fast it was."""

import hashlib
import hmac
import os

from operations import SubmissionPath, TokenIssue
from processes import last_words


def check(bench):
    check_rsvps(bench)
    for operation in bench.chosen:
        if isinstance(operation, SubmissionPath):
            check_submissions(bench, operation)
        if isinstance(operation, TokenIssue):
            check_grants(bench, operation)
    alive = bench.server.process.poll() is None
    promise(bench, alive, "the server is still there", "" if alive else last_words(bench.server.process))


def promise(bench, holds, text, fault):
    print(f"{'ok   ' if holds else 'WRONG'} {text}" + ("" if holds else f": {fault}"))
    if not holds:
        bench.complain(text)


def check_rsvps(bench):
    wrong = int(bench.cluster.ask("chorus", """
        SELECT count(*) FROM event e LEFT JOIN (
            SELECT network_id, event_id, count(*) FILTER (WHERE status = 'going') AS going,
                count(*) FILTER (WHERE status = 'maybe') AS maybe,
                count(*) FILTER (WHERE status = 'waitlisted') AS waitlisted
            FROM rsvp GROUP BY 1, 2) r ON r.network_id = e.network_id AND r.event_id = e.id
        WHERE e.going > e.capacity OR (e.going, e.maybe, e.waitlisted)
            <> (coalesce(r.going, 0), coalesce(r.maybe, 0), coalesce(r.waitlisted, 0))
        """))
    promise(bench, wrong == 0, "RSVPs: counters exact, no event over its capacity", f"{wrong} events are wrong")


def check_submissions(bench, operation):
    """Nothing is staged twice or was never sent, and there is at least as much as was acknowledged.

    There can be a little more: wrk leaves without waiting for the last answers.
    """
    operation.keep()
    rows = bench.cluster.rows(
        "chorus", "SELECT batch_id, encode(tag, 'hex') FROM anon_inbox WHERE length(receipt_tag) = 32")
    staged = {tag for _, tag in rows}
    sent = set()
    for batch in {batch for batch, _ in rows}:
        with open(os.path.join(bench.data, "batch-keys", batch), "rb") as file:
            key = file.read()
        sent.update(tag(key, token) for token in operation.sent)
    promise(
        bench, len(rows) == len(staged) and staged <= sent and len(staged) >= operation.acknowledged,
        f"submissions: {operation.acknowledged} acknowledged, each staged once",
        f"{len(rows)} are staged, {len(staged - sent)} of them were never sent")


def tag(batch_key, token_input):
    """The name of a submission in the inbox: HMAC of the token's nullifier under the batch's key."""
    nullifier = hashlib.sha256(b"nullifier-v1" + token_input).digest()
    return hmac.digest(batch_key, nullifier, "sha256").hex()


def count_grants(bench):
    return int(bench.cluster.ask("chorus", "SELECT count(*) FROM token_grant"))


def check_grants(bench, operation):
    added = count_grants(bench) - bench.grants
    promise(
        bench, operation.acknowledged <= added <= operation.made,
        f"token issue: {operation.acknowledged} members got tokens, each is noted once", f"{added} are noted")
