"""Judges a history of what clients asked and were told, knowing nothing of the server (the idea of Jepsen's Knossos and Elle).

A history is a list of records, each a dictionary with `type` and, in seconds of one monotonic clock, `start` and `end`:

- `rsvp`: `event`, `member`, `answer` (going, maybe, declined, none), `outcome`. One client alone answers for a member, one
  answer at a time. `none` takes back.
- `capacity`: `event`, `capacity`, `outcome`; one client alone changes an event, one change at a time.
- `read`: what a member saw of an event: `event`, `member`, `slot`, `mine`, `going`, `waitlisted`, `capacity`.
- `attendees`: what the organiser saw: `event`, `people` (member: [status, position in the queue or null]).
- `submission`: one sending of an anonymous message: `text`, `outcome`, and `spent` when it was refused as sent before.
- `messages`: the texts of all messages in the end, after the last mix.
- `kill`: `what` was killed at `start`.

The outcome is `ok`, `refused` or `unknown`; an unknown operation may have happened, or may still happen until it is dead.
"""

import bisect
import collections

# A server waits 5 s for a connection, and a statement runs 30 s at most: later than this nothing abandoned happens any more.
LONGEST = 36.0
# What waits in a server for a connection survives one end of PostgreSQL, but not longer than the wait; and no query survives.
WAITING = 6.0
# A server that is not told of another's change does not trust what it has kept for longer (`Changes.patience`, and a beat).
STALENESS = 5.0
BEGINNING = float("-inf")


class Register:
    """One value with one writer, some of whose writes have an unknown end."""

    def __init__(self, initial, writes, dead):
        # Refused writes did not happen.
        self.writes = [(BEGINNING, BEGINNING, initial, True)]
        self.writes += [(w["start"], w["end"], value, w["outcome"] == "ok") for w, value in writes if w["outcome"] != "refused"]
        self.starts = [write[0] for write in self.writes]
        self.dead = dead

    def possible(self, begin, end):
        """The values that somebody may see who looks at some moment from `begin` to `end`."""
        found, settled = set(), None
        for start, stop, value, is_known in reversed(self.writes[:bisect.bisect_right(self.starts, end)]):
            if settled is not None:
                # Older than what was surely the last one to be taken: only a straggler can come after it.
                if stop < settled - LONGEST:
                    break
                if not is_known and self.dead(stop) > settled:
                    found.add(value)
                continue
            found.add(value)
            if is_known and stop <= begin:
                settled = start
        return found


class Wait:
    """Since when a member has been in the queue or on a seat, between two bounds, after each of their answers."""

    def __init__(self, answers, dead):
        self.starts, self.states = [], []
        latest = earliest = None
        unsure_until = busy_until = BEGINNING
        stragglers = []
        for one in answers:
            start, end, joins = one["start"], one["end"], one["answer"] == "going"
            if one["outcome"] == "unknown":
                busy_until = max(busy_until, dead(end))
                if joins:
                    stragglers.append((start, dead(end)))
                    earliest = start if earliest is None else earliest
                else:
                    latest, unsure_until = None, max(unsure_until, dead(end))
            elif one["outcome"] == "ok" and joins:
                # A withdrawal that comes late may have ended an earlier wait.
                latest = end if latest is None or latest < unsure_until else latest
                earliest = start if earliest is None else earliest
            elif one["outcome"] == "ok":
                latest = None
                earliest = min((begun for begun, gone in stragglers if gone > start), default=None)
            busy_until = max(busy_until, end)
            self.starts.append(start)
            self.states.append((latest, earliest, busy_until))

    def bounds(self, begin, end):
        """Latest and earliest beginning of the wait that somebody sees from `begin` to `end`; nothing while it may change."""
        place = bisect.bisect_right(self.starts, end)
        latest, earliest, busy_until = self.states[place - 1] if place else (None, None, BEGINNING)
        return (None, None) if busy_until >= begin else (latest, earliest)


