"""The checker finds what was planted, and nothing in histories that are right."""

import unittest

from checker import Checker, LONGEST

E, A, B, C = "event", "anna", "bert", "cem"


def rsvp(member, answer, start, end=None, outcome="ok", slot=0):
    return {"type": "rsvp", "event": E, "member": member, "answer": answer, "start": start,
            "end": start + 0.1 if end is None else end, "outcome": outcome, "slot": slot}


def read(member, mine, start, slot=0, going=0, waitlisted=0, capacity=9, **more):
    return {"type": "read", "event": E, "member": member, "mine": mine, "start": start, "end": start + 0.1, "slot": slot,
            "going": going, "waitlisted": waitlisted, "capacity": capacity, **more}


def attendees(start, **people):
    return {"type": "attendees", "event": E, "start": start, "end": start + 0.1,
            "people": {name: [value, None] if isinstance(value, str) else ["waitlisted", value] for name, value in people.items()}}


def capacity(value, start, outcome="ok", before=2):
    return {"type": "capacity", "event": E, "capacity": value, "start": start, "end": start + 0.1, "outcome": outcome,
            "before": before}


def submission(text, start, outcome="ok", **more):
    return {"type": "submission", "text": text, "start": start, "end": start + 0.1, "outcome": outcome, **more}


def messages(*texts):
    return {"type": "messages", "texts": list(texts), "start": 100, "end": 101}


def killed(start):
    return {"type": "kill", "what": "postgres", "start": start, "end": start}


