import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// A network in which there is one of everything, with somebody of each role.
struct FullTown: Sendable {
    let server: TestServer
    let ids: TownIDs
    let askers: [TownAsker]
    /// Has every role inside the network.
    let founder: TestPerson
    let hr: TestPerson
    /// Unspent tokens of some members, by scope.
    let wallets: [TestWallet]

    /// Builds it by the API, and what the API cannot make at once by SQL.
    init(_ server: TestServer) async throws {
        self.server = server
        let founder = try await server.session(of: server.person(.member, .organiser, .moderator, .coordinator))
        self.founder = founder
        hr = try await server.session(of: server.person(.hr))
        let people = try await server.people(20)
        askers = try await server.askers(coauthor: people[0])
        let maker = Maker(server: server, founder: founder)

        var ids = ["network": server.network.id.text, "unit": try await maker.unit()]
        (ids["channel"], ids["theme"]) = try await maker.channel()
        let organiser = askers.first { $0.name == "organiser" }?.person ?? founder
        ids["event"] = try await maker.made("events", RSVPTests.newEvent(capacity: 3), as: organiser)
        ids["request"] = try await maker.made("join-requests", "{}", as: server.person())
        let round = try await server.openRound(by: founder)
        (ids["round"], ids["item"]) = (round.id.text, round.items[0])
        ids["release"] = try await server.release(
            1,
            [(item: UUID(uuidString: round.items[0]) ?? UUID(), text: "Respekt?", unit: nil, negative: 40)]
        ).text
        ids["membership"] = people[1].membership.text
        ids["recommendation"] = try await maker.published()
        let draft = try await maker.draft(coauthor: people[0])
        ids["comment"] = draft.comment
        ids.merge(try await maker.exchange(by: hr)) { $1 }
        ids.merge(try await maker.belongings(of: people[2])) { $1 }

        var wallets: [TestWallet] = []
        for person in people[3..<8] { wallets.append(try await server.wallet(of: person)) }
        self.wallets = wallets
        ids["message"] = try await maker.anonymous(ids)
        ids["suggestion"] = UUID().text
        let planned = try await maker.made("rounds", Maker.round)
        self.ids = TownIDs(byName: ids, draft: draft.id, plannedRound: planned)
    }
}

/// Makes the things of a town.
private struct Maker {
    let server: TestServer
    let founder: TestPerson

    private var network: String { server.network.id.text }

    func made(_ path: String, _ json: String, as person: TestPerson? = nil) async throws -> String {
        let reply = try await server.send("POST", "\(server.home)/\(path)", json, as: person ?? founder)
        #expect(reply.status == 201, "\(path): \(reply.text)")
        return reply.json["id"].string
    }

    private func put(_ path: String, _ json: String, version: Int? = nil, as person: TestPerson? = nil) async throws {
        let headers = version.map { ["If-Match": "\"\($0)\""] } ?? [:]
        let reply = try await server.send("PUT", path, json, as: person ?? founder, headers: headers)
        #expect(reply.status < 300, "\(path): \(reply.text)")
    }

    func unit() async throws -> String {
        let id = UUID().text
        try await put(
            "\(server.home)/units",
            "{\"items\":[{\"id\":\"\(id)\",\"name\":\"Amt\",\"parent\":null}]}",
            version: 1
        )
        return id
    }

    func channel() async throws -> (channel: String, theme: String) {
        let id = try await server.channel(by: founder)
        let list = try await server.send("GET", "\(server.home)/channels", as: founder)
        return (id, list.json["items"][0]["themes"][0]["id"].string)
    }

    static let round = """
        {"title":"Geplant","opensAt":"2099-12-01T08:00:00Z","closesAt":"2099-12-02T08:00:00Z","items":[{"text":"Respekt?"}]}
        """
    private static let draft = "{\"title\":\"a\",\"text\":\"b\",\"measure\":\"c\",\(TestServer.provenance)}"

    func published() async throws -> String {
        let id = try await made("recommendations", Self.draft)
        try await put(
            "\(server.home)/recommendations/\(id)/publication",
            "{\"answerDueOn\":\"\(PostgresDateText.inAMonth)\"}"
        )
        return id
    }

    /// A draft with a co-author and a comment, before the panel and an advisory body.
    func draft(coauthor: TestPerson) async throws -> (id: String, comment: String) {
        let id = try await made("recommendations", Self.draft)
        let path = "\(server.home)/recommendations/\(id)"
        try await put("\(path)/coauthors/\(coauthor.membership.text)", "{\"bench\":\"network\"}")
        let comment = try await made(
            "recommendations/\(id)/comments",
            "{\"paragraph\":1,\"version\":1,\"text\":\"d\"}"
        )
        let until = "\"until\":\"\(PostgresDateText.inAMonth)\""
        try await put("\(path)/review", "{\(until)}")
        try await put("\(path)/consultation", "{\(until),\"bodies\":[\"Personalrat\"]}")
        return (id, comment)
    }

    /// A receiver of notices with one that it did not take, and a town that is trusted.
    func exchange(by hr: TestPerson) async throws -> [String: String] {
        let hook = "{\"url\":\"https://hr.musterhafen.example/chorus\",\"events\":[\"recommendation.published\"]}"
        let webhook = try await server.send("POST", "\(server.record)/webhooks", hook, as: hr).json["id"].string
        let letter = UUID().text
        try await server.run(
            """
            INSERT INTO webhook_delivery (network_id, webhook_id, id, event, on_day, due_at, state, failure, failed_on)
            VALUES ('\(network)', '\(webhook)', '\(letter)', 'recommendation.published', current_date, now(), 'dead', '500',
                current_date)
            """,
            on: .private
        )
        let key = TestServer.randomReceipt()
        let keyId = TownKey.id(of: key).hex
        try await put(
            "\(server.home)/trusted-towns/\(keyId)",
            "{\"publicKey\":\"\(Base64URL.encode(key))\",\"name\":\"Nachbarin\"}"
        )
        return ["webhook": webhook, "letter": letter, "keyId": keyId]
    }

    /// A session and an API token of a member.
    func belongings(of person: TestPerson) async throws -> [String: String] {
        let session = try await server.session(of: person)
        let sessions = try await server.send("GET", "/v1/me/sessions", as: session)
        let tokens = try await server.send("GET", "/v1/me/api-tokens", as: session)
        return ["session": sessions.json["items"][0]["id"].string, "apiToken": tokens.json["items"][0]["id"].string]
    }

    /// Tokens for as many members as a key needs, so that it takes submissions, and a message.
    func anonymous(_ ids: [String: String]) async throws -> String {
        let message = UUID().text
        try await server.run(
            """
            INSERT INTO token_grant (network_id, membership_id, key_id, request_digest)
            SELECT m.network_id, m.id, k.key_id, sha256(k.key_id)
            FROM membership m JOIN anon_key k ON k.network_id = m.network_id
            WHERE m.network_id = '\(network)' AND NOT 'hr' = ANY (m.roles)
            ON CONFLICT DO NOTHING;
            INSERT INTO message (network_id, id, channel_id, batch_day, theme_id, text, language, state)
            VALUES ('\(network)', '\(message)', '\(ids["channel"] ?? "")', current_date, '\(ids["theme"] ?? "")', 'Hallo', 'de',
                'open');
            """,
            on: .private
        )
        return message
    }
}