class Checker:
    def __init__(self, history):
        self.by_type = collections.defaultdict(list)
        for record in sorted(history, key=lambda record: record["start"]):
            self.by_type[record["type"]].append(record)
        self.ends = [record["start"] for record in self.by_type["kill"] if record["what"] == "postgres"]
        self.violations = []
        self.answers = self.grouped("rsvp", lambda one: (one["event"], one["member"]))
        self.changes = self.grouped("capacity", lambda one: one["event"])
        # What a member was told when they came, by the end of that answer.
        self.told = {
            (one["event"], one["member"], one["end"]): one.get("told") for one in self.by_type["rsvp"] if one["outcome"] == "ok"}

    def grouped(self, kind, key):
        groups = collections.defaultdict(list)
        for record in self.by_type[kind]:
            groups[key(record)].append(record)
        return groups

    def dead(self, end):
        """When an operation with an unknown end can no longer happen."""
        place = bisect.bisect_right(self.ends, end + WAITING)
        return min([end + LONGEST] + [ended + 1 for ended in self.ends[place:place + 1]])

    def complain(self, text, record):
        self.violations.append(f"{text} (seen from {record['start']:.3f} to {record['end']:.3f} s)")

    def check(self):
        self.check_errors()
        self.check_answers()
        self.check_capacity()
        self.check_queue()
        self.check_messages()
        return self.violations

    def check_errors(self):
        """What a client is told is a reason that it can act on, whatever was killed."""
        for kind in ("rsvp", "capacity", "submission", "read", "attendees"):
            for record in self.by_type[kind]:
                if record.get("status") == 500:
                    self.complain(f"{kind} was answered with 500", record)

    # MARK: Answers

    def check_answers(self):
        """What is seen of a member's answer is their last acknowledged one, or one of unknown end that may have come after it."""
        registers = {
            key: Register("none", [(one, one["answer"]) for one in answers], self.dead) for key, answers in self.answers.items()}
        untouched = Register("none", [], self.dead)
        for read in self.by_type["read"]:
            register = registers.get((read["event"], read["member"]), untouched)
            possible = register.possible(read["start"] - self.staleness(read), read["end"])
            if read["mine"] not in possible:
                self.complain(f"{read['member']} sees the answer {read['mine']} to {read['event']}, not {sorted(possible)}", read)
        members = {member for _, member in registers}
        for seen in self.by_type["attendees"]:
            for member in members:
                register = registers.get((seen["event"], member), untouched)
                possible = register.possible(seen["start"], seen["end"])
                status = seen["people"].get(member, ["none"])[0]
                answer = "going" if status == "waitlisted" else status
                if answer not in possible:
                    self.complain(f"{member} is listed as {answer} of {seen['event']}, not as {sorted(possible)}", seen)

    def staleness(self, read):
        """A server that has acknowledged the last answer itself must know it at once."""
        answers = self.answers.get((read["event"], read["member"]), [])
        place = bisect.bisect_right([one["start"] for one in answers], read["start"])
        last = answers[place - 1] if place else None
        is_own = last is None or (last["outcome"] == "ok" and last["slot"] == read["slot"])
        return 0 if is_own or read.get("final") else STALENESS

    # MARK: Capacity

    def check_capacity(self):
        """A seat is given only while there is a free one, and no free one is left while somebody waits."""
        registers = {
            event: Register(changes[0].get("before"), [(one, one["capacity"]) for one in changes], self.dead)
            for event, changes in self.changes.items()}
        last = {}
        seen = self.by_type["read"] + [self.counted(one) for one in self.by_type["attendees"]]
        for one in sorted(seen, key=lambda one: one["end"]):
            event, capacity = one["event"], one.get("capacity")
            slack = 0 if one["slot"] == "database" else STALENESS
            register = registers.get(event)
            if capacity is not None and register:
                possible = register.possible(one["start"] - slack, one["end"])
                if capacity not in possible:
                    self.complain(f"{event} shows the capacity {capacity}, not {sorted(possible)}", one)
            if capacity is not None and one["waitlisted"] > 0 and one["going"] < capacity:
                self.complain(f"{event} has a free seat and {one['waitlisted']} who wait", one)
            if capacity is not None and not self.is_ever_lowered(event) and one["going"] > capacity:
                self.complain(f"{event} has {one['going']} on {capacity} seats", one)
            before = last.get((event, one["slot"]))
            if before is None or before["end"] < one["start"]:
                self.check_growth(register, before, one, slack)
                last[event, one["slot"]] = one

    def check_growth(self, register, before, one, slack):
        """After a capacity was lowered people keep their seats, but nobody gets one until there are fewer than it allows."""
        if register is None:
            return
        begin = before["start"] if before else BEGINNING
        most = max(register.possible(begin - slack, one["end"]) | {before["going"] if before else 0})
        if one["going"] > most:
            self.complain(f"{one['event']} has {one['going']} on their seats, where {most} was the most", one)

    def is_ever_lowered(self, event):
        last = None
        for change in self.changes.get(event, []):
            last = change.get("before") if last is None else last
            if change["outcome"] != "refused" and change["capacity"] < last:
                return True
            last = max(last, change["capacity"])
        return False

    @staticmethod
    def counted(seen):
        statuses = collections.Counter(status for status, _ in seen["people"].values())
        return {
            "event": seen["event"], "slot": "database", "start": seen["start"], "end": seen["end"],
            "going": statuses["going"], "waitlisted": statuses["waitlisted"]}

    # MARK: The queue

    def check_queue(self):
        """Who began to wait after somebody else had been told that they wait neither stands before them nor sits."""
        waits = collections.defaultdict(dict)
        for (event, member), answers in self.answers.items():
            waits[event][member] = Wait(answers, self.dead)
        places = {}
        for seen in self.by_type["attendees"]:
            event = seen["event"]
            queue = sorted(position for status, position in seen["people"].values() if status == "waitlisted")
            if queue != list(range(1, len(queue) + 1)):
                self.complain(f"the queue of {event} has the places {queue}", seen)
            bounds = {
                member: waits[event][member].bounds(seen["start"], seen["end"])
                for member in seen["people"] if member in waits[event]}
            self.check_order(seen, bounds)
            self.check_places(seen, bounds, places)

    def check_order(self, seen, bounds):
        waiting = [
            (bounds[member][0], position, member) for member, (status, position) in seen["people"].items()
            if status == "waitlisted" and member in bounds and bounds[member][0] is not None]
        for latest, position, member in waiting:
            for other, (status, place) in seen["people"].items():
                earliest = bounds.get(other, (None, None))[1]
                if other == member or earliest is None or earliest <= latest:
                    continue
                if status == "going" or status == "waitlisted" and place < position:
                    self.complain(
                        f"{other} came to {seen['event']} after {member}, who waits on place {position}, and has {status} {place}",
                        seen)

    def check_places(self, seen, bounds, places):
        """Nobody who only waits moves back, and nobody who only sits loses the seat, which counts as place 0."""
        for member, (status, position) in seen["people"].items():
            latest = bounds.get(member, (None, None))[0]
            if status not in ("going", "waitlisted") or latest is None:
                continue
            key, place = (seen["event"], member), position or 0
            first = 0 if self.told.get((*key, latest)) == "going" else place
            since, before, end = places.get(key, (None, None, BEGINNING))
            if since != latest:
                before, end = first, BEGINNING
            if end < seen["start"] and place > before:
                self.complain(f"{member} is on place {place} of {seen['event']}, after place {before}", seen)
            places[key] = (latest, place, seen["end"])

    # MARK: Messages

    def check_messages(self):
        """Every acknowledged message is there once, none is there twice, and nothing is there that nobody sent."""
        sendings = self.grouped("submission", lambda one: one["text"])
        for shown in self.by_type["messages"]:
            counts = collections.Counter(shown["texts"])
            for text, times in counts.items():
                if times > 1:
                    self.complain(f"the message {text} is there {times} times", shown)
                if text not in sendings:
                    self.complain(f"nobody has sent the message {text}", shown)
                elif all(one["outcome"] == "refused" and not one.get("spent") for one in sendings[text]):
                    self.complain(f"the message {text} was refused, and is there", shown)
            for text, sent in sendings.items():
                is_taken = any(one["outcome"] == "ok" or one.get("spent") for one in sent)
                if is_taken and text not in counts:
                    self.complain(f"the acknowledged message {text} is lost", shown)
        for text, sent in sendings.items():
            if sent[0].get("spent") and not any(one["start"] < sent[0]["end"] for one in sent[1:]):
                self.complain(f"the token of {text} was spent before it was sent", sent[0])


def figures(history):
    """What a history holds, for people."""
    kinds = collections.Counter(
        record["type"] + (f" {record['outcome']}" if "outcome" in record else "") for record in history if record["type"] != "kill")
    kills = collections.Counter(record["what"] for record in history if record["type"] == "kill")
    return kinds, kills