class CheckerTests(unittest.TestCase):
    def found(self, *history):
        return Checker(list(history)).check()

    def assertRight(self, *history):
        self.assertEqual(self.found(*history), [])

    def assertWrong(self, words, *history):
        found = self.found(*history)
        self.assertTrue(any(words in one for one in found), found)

    # MARK: Answers

    def test_acknowledged_answer_is_seen(self):
        self.assertRight(rsvp(A, "going", 1), read(A, "going", 2, going=1), attendees(3, anna="going"))

    def test_lost_answer_is_found(self):
        self.assertWrong("sees the answer none", rsvp(A, "going", 1), read(A, "none", 2))
        self.assertWrong("is listed as none", rsvp(A, "going", 1), attendees(3))

    def test_withdrawal_that_is_lost_is_found(self):
        self.assertWrong("is listed as going", rsvp(A, "going", 1), rsvp(A, "none", 2), attendees(3, anna="going"))

    def test_refused_answer_that_happened_is_found(self):
        self.assertWrong("is listed as going", rsvp(A, "going", 1, outcome="refused"), attendees(3, anna="going"))

    def test_unknown_answer_may_have_happened_or_not(self):
        unknown = [rsvp(A, "going", 1), rsvp(A, "none", 2, outcome="unknown")]
        self.assertRight(*unknown, attendees(3, anna="going"))
        self.assertRight(*unknown, attendees(3))
        self.assertWrong("is listed as maybe", *unknown, attendees(3, anna="maybe"))

    def test_straggler_may_come_after_an_acknowledged_answer_until_it_is_dead(self):
        history = [rsvp(A, "going", 1, outcome="unknown"), rsvp(A, "none", 2)]
        self.assertRight(*history, attendees(3, anna="going"))
        later = 2 + LONGEST
        self.assertWrong("is listed as going", *history, rsvp(A, "maybe", later), attendees(later + 1, anna="going"))

    def test_straggler_dies_with_postgresql(self):
        history = [rsvp(A, "going", 1, outcome="unknown"), killed(8), rsvp(A, "none", 10)]
        self.assertWrong("is listed as going", *history, attendees(11, anna="going"))

    def test_another_server_may_be_late_for_a_while_and_the_same_not_at_all(self):
        history = [rsvp(A, "maybe", 1), rsvp(A, "declined", 10, slot=0)]
        self.assertRight(*history, read(A, "maybe", 12, slot=1))
        self.assertWrong("sees the answer maybe", *history, read(A, "maybe", 12, slot=0))
        self.assertWrong("sees the answer maybe", *history, read(A, "maybe", 17, slot=1))

    def test_error_is_found(self):
        self.assertWrong("answered with 500", rsvp(A, "going", 1, outcome="unknown") | {"status": 500})

    # MARK: Capacity

    def test_capacity_that_is_exceeded_is_found(self):
        self.assertRight(read(A, "none", 1, going=2, capacity=2))
        self.assertWrong("has 3 on 2 seats", read(A, "none", 1, going=3, capacity=2))

    def test_people_keep_their_seats_when_the_capacity_is_lowered(self):
        history = [capacity(4, 1), read(A, "none", 2, going=4, capacity=4), capacity(2, 3)]
        self.assertRight(*history, read(A, "none", 20, going=4, capacity=2), read(A, "none", 30, going=3, capacity=2))

    def test_seat_given_above_a_lowered_capacity_is_found(self):
        self.assertWrong(
            "where 3 was the most", capacity(4, 1), read(A, "none", 2, going=4, capacity=4), capacity(2, 3),
            read(A, "none", 20, going=3, capacity=2), read(A, "none", 30, going=4, capacity=2))

    def test_listed_people_are_counted(self):
        history = [rsvp(name, "going", 1) for name in (A, B, C)]
        self.assertWrong("has 3 on their seats", *history, capacity(1, 2, before=2), attendees(3, anna="going", bert="going", cem="going"))

    def test_free_seat_beside_a_queue_is_found(self):
        self.assertWrong("has a free seat", read(A, "none", 1, going=1, waitlisted=1, capacity=2))

    def test_lost_change_of_capacity_is_found(self):
        self.assertWrong("shows the capacity 2", capacity(4, 1), read(A, "none", 20, capacity=2))

    # MARK: The queue

    def test_order_of_acknowledged_joins_is_kept(self):
        joins = [rsvp(A, "going", 1), rsvp(B, "going", 2)]
        self.assertRight(*joins, attendees(3, anna=1, bert=2))
        self.assertWrong("came to event after anna", *joins, attendees(3, anna=2, bert=1))

    def test_overtaking_by_a_seat_is_found(self):
        self.assertWrong("came to event after anna", rsvp(A, "going", 1), rsvp(B, "going", 2), attendees(3, anna=1, bert="going"))

    def test_joins_at_the_same_time_have_any_order(self):
        self.assertRight(rsvp(A, "going", 1, 3), rsvp(B, "going", 2, 4), attendees(5, anna=2, bert=1))

    def test_saying_it_again_keeps_the_place_and_leaving_loses_it(self):
        joins = [rsvp(A, "going", 1), rsvp(B, "going", 2)]
        self.assertRight(*joins, rsvp(A, "going", 3), attendees(4, anna=1, bert=2))
        left = [*joins, rsvp(A, "none", 3), rsvp(A, "going", 4)]
        self.assertRight(*left, attendees(5, anna=2, bert=1))
        self.assertWrong("came to event after bert", *left, attendees(5, anna=1, bert=2))

    def test_unknown_withdrawal_makes_a_place_unsure(self):
        history = [rsvp(A, "going", 1), rsvp(B, "going", 2), rsvp(A, "none", 3, outcome="unknown"), rsvp(A, "going", 4)]
        self.assertRight(*history, attendees(60, anna=1, bert=2))
        self.assertRight(*history, attendees(60, anna=2, bert=1))

    def test_gap_in_the_queue_is_found(self):
        self.assertWrong("has the places [1, 3]", rsvp(A, "going", 1), rsvp(B, "going", 1), attendees(3, anna=1, bert=3))

    def test_moving_back_is_found(self):
        joins = [rsvp(A, "going", 1, 3), rsvp(B, "going", 1, 3)]
        self.assertWrong("is on place 2 of event, after place 1", *joins, attendees(4, anna=1, bert=2), attendees(5, anna=2, bert=1))

    def test_seat_that_is_lost_is_found(self):
        join = rsvp(A, "going", 1)
        self.assertRight(join, attendees(2, anna=1), attendees(3, anna="going"))
        self.assertWrong("is on place 1 of event, after place 0", join, attendees(2, anna="going"), attendees(3, anna=1))
        self.assertWrong("is on place 1 of event, after place 0", join | {"told": "going"}, attendees(3, anna=1))

    # MARK: Messages

    def test_messages_are_there_once(self):
        self.assertRight(
            submission("x", 1), submission("y", 2, "unknown"), submission("y", 3, "refused", spent=True), submission("z", 4, "unknown"),
            messages("x", "y"))

    def test_lost_message_is_found(self):
        self.assertWrong("message x is lost", submission("x", 1), messages())
        self.assertWrong("message x is lost", submission("x", 1, "unknown"), submission("x", 2, "refused", spent=True), messages())

    def test_message_that_is_there_twice_is_found(self):
        self.assertWrong("x is there 2 times", submission("x", 1), messages("x", "x"))

    def test_message_of_nobody_and_refused_one_are_found(self):
        self.assertWrong("nobody has sent", messages("x"))
        self.assertWrong("was refused, and is there", submission("x", 1, "refused"), messages("x"))

    def test_token_that_was_spent_before_is_found(self):
        self.assertWrong("was spent before", submission("x", 1, "refused", spent=True), messages("x"))


if __name__ == "__main__":
    unittest.main()
