import Foundation
import Postgres

/// What ends by its age alone, and after how many days.
///
/// The one list of it: the daily work goes through it, and `Retention.md` is
/// compared with it.
enum RetentionRule: String, CaseIterable, Sendable {
    /// Who answered what to events that are over; their counts stay.
    case pastAnswers
    /// Events that are over, once nobody's answer to them is kept; those that a round was about stay.
    case pastEvents
    /// Texts to which no author has a way back any more.
    case endedTexts
    /// Requests to join that were approved or declined.
    case decidedRequests
    case expiredInvitations
    case expiredTokens
    /// Accounts that are in no network, ask to join none and are signed in nowhere.
    case unusedAccounts

    /// Whose rows end.
    var table: String {
        switch self {
        case .pastAnswers: "rsvp"
        case .pastEvents: "event"
        case .endedTexts: "message"
        case .decidedRequests: "join_request"
        case .expiredInvitations: "invitation"
        case .expiredTokens: "api_token"
        case .unusedAccounts: "account"
        }
    }

    /// After how many days, where nobody says otherwise.
    var days: Int {
        switch self {
        case .pastAnswers: 365
        case .pastEvents, .endedTexts: 1_095
        case .decidedRequests: 90
        case .expiredInvitations, .expiredTokens: 30
        case .unusedAccounts: 365
        }
    }

    /// What a network may choose instead; `nil` where it is not the network's to choose.
    var choice: ClosedRange<Int>? {
        switch self {
        // The rules of admission look at audiences of the last 180 days (R3); by then a round has its own list of who
        // was asked.
        case .pastAnswers: 30...3_650
        case .pastEvents, .endedTexts: 180...36_500
        case .decidedRequests: 1...3_650
        case .expiredInvitations, .expiredTokens, .unusedAccounts: nil
        }
    }

    /// The type of the statement that deletes.
    var statement: String {
        switch self {
        case .pastAnswers: "\(DeletePastAnswers.self)"
        case .pastEvents: "\(DeletePastEvents.self)"
        case .endedTexts: "\(DeleteEndedTexts.self)"
        case .decidedRequests: "\(DeleteDecidedRequests.self)"
        case .expiredInvitations: "\(DeleteExpiredInvitations.self)"
        case .expiredTokens: "\(DeleteExpiredTokens.self)"
        case .unusedAccounts: "\(DeleteUnusedAccounts.self)"
        }
    }

    /// How many rows one statement deletes at most, so that nothing else waits for it; what is left goes with the
    /// next run.
    static let batch = 500
    /// How long the next run waits when something was left.
    static let pause: TimeInterval = 60
}

extension ServerParts {
    /// Deletes what has reached its age, a batch of each kind.
    ///
    /// - Returns: whether something may be left.
    func endByAge() async throws -> Bool {
        let today = PostgresDate.today(in: .gmt, at: now())
        var deleted = [try await endUnused(on: today)]
        for network in try await databases.member.execute(ReadAllNetworks()) {
            deleted += try await endByAge(in: network)
        }
        return deleted.contains { $0 >= RetentionRule.batch }
    }

    /// - Returns: how many rows each rule has deleted.
    private func endByAge(in network: Network) async throws -> [Int] {
        let chosen = try await databases.member.execute(ReadRetention(network: network.id), network: network.id)
        let days = Dictionary(chosen.map { ($0.rule, $0.days) }) { first, _ in first }
        let today = PostgresDate.today(in: network.zone, at: now())
        func end<S: DeletesInNetwork>(_ rule: RetentionRule, _: S.Type, on pool: PostgresPool) async throws -> Int {
            let before = today.adding(days: -(days[rule.rawValue] ?? rule.days))
            let statement = S(network: network.id, before: before, limit: RetentionRule.batch)
            return try await pool.first(statement, network: network.id) ?? 0
        }
        let pool = databases.member
        return [
            try await end(.pastAnswers, DeletePastAnswers.self, on: pool),
            try await end(.pastEvents, DeletePastEvents.self, on: pool),
            try await end(.endedTexts, DeleteEndedTexts.self, on: databases.mixer),
            try await end(.decidedRequests, DeleteDecidedRequests.self, on: pool),
            try await end(.expiredInvitations, DeleteExpiredInvitations.self, on: pool),
        ]
    }

    /// What belongs to no network.
    ///
    /// - Returns: the larger of the two counts.
    private func endUnused(on today: PostgresDate) async throws -> Int {
        let (pool, limit) = (databases.member, RetentionRule.batch)
        let tokens = DeleteExpiredTokens(before: today.adding(days: -RetentionRule.expiredTokens.days), limit: limit)
        let ended = try await pool.first(tokens) ?? 0
        // Who is in use again comes off the list before anybody is deleted from it.
        try await noteUnused(on: today)
        let before = today.adding(days: -RetentionRule.unusedAccounts.days)
        return max(ended, try await deleteUnused(before: before, limit: limit))
    }
}

extension Server {
    /// For how long a network keeps something.
    public struct RetentionSetting: Encodable, Sendable {
        /// Name of the rule.
        public let rule: String
        /// Days.
        public let days: Int
        /// Whether the network has said so, instead of the program.
        public let isChosen: Bool
    }

    /// Says for how long a network keeps things, and changes it.
    ///
    /// - Parameters:
    ///   - name: slug or id of the network.
    ///   - rule: what is changed; nothing by default.
    ///   - days: for how long.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func retention(of name: String, rule: String? = nil, days: Int? = nil) async throws -> [RetentionSetting] {
        let network = try await network(named: name)
        let pool = parts.databases.member
        if let rule {
            let choices = RetentionRule.allCases.filter { $0.choice != nil }
            guard let known = choices.first(where: { $0.rawValue == rule }), let choice = known.choice else {
                throw OperationRefusal("Rules are \(choices.map(\.rawValue).joined(separator: ", ")).")
            }
            guard let days, choice.contains(days) else {
                throw OperationRefusal("\(rule) may be \(choice.lowerBound) to \(choice.upperBound) days.")
            }
            _ = try await pool.execute(SaveRetention(network: network.id, rule: rule, days: days), network: network.id)
        }
        let chosen = try await pool.execute(ReadRetention(network: network.id), network: network.id)
        let known = Dictionary(chosen.map { ($0.rule, $0.days) }) { first, _ in first }
        return RetentionRule.allCases.map {
            RetentionSetting(
                rule: $0.rawValue,
                days: known[$0.rawValue] ?? $0.days,
                isChosen: known[$0.rawValue] != nil
            )
        }
    }
}
