import AnonymousTokens
import Foundation
import Postgres

/// Fills an empty town through the HTTP API, as real clients would; only accounts are made directly.
struct DemoBuilder {
    let server: Server
    let client: DemoClient
    private var generator: SeededGenerator

    init(server: Server, port: Int, seed: UInt64) {
        self.server = server
        client = DemoClient(port: port)
        generator = SeededGenerator(seed: seed)
    }

    private var parts: ServerParts { server.parts }

    mutating func build() async throws -> DemoTown.Ready {
        let network = try await parts.createNetwork(
            NewNetwork(slug: "musterhafen", name: "Netzwerk Vielfalt Musterhafen", employer: "Stadt Musterhafen"),
            keyNoticeDays: 0
        )
        let home = "/v1/networks/\(network.id.text)"
        let units = try await makeUnits(network)
        let signIns = try await makeSignIns(network)
        let staff = try await makeTokens(network, signIns)
        let members = try await makeMembers(network, units)
        guard let coordinator = staff["coordinator"], let organiser = staff["organiser"],
            let moderator = staff["moderator"],
            let hr = staff["hr"]
        else { throw OperationRefusal("The demo town has no staff.") }
        try await makeEvents(home, organiser, members)
        let channels = try await makeChannels(home, coordinator)
        let closed = try await makeRound(home, coordinator, title: "Arbeitsklima im Frühjahr", closes: 1)
        let people = members.map(\.token) + [coordinator, organiser, moderator]
        var wallets = try await client.wallets(of: people, network: network.id.text)
        try await writeMessages(channels, &wallets)
        try await vote(in: closed, &wallets, units: units, members: members)
        _ = try await Mixer(parts: parts).mix(now: true)
        try await moderate(home, channels, moderator)
        // What the team says goes through the mixer too.
        _ = try await Mixer(parts: parts).mix(now: true)
        let release = try await client.send("PUT", "\(home)/rounds/\(closed.id)/closure", as: coordinator)
        _ = try await makeRound(home, coordinator, title: "Aufstieg und Fortbildung", closes: 21)
        try await recommend(home, network, coordinator, hr, release: release["id"].string, items: closed.items)
        return DemoTown.Ready(
            url: "",
            network: network.id.text,
            signIns: signIns,
            private: server.privateURI,
            record: server.recordURI
        )
    }

    // MARK: People

    private func makeUnits(_ network: Network) async throws -> [UUID] {
        let ids = DemoContent.units.map { _ in UUID() }
        _ = try await parts.databases.member.execute(
            ReplaceUnits(network: network.id, units: zip(ids, DemoContent.units).map { ($0, $1, nil) }),
            network: network.id
        )
        return ids
    }

    private func makeSignIns(_ network: Network) async throws -> [DemoTown.Ready.SignIn] {
        let people: [(role: String, email: String, name: String, roles: [String])] = [
            ("member", "mitglied1", "Amina Aydın", ["member"]), ("member", "mitglied2", "Bartosz Novak", ["member"]),
            ("organiser", "organisation", "Cem Kaya", ["member", "organiser"]),
            ("moderator", "moderation", "Dilara Haddad", ["member", "moderator"]),
            ("coordinator", "koordination", "Elif Demir", ["member", "coordinator"]),
            ("hr", "personal", "Hanna Petersen", ["hr"]), ("council", "personalrat", "Georg Lindner", ["council"]),
            ("admin", "technik", "Ines Ferrari", []),
        ]
        var signIns: [DemoTown.Ready.SignIn] = []
        for person in people {
            let password = "hafen-\(Credential().text.prefix(14))"
            let email = "\(person.email)@musterhafen.example"
            _ = try await server.createAccount(
                email: email,
                password: password,
                displayName: person.name,
                isAdmin: person.role == "admin",
                network: person.role == "admin" ? nil : network.slug,
                roles: person.roles
            )
            signIns.append(.init(role: person.role, email: email, password: password))
        }
        return signIns
    }

    /// API tokens of those who can sign in, by role.
    private func makeTokens(_ network: Network, _ signIns: [DemoTown.Ready.SignIn]) async throws -> [String: String] {
        var tokens: [String: String] = [:]
        for signIn in signIns {
            guard let account = try await parts.databases.member.first(ReadAccountByEmail(email: signIn.email)) else {
                continue
            }
            let credential = Credential()
            _ = try await parts.databases.member.execute(
                InsertAPIToken(
                    tokenHash: credential.hash,
                    id: UUID(),
                    account: account.id,
                    name: "Einrichtung der Musterstadt",
                    scopes: [.read, .write],
                    expiresOn: PostgresDate.today(in: .gmt).adding(days: 1)
                )
            )
            // They are made up, and so is their yes; those of the roster are asked when they sign in, as in a real town.
            _ = try await parts.databases.member.execute(
                UpsertConsent(
                    account: account.id,
                    purpose: .membership,
                    textVersion: parts.consentTexts.versionInForce(of: .membership),
                    day: PostgresDate.today(in: .gmt)
                )
            )
            tokens[signIn.role] = credential.text
        }
        return tokens
    }

