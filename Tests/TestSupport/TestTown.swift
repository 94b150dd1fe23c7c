import AnonymousTokens
@testable import Chorus
import Foundation
import Testing

/// Runs a real server with a network of 20 members who hold tokens, and ends all of it.
///
/// - Parameter body: the server, a channel, somebody who moderates it, and the members' tokens for messages.
func withCrashTown(_ body: (TestProcess, String, TestPerson, [Token]) async throws -> Void) async throws {
    let town = try TestProcess()
    defer { town.tearDown() }
    let id = try town.run([
        "network", "create", "crash", "--name", "Netz", "--employer", "Stadt", "--key-notice-days", "0",
    ])
    town.use(network: try #require(id.flatMap { UUID(uuidString: $0) }))
    let roster = "email,displayName,unit,locale\n" + (0..<20).map { "m\($0)@example.org,M \($0),,de\n" }.joined()
    try roster.write(toFile: town.directory + ".csv", atomically: true, encoding: .utf8)
    try town.run([
        "account", "import", town.directory + ".csv", "--network", "crash", "--tokens", town.directory + ".tokens",
    ])
    let token = try town.run(["token", "create", "--role", "coordinator", "--network", "crash"]) ?? ""
    let moderation = try town.run(["token", "create", "--role", "moderator", "--network", "crash"]) ?? ""
    try town.start()
    let channel = try await town.channel(by: TestPerson(account: UUID(), membership: UUID(), token: token))
    var tokens: [Token] = []
    for row in CSV.rows(try String(contentsOfFile: town.directory + ".tokens", encoding: .utf8)).dropFirst() {
        let person = TestPerson(account: UUID(), membership: UUID(), token: row[1])
        tokens += try await town.wallet(of: person).tokens[town.network.id] ?? []
    }
    try await body(town, channel, TestPerson(account: UUID(), membership: UUID(), token: moderation), tokens)
}
