import AnonymousTokens
import Disclosure
import Foundation

/// What came of a replay.
struct Figures: Sendable {
    var members = 0
    var messages = 0
    var uncoveredMessages = 0
    var ballots = 0
    var contributions = 0
    var published = 0
    var cells = 0
    var mismatches: [String] = []
}

/// One consultation, driven through the API from the first member to the release.
struct ReplayRun: Sendable {
    struct Item: Codable, Sendable {
        let id: UUID
        let text: String
    }

    struct Place: Codable, Sendable {
        let id: UUID
        let name: String
        var parent: UUID?
    }

    private struct Made: Decodable, Sendable {
        let id: String
    }

    let client: ReplayClient
    let operations: Operations
    let consultation: Consultation
    let places: [Place]
    let items: [Int: Item]

    init(_ consultation: Consultation, client: ReplayClient, operations: Operations) {
        self.consultation = consultation
        self.client = client
        self.operations = operations
        let departments = (1...3).map { Place(id: UUID(), name: "Abteilung \($0)") }
        places =
            departments + (0..<12).map { Place(id: UUID(), name: "Team \($0 + 1)", parent: departments[$0 % 3].id) }
        items = Dictionary(
            uniqueKeysWithValues: consultation.statements.map { ($0.number, Item(id: UUID(), text: $0.text)) }
        )
    }

    /// The unit of a person: voter-id modulo 12.
    func unit(of person: Int) -> Place { places[3 + person % 12] }

    func run() async throws -> Figures {
        var figures = Figures()
        let slug = "klimarat-\(UUID().uuidString.prefix(8).lowercased())"
        let network = try await operations.chorus(
            "network",
            "create",
            slug,
            "--name",
            "Klimarat",
            "--employer",
            "Republik",
            "--key-notice-days",
            "0"
        )
        let coordinator = try await operations.chorus("token", "create", "--role", "coordinator", "--network", network)
        let hr = try await operations.chorus("token", "create", "--role", "hr", "--network", network)
        let home = "/v1/networks/\(network)"
        try await makeUnits(home, coordinator)
        let members = try await importMembers(network)
        figures.members = members.count
        let channel = try await makeChannel(home, coordinator)
        let round = try await openRound(home, coordinator)
        let wallets = try await fetchTokens(members, network)
        (figures.messages, figures.uncoveredMessages) = try await postMessages(
            wallets,
            channel: channel,
            network: network
        )
        let voters = consultation.votes.keys.sorted()
        _ = try await each("ballots ", of: voters) { try await vote($0, wallets[$0], round: round) }
        figures.ballots = voters.count
        figures.contributions = consultation.voteCount
        report("mixing and closing")
        _ = try await client.send("PUT", "\(home)/rounds/\(round)/closure", as: coordinator)
        _ = try await operations.chorus("mix", "--now")
        let release = try await findRelease(of: round, network, hr)
        let cells = try await readCells(release, network, hr)
        figures.cells = cells.count
        figures.published = cells.reduce(0) { $0 + ($1.unit == nil ? $1.atLeast : 0) }
        figures.mismatches = truth(members: members, k: release.k).mismatches(with: cells)
        return figures
    }

    /// What the source lets the round publish.
    func truth(members: [Int: String], k: Int) -> Truth {
        let parameters = Parameters(k: k)
        let population = Dictionary(grouping: members.keys) { unit(of: $0).id }.mapValues(\.count)
        let plan = Plan(
            items: items.values.map(\.id),
            units: places.map { PlanUnit(id: $0.id, parent: $0.parent, population: population[$0.id] ?? 0) },
            // The coordinator's account is in no unit.
            unplaced: 1,
            parameters: parameters
        )
        var truth = Truth(plan: plan, parameters: parameters)
        for (voter, votes) in consultation.votes {
            for (statement, vote) in votes {
                guard let item = items[statement] else { continue }
                truth.add(item: item.id, unit: unit(of: voter).id, rating: Consultation.rating(of: vote))
            }
        }
        return truth
    }

    // MARK: Setting up

    private func makeUnits(_ home: String, _ coordinator: String) async throws {
        struct Tree: Encodable { let items: [Place] }
        let version = try await client.send("GET", "\(home)/units", as: coordinator).version
        _ = try await client.send("PUT", "\(home)/units", Tree(items: places), as: coordinator, version: version)
    }