    private mutating func makeMembers(_ network: Network, _ units: [UUID]) async throws -> [DemoMember] {
        var lines = [["email", "displayName", "unit", "locale"]]
        var places: [Int] = []
        // With those who can sign in the network has sixty people inside it.
        for index in 0..<55 {
            let first = DemoContent.firstNames[index % DemoContent.firstNames.count]
            let last = DemoContent.lastNames.randomElement(using: &generator) ?? ""
            let unit = index % units.count
            places.append(unit)
            let locale = ["de", "de", "en", "de-simple"].randomElement(using: &generator) ?? "de"
            lines.append(["m\(index + 1)@musterhafen.example", "\(first) \(last)", DemoContent.units[unit], locale])
        }
        let tokens = try await server.importRoster(CSV.text(lines), network: network.slug)
        return zip(CSV.rows(tokens).dropFirst(), places).map { DemoMember(token: $0[1], unit: $1) }
    }

    // MARK: Events

    private mutating func makeEvents(_ home: String, _ organiser: String, _ members: [DemoMember]) async throws {
        for event in DemoContent.events {
            let start = startOfDay(event.days).addingTimeInterval(16 * 3_600)
            let setting = DemoContent.setting(of: event.kind)
            let body: [String: JSONValue] = [
                "title": .string(event.title), "kind": .string(event.kind.rawValue),
                "location": .string(setting.location),
                "description": .string(setting.description),
                "startsAt": .string(RFC3339.string(start)),
                "endsAt": .string(RFC3339.string(start.addingTimeInterval(5_400))),
                "capacity": event.capacity.map { .integer($0) } ?? .null,
            ]
            let made = try await client.send("POST", "\(home)/events", body, as: organiser)
            let wanted = event.capacity == 12 ? 19 : Int.random(in: 3...14, using: &generator)
            for member in members.shuffled(using: &generator).prefix(wanted) {
                let answer = event.capacity == 12 || Int.random(in: 0..<5, using: &generator) > 0 ? "going" : "maybe"
                _ = try await client.send(
                    "PUT",
                    "\(home)/events/\(made["id"].string)/rsvp",
                    ["answer": .string(answer)],
                    as: member.token
                )
            }
        }
    }

