import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/events`.
struct EventRoutes: Sendable {
    static let parameters: [String: Set<String>] = [
        "/v1/networks/{network}/events": ["from", "to", "kind", "limit", "after"],
        "/v1/networks/{network}/events/{event}/attendees": ["limit", "after"],
    ]

    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("events", use: list)
        member.post("events", use: create)
        member.get("events/{event}.ics", use: calendar)
        member.get("events/{event}", use: read)
        member.patch("events/{event}", use: update)
        member.delete("events/{event}", use: cancel)
        member.put("events/{event}/rsvp", use: answer)
        member.delete("events/{event}/rsvp", use: withdraw)
        member.get("events/{event}/attendees", use: attendees)
    }

    private var pool: PostgresPool { parts.databases.member }

    private func list(_ request: Request, _ context: MemberContext) async throws -> Response {
        let place = parts.ready.place(for: request, of: context.member, .insiders, .events)
        if let ready = parts.ready.answer(at: place) { return ready.response(for: request) }
        let page = try PageRequest(request, keys: 2)
        var after: (Date, UUID)?
        if let text = page.after?.first, let id = try page.afterId() {
            guard let micros = Int(text) else {
                throw Problem(.malformed, errors: [.init(pointer: "after", detail: "is not a cursor of this list")])
            }
            after = (Date(timeIntervalSince1970: Double(micros) / 1_000_000), id)
        }
        let events = try await pool.execute(
            ReadEvents(
                network: context.network,
                member: context.member.id,
                from: try request.queryInstant("from"),
                to: try request.queryInstant("to"),
                kind: try request.queryChoice("kind"),
                after: after,
                limit: page.limit
            ),
            network: context.network
        )
        let found = Page(
            events.map { Item(event: $0, answer: EventAnswer($0, for: context.member)) },
            limit: page.limit
        ) {
            ["\(Int(($0.event.startsAt.timeIntervalSince1970 * 1_000_000).rounded()))", $0.event.id.text]
        }
        if place.isOpen, let answers = try await answers(to: found.items.map(\.event), context.network) {
            let link = Representation.link(to: found.next, for: request)
            let page = try EventPage(found.items.map(\.event), next: found.next, link: link, answers: answers)
            parts.ready.keep(page.shared, at: place, weight: page.weight) { page.page(of: $0) }
            return page.page(of: context.member.id).response(for: request)
        }
        let isShared = events.allSatisfy { $0.looksAlike(to: context.member) }
        return parts.ready.keep(try Representation(found, for: request), at: place, isShared: isShared)
            .response(for: request)
    }

    /// All answers to the events of a page; `nil` when there are too many to keep.
    private func answers(to events: [Event], _ network: UUID) async throws -> [ReadPageRSVPs.Row]? {
        guard events.reduce(0, { $0 + $1.going + $1.maybe + $1.waitlisted }) <= ReadPageRSVPs.most else { return nil }
        let statement = ReadPageRSVPs(network: network, events: events.map(\.id))
        let answers = try await pool.execute(statement, network: network)
        return answers.count <= ReadPageRSVPs.most ? answers : nil
    }

    /// An event of a page, with what its cursor is made of.
    private struct Item: Encodable, Sendable {
        let event: Event
        let answer: EventAnswer
        func encode(to encoder: any Encoder) throws { try answer.encode(to: encoder) }
    }

    private func find(_ context: MemberContext) async throws -> Event {
        let id = try context.id("event")
        let statement = ReadEvent(network: context.network, member: context.member.id, id: id)
        guard let event = try await pool.first(statement, network: context.network) else { throw Problem(.notFound) }
        return event
    }

    private func read(_ request: Request, _ context: MemberContext) async throws -> Response {
        let place = parts.ready.place(for: request, of: context.member, .insiders, .events)
        if let ready = parts.ready.answer(at: place) { return ready.response(for: request) }
        let event = try await find(context)
        let answer = try Representation(EventAnswer(event, for: context.member), version: event.version)
        return parts.ready.keep(answer, at: place, isShared: event.looksAlike(to: context.member))
            .response(for: request)
    }

    private func create(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.organiser)
        let input = try await request.decode(NewEvent.self)
        let network = try await parts.network(context.network)
        let timeZone = input.timeZone ?? network.timeZone
        let zone = TimeZone(identifier: timeZone) ?? .gmt
        let starts = try input.rule?.occurrences(from: input.startsAt, in: zone) ?? [input.startsAt]
        let series = input.rule == nil ? nil : UUID()
        let ids = starts.map { _ in UUID() }
        try await pool.transaction(network: network.id) { transaction in
            for (id, start) in zip(ids, starts) {
                _ = try await transaction.execute(
                    InsertEvent(
                        network: network.id,
                        id: id,
                        series: series,
                        organiser: context.member.id,
                        event: input,
                        startsAt: start,
                        timeZone: timeZone,
                        now: parts.now()
                    )
                )
            }
        }
        let statement = ReadEvent(network: network.id, member: context.member.id, id: ids[0])
        guard let event = try await pool.first(statement, network: network.id) else { throw Problem(.internal) }
        return try .created(
            EventAnswer(event, for: context.member),
            at: "/v1/networks/\(network.id.text)/events/\(event.id.text)",
            version: event.version
        )
    }

    private func update(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.organiser)
        let expected = try request.expectedVersion()
        let change = try await request.decode(EventChange.self)
        let event = try await find(context)
        guard !event.isCancelled else { throw Problem(.eventCancelled) }
        try change.check(against: event)
        let network = context.network
        try await pool.transaction(network: network) { transaction in
            let statement = UpdateEvent(
                network: network,
                id: event.id,
                expected: expected,
                change: change,
                now: parts.now()
            )
            guard try await transaction.first(statement) != nil else { throw Problem(.stale) }
            _ = try await transaction.execute(PromoteWaitlist(network: network, event: event.id))
        }
        let changed = try await find(context)
        return try .read(EventAnswer(changed, for: context.member), for: request, version: changed.version)
    }

    private func cancel(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.organiser)
        let statement = CancelEvent(network: context.network, id: try context.id("event"), now: parts.now())
        guard try await pool.first(statement, network: context.network) != nil else { throw Problem(.notFound) }
        return .noContent
    }

    // MARK: RSVP

    private func answer(_ request: Request, _ context: MemberContext) async throws -> Response {
        let reply = try await request.decode(RSVPInput.self).answer
        return try .json(RSVPAnswer(reply, try await save(reply, context)))
    }

    private func withdraw(_ request: Request, _ context: MemberContext) async throws -> Response {
        _ = try await save(nil, context)
        return .noContent
    }

    private func save(_ reply: RSVPReply?, _ context: MemberContext) async throws -> RSVPOutcome {
        let event = try context.id("event")
        let wish = RSVPWish(network: context.network, event: event, member: context.member.id, reply: reply)
        let outcome = try await parts.rsvps.submit(wish)
        if let problem = outcome.problem { throw Problem(problem) }
        return outcome
    }

    /// Names are for the organiser of this very event; everybody else sees counts.
    private func attendees(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.organiser)
        let page = try PageRequest(request, keys: 2)
        let event = try await find(context)
        guard event.organiser == context.member.id else { throw Problem(.forbidden) }
        let found = try await pool.execute(
            ReadAttendees(
                network: context.network,
                event: event.id,
                afterName: page.after?.first,
                afterId: try page.afterId(),
                limit: page.limit
            ),
            network: context.network
        )
        return try .read(Page(found, limit: page.limit, cursor: { [$0.name, $0.membership.text] }), for: request)
    }

    private func calendar(_ request: Request, _ context: MemberContext) async throws -> Response {
        let event = try await find(context)
        let account = try await pool.first(ReadAccount(id: context.identity.account))
        let calendar = CalendarObject(
            network: context.network,
            events: [event],
            attendee: CalendarObject.Attendee(membership: context.member.id, email: account?.email),
            showsOnlineUrl: { $0.ownStatus == "going" || $0.organiser == context.member.id }
        )
        return calendar.response(fileName: "event.ics")
    }
}