    /// Members by number, with their sign-ins; the import is the operator's, so that password hashing is not measured.
    private func importMembers(_ network: String) async throws -> [Int: String] {
        let directory = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let roster = directory.appending(path: "roster.csv")
        let written = directory.appending(path: "tokens.csv")
        let people = consultation.people
        // An address is the same person in every network of a server: replays stay apart by the network's id.
        let address: (Int) -> String = { "p\($0)@\(network).invalid" }
        let lines = people.map { "\(address($0)),Person \($0),\(unit(of: $0).name),de" }
        let csv = (["email,displayName,unit,locale"] + lines).joined(separator: "\n") + "\n"
        try Data(csv.utf8).write(to: roster)
        _ = try await operations.chorus(
            "account",
            "import",
            roster.path,
            "--network",
            network,
            "--tokens",
            written.path
        )
        let rows = try Table(String(contentsOf: written, encoding: .utf8), columns: ["email", "token"]).rows
        let tokens = Dictionary(rows.map { ($0["email"], $0["token"]) }) { first, _ in first }
        return Dictionary(
            uniqueKeysWithValues: people.compactMap { person in tokens[address(person)].map { (person, $0) } }
        )
    }

    private func makeChannel(_ home: String, _ coordinator: String) async throws -> String {
        struct Theme: Encodable { let name: String }
        struct Channel: Encodable {
            let name = "Produktion und Konsum"
            let policy = "Aussagen aus dem Klimarat."
            let themes = [Theme(name: "Klima")]
            let kind = "suggestion"
        }
        return try await client.send("POST", "\(home)/channels", Channel(), as: coordinator, answer: Made.self).value.id
    }

    private func openRound(_ home: String, _ coordinator: String) async throws -> String {
        struct Round: Encodable {
            let title = "Produktion und Konsum"
            let opensAt: String
            let closesAt: String
            let items: [Item]
        }
        let format = Date.ISO8601FormatStyle()
        let body = Round(
            opensAt: Date.now.formatted(format),
            closesAt: Date.now.addingTimeInterval(86_400).formatted(format),
            items: consultation.statements.compactMap { items[$0.number] }
        )
        let id = try await client.send("POST", "\(home)/rounds", body, as: coordinator, answer: Made.self).value.id
        _ = try await client.send("PUT", "\(home)/rounds/\(id)/opening", as: coordinator)
        return id
    }

    // MARK: Taking part

    private func fetchTokens(_ members: [Int: String], _ network: String) async throws -> [Int: Wallet] {
        let path = "/v1/anonymous/directory?network=\(network)"
        let directory = try await client.send("GET", path, answer: Directory.self).value
        let pairs = try await each("tokens  ", of: members.map { ($0.key, $0.value) }) { person, token in
            (person, try await client.wallet(of: token, network: network, directory))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private func postMessages(
        _ wallets: [Int: Wallet],
        channel: String,
        network: String
    ) async throws -> (posted: Int, uncovered: Int) {
        var wallets = wallets
        var posts: [Submission] = []
        for statement in consultation.statements {
            guard let token = wallets[statement.author]?.take(network) else { continue }
            posts.append(Submission(token, message: .init(channel: channel, text: statement.text)))
        }
        _ = try await each("messages", of: posts) { try await client.send("POST", "/v1/anonymous/submissions", $0) }
        return (posts.count, consultation.statements.count - posts.count)
    }

    private func vote(_ voter: Int, _ wallet: Wallet?, round: String) async throws {
        var wallet = wallet
        guard let token = wallet?.take(round) else { throw ReplayFailure("Voter \(voter) has no ballot token.") }
        let answers = (consultation.votes[voter] ?? [:]).compactMap { statement, vote in
            items[statement].map {
                Submission.Ballot.Answer(item: $0.id.uuidString.lowercased(), rating: Consultation.rating(of: vote))
            }
        }
        let ballot = Submission.Ballot(round: round, unit: unit(of: voter).id.uuidString.lowercased(), answers: answers)
        _ = try await client.send("POST", "/v1/anonymous/submissions", Submission(token, ballot: ballot))
    }
}