    private func startOfDay(_ days: Int) -> Date {
        let today = (parts.now().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400
        return Date(timeIntervalSince1970: today + Double(days) * 86_400)
    }

    // MARK: Voices

    private func makeChannels(_ home: String, _ coordinator: String) async throws -> [DemoChannel] {
        var channels: [DemoChannel] = []
        for channel in DemoContent.channels {
            let themes = channel.themes.map {
                JSONValue.object(["name": .string($0), "sensitive": .bool(channel.kind == .report)])
            }
            let clock: JSONValue =
                channel.kind == .report ? .object(["acknowledgeDays": .integer(7), "answerDays": .integer(90)]) : .null
            let body: [String: JSONValue] = [
                "name": .string(channel.name), "description": .string(channel.description),
                "policy": .string(channel.policy),
                "kind": .string(channel.kind.rawValue), "themes": .array(themes), "clock": clock,
            ]
            let made = try await client.send("POST", "\(home)/channels", body, as: coordinator)
            channels.append(DemoChannel(id: made["id"].string, themes: made["themes"].array.map { $0["id"].string }))
        }
        return channels
    }

    private mutating func writeMessages(_ channels: [DemoChannel], _ wallets: inout [DemoWallet]) async throws {
        for index in 0..<40 {
            let channel = channels[index % channels.count]
            let text = DemoContent.messages[index % channels.count][index / channels.count]
            let message: [String: JSONValue] = [
                "channel": .string(channel.id),
                "theme": channel.themes.randomElement(using: &generator).map { .string($0) } ?? .null,
                "unit": .null, "showUnit": .bool(false), "rating": .integer(Int.random(in: 1...5, using: &generator)),
                "text": .string(text), "language": .string("de"),
            ]
            let place = index % wallets.count
            try await client.submit(wallets[place].takeMessage(), ["message": .object(message)])
        }
    }

    private func moderate(_ home: String, _ channels: [DemoChannel], _ moderator: String) async throws {
        for channel in channels {
            let path = "\(home)/channels/\(channel.id)/messages"
            let messages = try await client.send("GET", "\(path)?limit=200", as: moderator)["items"].array
            for (index, message) in messages.enumerated() where index % 3 != 2 {
                let id = message["id"].string
                _ = try await client.send("PUT", "\(path)/\(id)/moderation", ["state": .string("open")], as: moderator)
                if index % 3 == 1 {
                    let text = "Danke für diesen Hinweis. Wir nehmen ihn in die nächste Runde mit dem Personalrat mit."
                    _ = try await client.send("POST", "\(path)/\(id)/replies", ["text": .string(text)], as: moderator)
                }
            }
        }
    }

    // MARK: Rounds

    private func makeRound(_ home: String, _ coordinator: String, title: String, closes: Int) async throws -> DemoRound
    {
        let items = DemoContent.items.map { JSONValue.object(["text": .string($0), "theme": .null]) }
        let body: [String: JSONValue] = [
            "title": .string(title), "opensAt": .string(RFC3339.string(startOfDay(-14))),
            "closesAt": .string(RFC3339.string(startOfDay(closes))), "items": .array(items),
            "audience": .object(["kind": .string("network")]), "scheme": .string("S1"),
        ]
        let made = try await client.send("POST", "\(home)/rounds", body, as: coordinator)
        let id = made["id"].string
        _ = try await client.send("PUT", "\(home)/rounds/\(id)/opening", as: coordinator)
        return DemoRound(id: id, items: made["items"].array.map { $0["id"].string })
    }

    private mutating func vote(
        in round: DemoRound,
        _ wallets: inout [DemoWallet],
        units: [UUID],
        members: [DemoMember]
    ) async throws {
        for index in wallets.indices {
            guard let token = wallets[index].take(scope: round.id) else { continue }
            let unit = index < members.count ? units[members[index].unit] : nil
            let answers = round.items.enumerated().map { place, item -> JSONValue in
                let mood = [2, 3, 3, 4, 4, 5, 1][(index + place) % 7]
                let rating = min(5, max(1, mood + Int.random(in: -1...1, using: &generator)))
                return .object(["item": .string(item), "rating": .integer(rating)])
            }
            let ballot: [String: JSONValue] = [
                "round": .string(round.id), "unit": unit.map { .string($0.text) } ?? .null, "answers": .array(answers),
            ]
            try await client.submit(token, ["ballot": .object(ballot)])
        }
    }

    // MARK: Recommendations

    private func recommend(
        _ home: String,
        _ network: Network,
        _ coordinator: String,
        _ hr: String,
        release: String,
        items: [String]
    ) async throws {
        let cells = try await client.send(
            "GET",
            "/v1/hr/networks/\(network.id.text)/releases/\(release)/tables/item",
            as: hr
        )["cells"]
        let released = cells.array.map { $0["item"].string }
        let today = PostgresDate.today(in: network.zone, at: parts.now()).description
        let heard = JSONValue.object([
            "kind": .string("hearing"), "reference": .string("Anhörung im Rathaus"), "on": .string(today),
        ])
        for (index, text) in DemoContent.recommendations.enumerated() {
            let evidence = released.dropFirst(index).prefix(1).map { item in
                JSONValue.object(["release": .string(release), "table": .string("item"), "item": .string(item)])
            }
            let body: [String: JSONValue] = [
                "title": .string(text.title), "text": .string(text.text), "measure": .string(text.measure),
                "theme": .null,
                "evidence": .array(evidence),
                "provenance": .array(evidence.isEmpty ? [heard] : []),
            ]
            let path = try await client.send("POST", "\(home)/recommendations", body, as: coordinator)["id"].string
            guard index > 0 else { continue }
            let due = PostgresDate.today(in: network.zone, at: parts.now()).adding(days: 14 * index).description
            _ = try await client.send(
                "PUT",
                "\(home)/recommendations/\(path)/publication",
                ["answerDueOn": .string(due)],
                as: coordinator
            )
            let record = "/v1/hr/networks/\(network.id.text)/recommendations/\(path)"
            if let reply = DemoContent.answers[index] {
                let answer: [String: JSONValue] = [
                    "decision": .string(reply.decision), "text": .string(reply.text),
                    "responsible": .string("Amt für Personal und Organisation"), "dueOn": .string(due),
                ]
                _ = try await client.send("PUT", "\(record)/answer", answer, as: hr)
            }
            if index > 2 {
                let outcome: [String: JSONValue] = [
                    "status": .string("underway"), "text": .string("Die ersten fünf Formulare sind in der Prüfgruppe."),
                    "on": .string(PostgresDate.today(in: network.zone, at: parts.now()).description),
                ]
                _ = try await client.send("POST", "\(record)/outcomes", outcome, as: hr)
            }
        }
    }
}

/// Somebody of the town.
struct DemoMember {
    let token: String
    let unit: Int
}

struct DemoChannel {
    let id: String
    let themes: [String]
}

struct DemoRound {
    let id: String
    let items: [String]
}
