import AnonymousTokens
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// A network of 200 members who have posted one message each, through five mixes.
struct ReLinkCrowd {
    /// A message and all that only its author knows of it.
    struct Post {
        let member: Int
        let text: String
        /// No two have the same, so that a number is its author's mark.
        let theme: String
        let nullifier: String
    }

    static let members = 200
    static let batchSize = 40

    let town: TestProcess
    /// In the order of their arrival; every forty of them went through one mix.
    let posts: [Post]
    /// Members in the order in which they fetched their tokens.
    let granted: [Int]
    /// Where the write-ahead log was when the members began to fetch tokens, and when they had ended.
    let wal: (fetching: String, posting: String)

    static func batch(_ post: Int) -> Int { post / batchSize }
    static func email(_ member: Int) -> String { "kanari\(member)@example.org" }

    /// Makes it, with every setting as it is by default but for the clock, which must not mix as well.
    static func run(_ body: (ReLinkCrowd) async throws -> Void) async throws {
        setenv("CHORUS_MIX_EVERY", "10000h", 1)
        defer { unsetenv("CHORUS_MIX_EVERY") }
        let town = try TestProcess()
        defer { town.tearDown() }
        let (people, coordinator) = try makePeople(of: town)
        try town.start(logLevel: "info")
        let themes = try await makeThemes(in: town, as: coordinator).shuffled()

        let fetching = try place(in: town)
        let granted = Array(people.indices).shuffled()
        var tokens: [Int: Token] = [:]
        for member in granted {
            tokens[member] = try await town.wallet(of: people[member]).tokens[town.network.id]?.first
        }
        let posting = try place(in: town)
        var posts: [Post] = []
        for member in people.indices.shuffled() {
            let post = Post(
                member: member,
                text: "Marke-\(UUID().text)",
                theme: themes[posts.count].id,
                nullifier: try #require(tokens[member]).input.nullifier.hex
            )
            let sent = try await town.submit(
                tokens[member],
                """
                "message":{"channel":"\(themes[posts.count].channel)","theme":"\(post.theme)","unit":null,"showUnit":false,\
                "rating":\(Int.random(in: 1...5)),"text":"\(post.text)","language":"de"}
                """
            )
            try #require(sent.status == 202, "\(sent.text)")
            posts.append(post)
            // Five that wait for company once, in the third batch.
            if posts.count == 2 * batchSize + 5 {
                #expect(try town.run(["mix"]) == "mixed 0, waiting for company 5")
            }
            if posts.count % batchSize == 0 {
                #expect(try town.run(["mix"]) == "mixed 40, waiting for company 0")
            }
        }
        try await body(ReLinkCrowd(town: town, posts: posts, granted: granted, wal: (fetching, posting)))
    }

    private static func makePeople(of town: TestProcess) throws -> ([TestPerson], coordinator: TestPerson) {
        let network = try town.run([
            "network", "create", "crash", "--name", "Netz", "--employer", "Stadt", "--key-notice-days", "0",
        ])
        town.use(network: try #require(network.flatMap { UUID(uuidString: $0) }))
        let lines = (0..<members).map { "\(email($0)),M \($0),,de\n" }
        let files = (roster: town.directory + ".csv", tokens: town.directory + ".tokens")
        try ("email,displayName,unit,locale\n" + lines.joined()).write(
            toFile: files.roster,
            atomically: true,
            encoding: .utf8
        )
        try town.run(["account", "import", files.roster, "--network", "crash", "--tokens", files.tokens])
        let tokens = CSV.rows(try String(contentsOfFile: files.tokens, encoding: .utf8)).dropFirst()
        let byEmail = Dictionary(uniqueKeysWithValues: tokens.map { ($0[0], $0[1]) })
        func person(_ token: String) -> TestPerson { TestPerson(account: UUID(), membership: UUID(), token: token) }
        let people = try (0..<members).map { person(try #require(byEmail[email($0)])) }
        let coordinator = try town.run(["token", "create", "--role", "coordinator", "--network", "crash"])
        return (people, person(try #require(coordinator)))
    }

    /// A theme for every member, in channels that are as large as they may be.
    private static func makeThemes(
        in town: TestProcess,
        as coordinator: TestPerson
    ) async throws -> [(channel: String, id: String)] {
        var made: [(channel: String, id: String)] = []
        while made.count < members {
            let themes = (0..<100).map { "{\"name\":\"T \(made.count + $0)\"}" }.joined(separator: ",")
            let body = "{\"name\":\"Kanal\",\"policy\":\"p\",\"themes\":[\(themes)]}"
            let channel = try await town.send("POST", "\(town.home)/channels", body, as: coordinator).json
            made += channel["themes"].array.map { (channel["id"].string, $0["id"].string) }
        }
        return made
    }

    private static func place(in town: TestProcess) throws -> String {
        try #require(try town.rows("SELECT pg_current_wal_insert_lsn()").first?.first)
    }
}
